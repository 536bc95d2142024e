"""What `--mock-airflow-review` prints at the end of a session, and whether it fails for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from .guard import guarded, printable
from .report import mocks_of_test

if TYPE_CHECKING:
    from mock_airflow.review.advice import Advice

MARKER = "mock_airflow_review"
OPTION = "--mock-airflow-review"
INI = "mock_airflow_review"
SEVERITY, IGNORE = f"{INI}_severity", f"{INI}_ignore"
MODES = ("report", "fail")
_DEST = "review_of_mock_airflow"  # under a name that is not a setting's
_OUTPUT = "mock_airflow_review"
_TESTS = 3  # that are named for a rule


def add_options(parser: pytest.Parser, group: pytest.OptionGroup) -> None:
    """Have pytest know the option and its ini options."""
    group.addoption(
        OPTION,
        dest=_DEST,
        nargs="?",
        const="report",
        metavar="fail",
        help="say at the end what the client does that will hurt in production; =fail fails the session for it",
    )
    parser.addini(INI, "mock-airflow: report or fail, as the option --mock-airflow-review", default="")
    parser.addini(SEVERITY, "mock-airflow: the least that the review tells: note, warning or error", default="warning")
    parser.addini(
        IGNORE, "mock-airflow: rules that the review ignores, a line each, with the reason behind a colon", "linelist"
    )


def reviewer(config: pytest.Config) -> ReviewReporter | None:
    """The reporter of the session, where a review is wanted. Raises UsageError for what cannot be used."""
    mode = config.getoption(_DEST) or config.getini(INI)
    if not mode:
        return None
    if mode not in MODES:
        raise pytest.UsageError(
            f"mock-airflow: {OPTION} is 'report' or 'fail', not {mode!r}; before a path write {OPTION}=report."
        )
    from mock_airflow.errors import ReviewError
    from mock_airflow.review import rules as rules  # fills the register
    from mock_airflow.review.advice import Severity, known

    try:
        severity = str(Severity.of(config.getini(SEVERITY)))
        ignored = ignored_of(config)
        known(ignored)
    except ReviewError as error:
        raise pytest.UsageError(f"mock-airflow: the ini options {INI}*: {error}") from None
    return ReviewReporter(mode == "fail", severity, ignored)


def ignored_of(config: pytest.Config) -> dict[str, str]:
    """The rules that the configuration ignores, with their reasons."""
    lines = (line.partition(":") for line in config.getini(IGNORE))
    return {rule.strip(): reason.strip() for rule, _, reason in lines if rule.strip()}


class ReviewReporter:
    """Adds up the advice of the tests. A worker of xdist hands it to its controller when it ends."""

    def __init__(self, fails: bool, severity: str, ignored: Mapping[str, str]) -> None:
        self._fails, self._severity, self._ignored = fails, severity, dict(ignored)
        self._found: list[tuple[str, Advice]] = []
        self._reasons: list[tuple[str, str]] = []  # rule and reason of what was ignored
        self._calls = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Look at the calls of the test, while its deployments are there."""
        with guarded(f"review {item.nodeid}"):
            self._look(item)

    def _look(self, item: pytest.Item) -> None:
        ignore, severity = {**self._ignored}, self._severity
        for mark in reversed(list(item.iter_markers(MARKER))):
            if mark.kwargs.get("ignore") == "all":
                return
            given = mark.kwargs.get("ignore", ())
            ignore |= (
                given if isinstance(given, Mapping) else dict.fromkeys([given] if isinstance(given, str) else given, "")
            )
            severity = mark.kwargs.get("severity", severity)
        for mock in item.stash.get(mocks_of_test, None) or ():
            found = mock.review(ignore=ignore, severity=severity)
            self._calls += found.calls
            self._found += [(item.nodeid, advice) for advice in found]
            self._reasons += [(advice.rule, reason) for advice, reason in found.ignored]

    @guarded("hand the review to the controller")
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """In a worker: leave what was found to the controller; elsewhere fail the session, where that is wanted."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:  # only then, as a session pays for what is imported with the plugin
            from base64 import b64encode
            from pickle import dumps

            output[_OUTPUT] = b64encode(dumps((self._found, self._reasons, self._calls))).decode()
        elif self._fails and self._found and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    @guarded("take over the review from a worker")
    def pytest_testnodedown(self, node: Any) -> None:
        """In the controller: take over what a worker has found."""
        found = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if found is not None:
            from base64 import b64decode
            from pickle import loads

            advice, reasons, calls = loads(b64decode(found))
            self._found += advice
            self._reasons += reasons
            self._calls += calls

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The session's review: each rule once, with the tests that show it."""
        with guarded("tell the review", terminalreporter.write_line):
            for line in self._lines(terminalreporter):
                terminalreporter.write_line(printable(line))

    def _lines(self, terminalreporter: Any) -> list[str]:
        from mock_airflow.review.words import told

        terminalreporter.section("mock-airflow review")
        by_rule: dict[str, list[tuple[str, Advice]]] = {}
        for test, advice in sorted(self._found, key=lambda each: (-each[1].severity, each[1].rule, each[0])):
            by_rule.setdefault(advice.rule, []).append((test, advice))
        lines: list[str] = []
        for found in by_rule.values():
            tests = list(dict.fromkeys(test for test, _ in found))
            more = f" and {len(tests) - _TESTS} more tests" if len(tests) > _TESTS else ""
            lines += [*told(found[0][1]), f"  In: {', '.join(tests[:_TESTS])}{more}", ""]
        ignored = dict.fromkeys(self._reasons)
        lines += [f"Ignored: {rule}{f' ({reason})' if reason else ''}" for rule, reason in sorted(ignored)]
        calls = f"{self._calls} call{'s' if self._calls != 1 else ''}"
        if not by_rule:
            return [*lines, f"{calls} reviewed: no advice."]
        failing = ", for which the session fails" if self._fails else ""
        return [*lines, f"{calls} reviewed: {len(by_rule)} rule{'s' if len(by_rule) != 1 else ''} broken{failing}."]


def check_mark(mark: pytest.Mark, nodeid: str) -> None:
    """Raise UsageError for a marker that cannot be used."""
    from mock_airflow.errors import ReviewError
    from mock_airflow.review import rules as rules  # fills the register
    from mock_airflow.review.advice import Severity, known

    where = f"mock-airflow: the marker {MARKER!r} of {nodeid}"
    odd = sorted(set(mark.kwargs) - {"ignore", "severity"})
    if mark.args or odd:
        raise pytest.UsageError(f"{where} takes ignore= and severity= by name, not {(*mark.args, *odd)[0]!r}.")
    given = mark.kwargs.get("ignore", ())
    try:
        known([] if given == "all" else [given] if isinstance(given, str) else given)
        Severity.of(mark.kwargs.get("severity", "note"))
    except ReviewError as error:
        raise pytest.UsageError(f"{where}: {error}") from None
