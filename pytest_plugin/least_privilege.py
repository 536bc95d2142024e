"""What `--mock-airflow-least-privilege` prints at the end of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .report import mocks_of_test

if TYPE_CHECKING:
    from mock_airflow.access.permissions import Access
    from mock_airflow.deployment import Deployment


class LeastPrivilegeReporter:
    """Adds up what the tests' calls needed. Under xdist each worker sends its lines along with its reports."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._needs: list[tuple[Access, str | None]] = []
        self._last: Deployment | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Look at the calls of the test, while its deployments are there."""
        from mock_airflow.least_privilege import needs_of, of_calls

        needs: list[tuple[Access, str | None]] = []
        for mock in item.stash.get(mocks_of_test, ()):
            needs += needs_of(mock.deployment)
            self._last = mock.deployment
        if needs and self._last is not None:
            self._needs += needs
            self._lines.append(f"{item.nodeid}: {of_calls(self._last, needs)}")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The session's line, and one for each test."""
        from mock_airflow.least_privilege import of_calls

        terminalreporter.section("mock-airflow least privilege")
        if self._last is None:
            terminalreporter.write_line("No call needed any permission.")
            return
        terminalreporter.write_line(str(of_calls(self._last, self._needs)))
        for line in self._lines:
            terminalreporter.write_line(f"  {line}")
