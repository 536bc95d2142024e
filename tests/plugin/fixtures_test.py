"""The plugin's fixtures, as somebody's test suite sees them."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from tests.plugin.suite import Suite


def test_fixtures_are_there_with_the_first_sentence_of_what_they_give(suite: Suite) -> None:
    names = "mock_airflow mock_airflow_factory mock_airflow_env mock_airflow_settings mock_airflow_httpserver".split()
    suite.run("--fixtures").stdout.fnmatch_lines_random([f"{name} -- *plugin.py:*" for name in names])
    suite.run("--markers").stdout.fnmatch_lines(
        ["@pytest.mark.mock_airflow(profile=..., world=..., [*][*]settings): *"]
    )


def test_a_client_is_tested_over_the_socket_and_in_process(suite: Suite) -> None:
    suite.write(
        """
        import requests
        from mock_airflow import MockAirflow

        def test_socket(mock_airflow: MockAirflow):
            mock_airflow.add_dag("etl", tasks=("extract", "load"))
            answer = requests.post(f"{mock_airflow.api_url}/dags/etl/dagRuns", headers=mock_airflow.headers, json={})
            mock_airflow.clock.advance(minutes=5)
            assert mock_airflow.dag_run("etl", answer.json()["dag_run_id"]).state == "success"

        def test_in_process(mock_airflow):
            with mock_airflow.intercept("https://airflow.example/"):
                assert requests.get("https://airflow.example/health").ok
            assert [call.path for call in mock_airflow.calls] == ["/health"]
        """
    )
    assert suite.outcomes() == {"passed": 2}


def test_factory_makes_several(suite: Suite) -> None:
    suite.write(
        """
        import pytest

        @pytest.mark.mock_airflow(seed=3, profile="datacoves")
        def test_two(mock_airflow_factory, mock_airflow):
            one, two = mock_airflow_factory(profile="airflow2"), mock_airflow_factory(seed=5)
            assert [(each.settings.profile, each.settings.seed) for each in (one, two, mock_airflow)] == [
                ("airflow2", 3), ("datacoves", 5), ("datacoves", 3)
            ]
            one.add_dag("etl")
            two.add_dag("etl")
            assert len({one.url, two.url, mock_airflow.url}) == 3

        def test_error(mock_airflow_factory):
            with pytest.raises(pytest.UsageError, match="no setting 'profle'; did you mean 'profile'"):
                mock_airflow_factory(profle="datacoves")
        """
    )
    assert suite.outcomes() == {"passed": 2}


def test_env_is_set_and_undone(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_AIRFLOW_API_URL", "https://real.example/api/v1/")
    suite.write(
        """
        import os, pytest

        @pytest.mark.mock_airflow(profile="datacoves")
        def test_set(mock_airflow, mock_airflow_env):
            assert os.environ["MY_AIRFLOW_API_URL"] == mock_airflow.api_url + "/"
            assert {name: os.environ[name] for name in mock_airflow_env} == mock_airflow_env
            assert os.environ["MY_AIRFLOW_API_KEY"] == mock_airflow.credentials["api_key"]

        def test_undone():
            assert os.environ["MY_AIRFLOW_API_URL"] == "https://real.example/api/v1/"
            assert "MY_AIRFLOW_API_KEY" not in os.environ
        """
    )
    assert suite.outcomes() == {"passed": 2}


def test_virtual_sleep_is_for_the_test_that_asks(suite: Suite) -> None:
    suite.write(
        """
        import threading, time
        real = time.sleep

        def test_asks(mock_airflow, virtual_sleep):
            before = mock_airflow.clock.now()
            time.sleep(3600)
            threading.Event().wait(60)
            assert virtual_sleep.slept == [3600, 60]
            assert (mock_airflow.clock.now() - before).total_seconds() >= 3660

        def test_does_not(mock_airflow):
            assert time.sleep is real
        """
    )
    assert suite.outcomes() == {"passed": 2}


def test_httpserver_answers_scripted_calls_first_and_over_tls_too(suite: Suite) -> None:
    pytest.importorskip("pytest_httpserver")
    pytest.importorskip("trustme")
    suite.write(
        """
        import requests

        def test_plain(mock_airflow, mock_airflow_httpserver):
            mock_airflow_httpserver.expect_oneshot_request("/api/v1/dags").respond_with_data("", status=503)
            url = mock_airflow_httpserver.url_for("/api/v1/dags")
            assert [requests.get(url, headers=mock_airflow.headers).status_code for _ in range(2)] == [503, 200]

        def test_tls(mock_airflow, mock_airflow_httpserver_tls):
            server = mock_airflow_httpserver_tls
            assert requests.get(server.url_for("/health"), verify=server.ca_file).ok
            assert mock_airflow.calls[0].path == "/health"
        """
    )
    assert suite.outcomes() == {"passed": 2}


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_least_privilege_of_a_session_is_printed_on_demand(suite: Suite, workers: tuple[str, ...]) -> None:
    suite.write(
        """
        import requests

        def test_reads(mock_airflow):
            requests.get(f"{mock_airflow.api_url}/dags", headers=mock_airflow.headers)

        def test_changes(mock_airflow):
            mock_airflow.add_dag("etl")
            requests.post(f"{mock_airflow.api_url}/dags/etl/dagRuns", json={}, headers=mock_airflow.headers)
        """
    )
    suite.run(*workers, "--mock-airflow-least-privilege").stdout.fnmatch_lines(
        [
            "*mock-airflow least privilege*",
            "role User, scope read-write (*; calls: 2)",
            "*test_changes: role User, scope read-write *",
            "*test_reads: role Viewer, scope read-only *",
        ]
    )
    assert "least privilege" not in str(suite.run().stdout)


def test_fixtures_work_in_unittest_and_where_they_are_asked_for_by_name(suite: Suite) -> None:
    suite.write(
        """
        import unittest
        import pytest

        class Case(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def airflow(self, mock_airflow):
                self.airflow = mock_airflow

            def test_it(self):
                assert self.airflow.add_dag("etl").dag_id == "etl"

        def test_dynamic(request):
            assert request.getfixturevalue("mock_airflow").calls == []
        """
    )
    assert suite.outcomes() == {"passed": 2}


ASYNC = """
    import asyncio
    import httpx
    import pytest
    {mark}

    @pytest.mark.parametrize("number", range(3))
    async def test_socket(mock_airflow, number):
        mock_airflow.add_dag("etl")
        async with httpx.AsyncClient(base_url=mock_airflow.api_url, headers=mock_airflow.headers) as client:
            answers = await asyncio.gather(*(client.post("/dags/etl/dagRuns", json={{}}) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [200] * 4
        assert len(mock_airflow.calls) == 4

    @pytest.mark.parametrize("number", range(3))
    async def test_in_process(mock_airflow, virtual_sleep, number):
        async with httpx.AsyncClient(base_url="https://airflow.example") as client:
            with mock_airflow.intercept("https://airflow.example"):
                await asyncio.sleep(600)
                assert (await client.get("/health")).status_code == 200
        assert (virtual_sleep.slept, len(mock_airflow.calls)) == ([600], 1)
"""


@pytest.mark.parametrize("mode", ["auto", "strict"])
@pytest.mark.parametrize("scope", ["function", "session"])
def test_async_suites_in_both_modes_of_pytest_asyncio(suite: Suite, mode: str, scope: str) -> None:
    pytest.importorskip("pytest_asyncio")
    pytest.importorskip("httpx")
    early = version("pytest_asyncio") < "0.24"  # the last for pytest 8.0
    suite.ini(f"asyncio_mode = {mode}", "" if early else "asyncio_default_fixture_loop_scope = function")
    parameter = "scope" if early else "loop_scope"
    mark = f"pytestmark = pytest.mark.asyncio({parameter}={scope!r})"
    suite.write(ASYNC.format(mark=mark if mode == "strict" or scope == "session" else ""))

    # In a process of its own, as pytest-asyncio 0.23 leaves the last loop open, for which another test would be blamed.
    assert suite.outcomes("-p", "pytest_asyncio.plugin", apart=True) == {"passed": 6}
