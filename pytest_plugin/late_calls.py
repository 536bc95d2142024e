"""Which tests' deployments were called when the test was over, as pytest's warnings tell."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from .guard import guarded, printable

if TYPE_CHECKING:
    from mock_airflow.errors import LateCallWarning
    from mock_airflow.testing.late_calls import LateCalls

_SHOWN = 5


class LateCallReporter:
    """Warns at the end of the test during which a late call came; registered when the first fixture is used."""

    def __init__(self, late_calls: LateCalls) -> None:
        self._late_calls = late_calls

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Tell what came since the last test, in the thread that pytest listens to."""
        result = yield
        self._warn()
        return result

    def pytest_sessionfinish(self) -> None:
        """Tell what came after the last test, which no test can fail for any more; then close the ports."""
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            self._warn()
        with guarded("close the ports of tests that are over"):
            self._late_calls.close()

    def _warn(self) -> None:
        warning = None
        with guarded("tell which calls came late"):
            warning = self._warning()
        if warning is not None:  # outside of the guard, as where warnings are errors the test is to fail
            warnings.warn(warning, stacklevel=1)

    def _warning(self) -> LateCallWarning | None:
        from mock_airflow.errors import LateCallWarning

        calls = self._late_calls.take()
        if not calls:
            return None
        times = Counter(call.test for call in calls)
        told = []
        for test in [*times][:_SHOWN]:
            first = next(call for call in calls if call.test == test)
            more = f" and {times[test] - 1} more" if times[test] > 1 else ""
            told.append(f"The test {test} was over when its deployment got {first.method} {first.path}{more}.")
        if len(times) > _SHOWN:
            told.append(f"So it was with {len(times) - _SHOWN} more tests.")
        told.append("The answer was 410; something that the test started still runs, such as a thread.")
        return LateCallWarning(printable(" ".join(told)))
