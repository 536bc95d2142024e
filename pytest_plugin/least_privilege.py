"""What `--mock-airflow-least-privilege` prints at the end of a session."""

from __future__ import annotations

from base64 import b64decode, b64encode
from pickle import dumps, loads
from typing import TYPE_CHECKING, Any

import pytest

from .guard import guarded
from .report import mocks_of_test

if TYPE_CHECKING:
    from mock_airflow.access.permissions import Access

_OUTPUT = "mock_airflow_least_privilege"


class LeastPrivilegeReporter:
    """Adds up what the tests' calls needed. A worker of xdist hands it to its controller when it ends."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._needs: list[tuple[Access, str | None]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Look at the calls of the test, while its deployments are there."""
        with guarded(f"tell which privilege {item.nodeid} needs"):
            self._look(item)

    def _look(self, item: pytest.Item) -> None:
        from mock_airflow.review.least_privilege import needs_of, of_calls

        needs: list[tuple[Access, str | None]] = []
        mocks = item.stash.get(mocks_of_test, None) or []
        for mock in mocks:
            needs += needs_of(mock.deployment)
        if needs:
            self._needs += needs
            self._lines.append(f"{item.nodeid}: {of_calls(mocks[-1].deployment, needs)}")

    @guarded("hand the needed privileges to the controller")
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """In a worker: leave what was found to the controller, as text."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = b64encode(dumps((self._lines, self._needs))).decode()

    @pytest.hookimpl(optionalhook=True)
    @guarded("take over the needed privileges from a worker")
    def pytest_testnodedown(self, node: Any) -> None:
        """In the controller: take over what a worker has found."""
        found = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if found is not None:
            lines, needs = loads(b64decode(found))
            self._lines += lines
            self._needs += needs

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The session's line, and one for each test."""
        with guarded("tell which privileges the tests need", terminalreporter.write_line):
            self._summarize(terminalreporter)

    def _summarize(self, terminalreporter: Any) -> None:
        terminalreporter.section("mock-airflow least privilege")
        if not self._needs:
            terminalreporter.write_line("No call needed any permission.")
            return
        from mock_airflow.deployment import Deployment
        from mock_airflow.review.least_privilege import of_calls

        terminalreporter.write_line(str(of_calls(Deployment(), self._needs)))
        for line in sorted(self._lines):
            terminalreporter.write_line(f"  {line}")
