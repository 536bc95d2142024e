"""The review of a session: --mock-airflow-review, its ini options and its marker."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugin.suite import Suite

TESTS = """
import pytest
import requests

def ask(mock, path, agent="loader/1.0"):
    return requests.get(f"{mock.api_url}{path}", headers={**mock.headers, "User-Agent": agent})

@pytest.fixture
def many(mock_airflow):
    for number in range(120):
        mock_airflow.add_dag(f"dag_{number}")
    return mock_airflow

def test_reads_a_page(many):
    ask(many, "/dags")

def test_reads_one(many):
    ask(many, "/dags/dag_1")

MARK
def test_reads_a_page_too(many):
    ask(many, "/dags")
"""


@pytest.fixture
def tests(suite: Suite) -> Any:
    suite.write(TESTS.replace("MARK", ""))
    return suite


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_one_summary_a_session(tests: Any, workers: tuple[str, ...]) -> None:
    result = tests.run(*workers, "--mock-airflow-review")

    result.stdout.fnmatch_lines(
        [
            "*mock-airflow review*",
            "ERROR first-page-only: Reads the first page only",
            "  #1 read 100 of 120 items, and the rest was never read.",
            "  In: *::test_reads_a_page, *::test_reads_a_page_too",
            "3 calls reviewed: 1 rule broken.",
        ]
    )
    assert result.ret == 0
    assert str(result.stdout).count("ERROR first-page-only") == 1
    assert "mock-airflow review" not in str(tests.run().stdout)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_a_session_fails_for_it_on_demand(tests: Any, workers: tuple[str, ...]) -> None:
    result = tests.run(*workers, "--mock-airflow-review=fail")

    result.assert_outcomes(passed=3)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["3 calls reviewed: 1 rule broken, for which the session fails."])


def test_ini_options_say_it_for_everybody(tests: Any) -> None:
    tests.ini("mock_airflow_review = fail", "mock_airflow_review_ignore =", "    first-page-only: a sample is enough")
    result = tests.run()

    assert result.ret == 0
    result.stdout.fnmatch_lines(["Ignored: first-page-only (a sample is enough)", "3 calls reviewed: no advice."])
    tests.ini("mock_airflow_review = report", "mock_airflow_review_severity = note")
    tests.run().stdout.fnmatch_lines(["NOTE more-rights-than-needed*"])


def test_marker_speaks_for_one_test(suite: Suite) -> None:
    mark = '@pytest.mark.mock_airflow_review(ignore={"first-page-only": "it asks for no more"})'
    suite.write(TESTS.replace("MARK", mark))
    result = suite.run("--mock-airflow-review=fail")
    result.stdout.fnmatch_lines(["  In: *::test_reads_a_page", "Ignored: first-page-only (it asks for no more)"])
    suite.write(TESTS.replace("MARK", '@pytest.mark.mock_airflow_review(ignore="all")'))
    suite.run("--mock-airflow-review").stdout.fnmatch_lines(["2 calls reviewed: 1 rule broken."])


@pytest.mark.parametrize(
    ("arguments", "ini", "mark", "said"),
    [
        (("--mock-airflow-review=loud",), "", "", "*'report' or 'fail', not 'loud'*"),
        (("--mock-airflow-review", "test_it.py"), "", "", "*before a path write --mock-airflow-review=report*"),
        ((), "mock_airflow_review = loud", "", "*'report' or 'fail', not 'loud'*"),
        (("--mock-airflow-review",), "mock_airflow_review_severity = grave", "", "*there are note, warning, error*"),
        (("--mock-airflow-review",), "mock_airflow_review_ignore = first-page", "", "*did you mean 'first-page-only'*"),
        ((), "", "@pytest.mark.mock_airflow_review(ignore=['first-page'])", "*did you mean 'first-page-only'*"),
        (
            (),
            "",
            "@pytest.mark.mock_airflow_review(reason='so')",
            "*takes ignore= and severity= by name, not 'reason'*",
        ),
    ],
)
def test_what_cannot_be_used_is_a_usage_error(
    suite: Suite, arguments: tuple[str, ...], ini: str, mark: str, said: str
) -> None:
    suite.ini(ini)
    suite.write(TESTS.replace("MARK", mark))
    result = suite.run(*arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: mock-airflow: {said}"])
