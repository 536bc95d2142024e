"""What a failing test is told: the calls that its deployments saw. And that a strict test fails at all."""

from __future__ import annotations

import re
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .guard import guarded, printable

if TYPE_CHECKING:
    from mock_airflow.testing.mock import MockAirflow

SECTION = "mock-airflow calls"
_HINT = "Say which are expected with mock_airflow.expect(status), as in: with mock_airflow.expect(404): ..."
_WIDTH = "mock_airflow_width"
_NO_TERMINAL = 100

_UNFIT = re.compile(r"[^\w.-]+")  # for a file's name
_LONGEST_NAME = 100

mocks_of_test = pytest.StashKey[list["MockAirflow"]]()


class CallReporter:
    """Adds the section to reports of failures; registered once a session when the first fixture is used."""

    def __init__(self, config: pytest.Config, folders: pytest.TempPathFactory | None) -> None:
        self._folders = folders  # None where pytest keeps none
        self._folder: Path | None = None
        of_controller = getattr(config, "workerinput", {}).get(_WIDTH)  # a worker of xdist has no terminal
        self._width = of_controller or _terminal_width(config)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Fail a strict test for error answers that it did not expect, unless it fails by itself."""
        try:
            result = yield
        except BaseException:
            from mock_airflow.testing.expectations import excuse

            with guarded("excuse the errors of a test that fails by itself"):
                for mock in item.stash.get(mocks_of_test, ()):
                    excuse(mock.deployment, mock.deployment.journal.errors())
            raise
        with guarded("check whether each error was expected", partial(pytest.fail, pytrace=False)):
            check_strictness(item.stash.get(mocks_of_test, None))
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[Any]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let the report say what was asked and answered."""
        report = yield
        mocks = item.stash.get(mocks_of_test, None)
        if mocks is not None:
            if report.failed:
                report.sections += self._sections(mocks, item.nodeid)
            if report.when == "teardown":
                del item.stash[mocks_of_test]  # pytest keeps the item until the session ends
        return report

    def _sections(self, mocks: list[MockAirflow], nodeid: str) -> list[tuple[str, str]]:
        """Title and text of the section of each deployment."""
        told = []
        for number, mock in enumerate(mocks, 1):
            lines: list[str] = []
            with guarded("tell the calls", lines.append):
                lines.append(printable(self._story(mock, nodeid, number if len(mocks) > 1 else 0)))
            which = f" ({number} of {len(mocks)}: {mock.settings.profile})" if len(mocks) > 1 else ""
            told.append((f"{SECTION}{which}", "\n".join(lines)))
        return told

    def _story(self, mock: MockAirflow, nodeid: str, number: int) -> str:
        """The story, with the state in a file of the session's where one can be written."""
        told: list[str] = []
        with guarded("save the state for `serve --saved`", told.append):
            told.append(mock.story(width=self._width, keep=self._file(nodeid, number)))
        if len(told) == 1 and told[0].startswith("mock-airflow could not"):
            told.append(mock.story(width=self._width))
        return "\n".join(told)

    def _file(self, nodeid: str, number: int) -> Path | None:
        if self._folders is None:
            return None
        if self._folder is None:
            self._folder = self._folders.mktemp("mock-airflow")
        name = _UNFIT.sub("-", nodeid)[-_LONGEST_NAME:].strip("-")
        return self._folder / f"{name}{f'-{number}' if number else ''}.saved"


def check_strictness(mocks: list[MockAirflow] | None) -> None:
    """Fail the test for error answers and idle fault rules that it did not expect, where it is strict."""
    __tracebackhide__ = True
    complaints, hints = [], []
    for mock in mocks or ():
        try:
            mock.check_strictness()
        except AssertionError as error:
            complaints.append(str(error))
            if type(error).__name__ == "UnexpectedAnswerError":
                hints = [_HINT]
    if complaints:
        pytest.fail(printable("\n".join([*complaints, *hints])), pytrace=False)


def tell_width(config: pytest.Config, workerinput: dict[str, Any]) -> None:
    """Let a worker of xdist know how wide the terminal is that its reports are shown on."""
    workerinput[_WIDTH] = _terminal_width(config)


def _terminal_width(config: pytest.Config) -> int:
    if not config.pluginmanager.has_plugin("terminalreporter"):  # `-p no:terminal`: reports are read elsewhere
        return _NO_TERMINAL
    return config.get_terminal_writer().fullwidth
