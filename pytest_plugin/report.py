"""What a failing test is told: the calls that its deployments saw."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_airflow.journal.journal import Entry
    from mock_airflow.mock import MockAirflow

SECTION = "mock-airflow calls"
SHOWN = 50

mocks_of_test = pytest.StashKey[list["MockAirflow"]]()


class CallReporter:
    """Adds the section to reports of failures; registered once a session when the first fixture is used."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[Any]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let the report say what was asked and answered."""
        report = yield
        mocks = item.stash.get(mocks_of_test, None)
        if mocks is not None:
            if report.failed:
                report.sections += sections(mocks)
            if report.when == "teardown":
                del item.stash[mocks_of_test]  # pytest keeps the item until the session ends
        return report


def sections(mocks: list[MockAirflow]) -> list[tuple[str, str]]:
    """Title and text of the section of each deployment."""
    numbered = len(mocks) > 1
    return [
        (
            f"{SECTION} ({number} of {len(mocks)}: {mock.settings.profile})" if numbered else SECTION,
            timeline(mock.calls),
        )
        for number, mock in enumerate(mocks, 1)
    ]


def timeline(calls: list[Entry]) -> str:
    """One line a call: number, moment on the clock, method and path, status, credential, reason."""
    if not calls:
        return "No call reached this deployment."
    left_out = len(calls) - SHOWN
    lines = [f"({left_out} earlier calls are left out)"] if left_out > 0 else []
    return "\n".join([*lines, *map(_line, calls[-SHOWN:])])


def _line(entry: Entry) -> str:
    moment = entry.at.replace(tzinfo=None).isoformat(" ", "milliseconds")
    path = f"{entry.path}?{entry.query}" if entry.query else entry.path
    credential = entry.credential or "no credential"
    parts = [f"#{entry.number}", moment, entry.method, path, str(entry.status), credential, entry.reason]
    return "  ".join(part for part in parts if part)
