"""Whatever goes wrong inside of the plugin, every test has its result."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import pytest_mock_airflow
from mock_airflow.failures.catalogue import CATALOGUE
from mock_airflow.settings import PROFILES
from tests.plugin.suite import Outcomes, Suite

EACH_FAILURE = f"""
    import pytest, requests
    from mock_airflow.errors import FailureError

    @pytest.mark.parametrize("failure", {tuple(CATALOGUE)!r})
    @pytest.mark.parametrize("profile", {PROFILES!r})
    def test_fails(mock_airflow_factory, profile, failure):
        airflow = mock_airflow_factory(profile=profile)
        with airflow.intercept("http://h.example"):
            url, headers = f"http://h.example{{airflow.deployment.mount}}/api/v1/dags", airflow.headers
            assert requests.get(url, headers=headers).status_code == 200
            try:
                airflow.failures.provoke(failure)
            except FailureError as error:
                pytest.skip(str(error))
            try:
                requests.get(url, headers=headers, allow_redirects=False)
            except requests.ConnectionError:
                pass
        pytest.fail("on purpose")
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_test_fails_under_each_profile_and_failure(
    suite: Suite, outcomes: Outcomes, workers: tuple[str, ...]
) -> None:
    suite.write(EACH_FAILURE)
    result = suite.run(*workers)

    found = outcomes(result)
    said = str(result.stdout)
    assert sum(found.values()) == len(PROFILES) * len(CATALOGUE)
    assert found.keys() == {"failed", "skipped"}
    assert found["failed"] > 100
    assert said.count("- mock-airflow calls -") == said.count("To ask again, serve the same: ") == found["failed"]
    assert "could not" not in said
    assert "INTERNALERROR" not in said
    # What came in before can still be asked again by the variables that `serve` prints.
    for variable in ("Token $MY_AIRFLOW_API_KEY", "Bearer $ARMOR_API_KEY", "Authorization: $TOKEN", "$AUTHORIZATION"):
        assert said.count(variable) > len(CATALOGUE) / 2, variable


TESTS = """
    import pytest, requests

    def ask(airflow):
        assert requests.get(airflow.api_url + "/dags", headers=airflow.headers).status_code == 200

    def test_passes(mock_airflow):
        ask(mock_airflow)

    def test_fails(mock_airflow):
        ask(mock_airflow)
        pytest.fail("on purpose")

    def test_without():
        pass
"""
MOCK, LATE = "mock_airflow.testing.mock.MockAirflow", "mock_airflow.testing.late_calls.LateCalls"
LEAST = "mock_airflow.review.least_privilege"
WORKER, PRIVILEGE = ("-n", "1"), ("--mock-airflow-least-privilege",)
MATRIX = """
    @pytest.mark.mock_airflow_matrix(profiles=["datacoves"])
    def test_matrix(mock_airflow_matrix):
        pass
"""
USUAL = {"passed": 2, "failed": 1}
NO_FIXTURE = {"passed": 1, "errors": 2}  # those that need what could not be read say so one by one
UNCHECKED = {"passed": 1, "failed": 2, "errors": 2}  # checked once more at the fixture's end
# By hook: what is broken in it, how the tests are run, what they come to, and the line that says it.
BROKEN: dict[str, tuple[str, tuple[str, ...], dict[str, int], str]] = {
    "pytest_addoption": ("configuration.add_options", (), NO_FIXTURE, "add its options"),
    "pytest_load_initial_conftests": ("configuration.check_arguments", (), USUAL, "check the options"),
    "pytest_configure": ("configuration.read_options", (), NO_FIXTURE, "read its options"),
    "pytest_configure_node": ("report.tell_width", WORKER, USUAL, "tell a worker how wide *"),
    "pytest_generate_tests": ("matrix.parametrize", (), {**USUAL, "errors": 1}, "make the matrix of *::test_matrix"),
    "pytest_collection_modifyitems": ("configuration.check_markers", (), USUAL, "check the markers"),
    "pytest_runtest_setup": ("configuration.check_use", WORKER, USUAL, "check the markers of *"),
    "pytest_runtest_call": (f"{MOCK}.check_strictness", (), UNCHECKED, "check whether each error was expected"),
    "pytest_runtest_makereport": (f"{MOCK}.story", (), USUAL, "tell the calls"),
    "pytest_runtest_teardown": (f"{LATE}.take", (), USUAL, "tell which calls came late"),
    "pytest_sessionfinish": (f"{LATE}.close", (), USUAL, "close the ports *"),
    "pytest_terminal_summary": (f"{LEAST}.of_calls", PRIVILEGE, USUAL, "tell which privileges the tests need"),
    "pytest_testnodedown": ("least_privilege.loads", (*PRIVILEGE, *WORKER), USUAL, "take over the needed privileges *"),
}
MORE_BROKEN = [
    ("mock_airflow.journal.journal.Journal.excuse", (), USUAL, "excuse the errors of a test that fails by itself"),
    (f"{LEAST}.needs_of", PRIVILEGE, USUAL, "tell which privilege *::test_passes needs"),
    ("least_privilege.dumps", (*PRIVILEGE, *WORKER), USUAL, "hand the needed privileges to *"),
    (f"{MOCK}.story", WORKER, USUAL, "tell the calls"),
]


