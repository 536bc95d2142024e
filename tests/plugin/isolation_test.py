"""Every test starts anew, in whatever order and process it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.suite import SHUFFLED, Suite

ANEW = """
    import pytest
    import requests

    @pytest.mark.mock_airflow(profile="datacoves", clock="2025-01-01T06:00:00Z", frozen=True, seed=4)
    @pytest.mark.parametrize("number", range(20))
    def test_starts_anew(mock_airflow, number):
        assert mock_airflow.clock.now().isoformat() == "2025-01-01T06:00:00+00:00"
        assert mock_airflow.calls == []
        assert len(mock_airflow.keys.list()) == 1
        assert mock_airflow.keys.create().secret[:8] == "%s"
        mock_airflow.add_dag("etl")
        mock_airflow.limits.set("1/day")
        mock_airflow.clock.advance(days=1)
        for status in (200, 429):
            assert requests.get(mock_airflow.api_url + "/dags", headers=mock_airflow.headers).status_code == status
        assert mock_airflow.trigger("etl").id == 1
"""


@pytest.mark.parametrize("more", [(), ("-n", "2")])
def test_every_test_starts_anew_in_any_order(suite: Suite, more: tuple[str, ...]) -> None:
    from mock_airflow import MockAirflow

    secret = MockAirflow(profile="datacoves", seed=4).keys.create().secret
    suite.write(ANEW % secret[:8])

    assert suite.outcomes(*SHUFFLED, *more) == {"passed": 20}


def test_threads_share_a_deployment_and_deployments_share_nothing(suite: Suite) -> None:
    suite.write(
        """
        import requests
        from concurrent.futures import ThreadPoolExecutor

        def test_threads(mock_airflow_factory):
            one, other = mock_airflow_factory(), mock_airflow_factory(profile="datacoves")
            for each in (one, other):
                each.add_dag("etl")

            def trigger(number):
                mock = (one, other)[number % 2]
                url = f"{mock.api_url}/dags/etl/dagRuns"
                return requests.post(url, headers=mock.headers, json={"dag_run_id": str(number)}).status_code

            with ThreadPoolExecutor(8) as pool:
                assert set(pool.map(trigger, range(40))) == {200}
            for odd, mock in enumerate((one, other)):
                assert {run.run_id for run in mock.deployment.airflow.dag_runs} == {str(n) for n in range(odd, 40, 2)}
                assert sorted(call.number for call in mock.calls) == list(range(1, 21))
        """
    )
    assert suite.outcomes() == {"passed": 1}


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="What is open is read from /proc.")
def test_the_database_of_a_test_that_is_over_is_closed(suite: Suite) -> None:
    pytest.importorskip("sqlalchemy")
    suite.write(
        """
        import os
        import pathlib
        import pytest
        import requests

        FILES = pathlib.Path("/proc/self/fd")

        def is_open():
            return any(os.path.realpath(each).endswith("kept.db") for each in FILES.iterdir())

        @pytest.mark.mock_airflow(database="sqlite:///kept.db")
        def test_one(mock_airflow):
            requests.get(mock_airflow.api_url + "/dags", headers=mock_airflow.headers).raise_for_status()
            assert is_open()

        def test_other():
            assert not is_open()
        """
    )
    assert suite.outcomes() == {"passed": 2}
