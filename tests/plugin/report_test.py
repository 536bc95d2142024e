"""What a failing test tells of its calls."""

from __future__ import annotations

from typing import Any

import pytest

FAILING = """
    import pytest
    import requests

    @pytest.mark.mock_airflow(clock="2025-01-01T06:00:00Z", frozen=True)
    def test_fails(mock_airflow):
        requests.get(mock_airflow.api_url + "/dags?limit=5", headers=mock_airflow.headers)
        mock_airflow.clock.advance(1.5)
        requests.get(mock_airflow.api_url + "/dags", auth=("admin", "a-wrong" + "-one"))
        assert False

    def test_passes(mock_airflow):
        requests.get(mock_airflow.api_url + "/health")
"""


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_failing_test_tells_its_calls(suite: Any, outcomes: Any, workers: tuple[str, ...]) -> None:
    suite.write(FAILING)
    result = suite.run_apart(*workers, "-p", "no:randomly", "-rP")

    assert outcomes(result) == {"passed": 1, "failed": 1}
    result.stdout.fnmatch_lines(
        [
            "*- mock-airflow calls -*",
            "#1  2025-01-01 06:00:00.000  GET  /api/v1/dags?limit=5  200  Basic admin:[*][*][*]",
            "#2  2025-01-01 06:00:01.500  GET  /api/v1/dags  403  Basic admin:[*][*][*]  *password*",
        ],
        consecutive=True,
    )
    assert str(result.stdout).count("mock-airflow calls") == 1
    result.stdout.no_fnmatch_line("*a-wrong-one*")
    result.stdout.no_fnmatch_line("*/health*")


def test_reports_of_several_deployments_of_none_and_of_many_calls(suite: Any) -> None:
    suite.write(
        """
        import requests

        def test_fails(mock_airflow_factory):
            mock_airflow_factory()
            other = mock_airflow_factory(profile="datacoves")
            with other.intercept("http://h.example"):
                for _ in range(60):
                    requests.get("http://h.example/api/v1/dags")
            assert False
        """
    )
    result = suite.run()

    result.stdout.fnmatch_lines(
        [
            "*- mock-airflow calls (1 of 2: airflow2) -*",
            "No call reached this deployment.",
            "*- mock-airflow calls (2 of 2: datacoves) -*",
            "(10 earlier calls are left out)",
            "[#]11 *  GET  /api/v1/dags  401  no credential  No Authorization header*",
        ]
    )


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_failing_test_without_the_fixture_is_reported_as_ever(suite: Any, outcomes: Any, order: str) -> None:
    suite.write("def test_other(): assert False\n", "test_a.py")
    suite.write("def test_it(mock_airflow): pass\n", "test_b.py")
    result = suite.run(*[f"test_{letter}.py" for letter in order])

    assert outcomes(result) == {"passed": 1, "failed": 1}
    result.stdout.no_fnmatch_line("*mock-airflow calls*")
