"""A strict test fails for error answers that it did not expect."""

from __future__ import annotations

import pytest

from tests.plugin.suite import Outcomes, Suite

ASKS = """
    import pytest
    import requests

    def ask(mock, path="/api/v1/dags/none"):
        requests.get(mock.url + path, headers=mock.headers)
"""


def test_strict_test_fails_itself_and_shows_the_calls(suite: Suite, outcomes: Outcomes) -> None:
    suite.write(
        ASKS
        + """
    @pytest.mark.mock_airflow(strict=True)
    def test_it(mock_airflow):
        ask(mock_airflow, "/health")
        ask(mock_airflow)

    def test_lax(mock_airflow):
        ask(mock_airflow)
    """
    )
    result = suite.run("-rf")

    assert outcomes(result) == {"passed": 1, "failed": 1}
    result.stdout.fnmatch_lines(
        [
            "strict: a call was answered with an error that nobody expected.",
            "  #2 GET /api/v1/dags/none (404): There is no DAG 'none'.",
            "Say which are expected with mock_airflow.expect(status), as in: with mock_airflow.expect(404): ...",
            "*- mock-airflow calls -*",
            "#1 *  /health  200  *",
            "#2 *  /api/v1/dags/none  404  *",
            "FAILED test_it.py::test_it - *strict: a call was answered *",
        ]
    )


@pytest.mark.parametrize("way", ["option", "ini", "fixture", "environment"])
def test_strictness_is_a_setting_like_any_other(suite: Suite, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    fixture = "@pytest.fixture\n    def mock_airflow_settings(): return {'strict': True}\n" if way == "fixture" else ""
    if way == "ini":
        suite.ini("mock_airflow_strict = true")
    if way == "environment":
        monkeypatch.setenv("MOCK_AIRFLOW_STRICT", "1")
    suite.write(
        ASKS
        + f"""
    {fixture}
    def test_unexpected(mock_airflow_factory):
        ask(mock_airflow_factory())
        ask(mock_airflow_factory())

    def test_expected(mock_airflow):
        with mock_airflow.expect(404):
            ask(mock_airflow)

    @pytest.mark.mock_airflow(strict=False)
    def test_lax(mock_airflow):
        ask(mock_airflow)
    """
    )
    arguments = ("--mock-airflow-strict", "yes") if way == "option" else ()

    assert suite.outcomes(*arguments) == {"passed": 2, "failed": 1}


def test_own_failure_counts_more_and_calls_after_the_test_are_an_error(suite: Suite, outcomes: Outcomes) -> None:
    suite.write(
        ASKS
        + """
    pytestmark = pytest.mark.mock_airflow(strict=True)

    def test_fails_by_itself(mock_airflow):
        ask(mock_airflow)
        assert 1 == 2

    @pytest.fixture
    def leaves(mock_airflow):
        yield
        ask(mock_airflow)

    def test_calls_late(leaves):
        pass

    @pytest.fixture
    def begins(mock_airflow):
        ask(mock_airflow)

    def test_called_early(begins):
        pass

    @pytest.mark.xfail(strict=True)
    def test_is_known_to_fail(mock_airflow):
        ask(mock_airflow)
    """
    )
    result = suite.run("-rA")

    assert outcomes(result) == {"passed": 1, "failed": 2, "xfailed": 1, "errors": 1}
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_calls_late*", "strict: a call was answered *"])
    result.stdout.fnmatch_lines(["FAILED test_it.py::test_fails_by_itself - assert 1 == 2"])


def test_strict_tests_under_workers(suite: Suite, outcomes: Outcomes) -> None:
    suite.write(ASKS + "    def test_it(mock_airflow):\n        ask(mock_airflow)\n")
    result = suite.run("-n", "1", "--mock-airflow-strict", "true")

    assert outcomes(result) == {"failed": 1}
    result.stdout.fnmatch_lines(["strict: a call was answered with an error that nobody expected."])


def test_idle_fault_rule_fails_a_strict_test_once(suite: Suite, outcomes: Outcomes) -> None:
    suite.write(
        ASKS
        + """
    @pytest.mark.mock_airflow(strict=True)
    def test_idle(mock_airflow):
        mock_airflow.faults.add("get_pools", status=503)
        ask(mock_airflow, "/health")

    @pytest.mark.mock_airflow(strict=True)
    def test_fails_by_itself(mock_airflow):
        mock_airflow.faults.add("get_pools", status=503)
        assert False

    @pytest.mark.mock_airflow(strict=True)
    def test_misspelt(mock_airflow):
        mock_airflow.calls.assert_not_called("DELETE /dags/x")
    """
    )
    result = suite.run("-rf")

    assert outcomes(result) == {"failed": 3}
    result.stdout.fnmatch_lines(["strict: the fault rule 1 (get_pools: status 503) never fired; it saw no call. *"])
    result.stdout.fnmatch_lines(["The fault rule 1 never fired (get_pools: status 503); *"])
    assert "Say which are expected" not in result.stdout.str()