BREAKS = """
    from pkgutil import resolve_name

    def broken(*_, **__):
        raise RuntimeError("it is\\n  broken")

    setattr(resolve_name({owner!r}), {name!r}, broken)
"""


def broken(*_: Any, **__: Any) -> None:
    raise RuntimeError("it is\n  broken")


def test_every_hook_is_broken_below() -> None:
    hooks = set()
    for file in Path(pytest_mock_airflow.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("pytest_"):
                hooks.add(node.name)

    assert hooks == BROKEN.keys()


@pytest.mark.parametrize(("what", "options", "expected", "line"), [*BROKEN.values(), *MORE_BROKEN])
def test_what_breaks_in_a_hook_costs_a_line(
    suite: Suite,
    outcomes: Outcomes,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    options: tuple[str, ...],
    expected: dict[str, int],
    line: str,
) -> None:
    owner, _, name = (what if what.startswith("mock_airflow.") else f"pytest_mock_airflow.{what}").rpartition(".")
    suite.write(TESTS + (MATRIX if "matrix" in what else ""))
    if "-n" in options or "options" in line:  # pytest collects no warnings yet while it reads options
        suite.write(BREAKS.format(owner=owner, name=name), "breaks.py")
        suite.pytester.syspathinsert()
        run = suite.run if "-n" in options else suite.run_apart
        result = run("-p", "breaks", *options)
    else:
        monkeypatch.setattr(f"{owner}.{name}", broken)
        result = suite.run(*options)

    assert outcomes(result) == expected
    said = [*result.stdout.lines, *result.stderr.lines]
    pytest.LineMatcher(said).fnmatch_lines([f"*mock-airflow could not {line}: RuntimeError it is broken (*.py, line *"])
    assert "INTERNALERROR" not in "".join(said)


def test_what_no_report_can_carry_is_told_escaped(suite: Suite, outcomes: Outcomes) -> None:
    suite.write(
        """
        import pytest

        def test_fails(mock_airflow):
            mock_airflow.story = lambda **_: "a pool named half \\ud83d"
            pytest.fail("on purpose")
        """
    )
    result = suite.run("-n", "1")

    assert outcomes(result) == {"failed": 1}
    result.stdout.fnmatch_lines(["a pool named half \\ud83d"])


def test_reports_are_made_where_there_is_no_terminal(suite: Suite) -> None:
    suite.write(TESTS)
    result = suite.run_apart("-p", "no:terminal", "--junitxml=report.xml")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    report = (suite.path / "report.xml").read_text("utf-8")
    assert 'errors="0" failures="1" skipped="0" tests="3"' in report


def test_usage_errors_are_no_accidents(suite: Suite) -> None:
    suite.write("import pytest\n\n@pytest.mark.mock_airflow(strikt=True)\ndef test_it(mock_airflow): pass\n")

    result = suite.run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "could not" not in str(result.stderr)
