"""Which error answers nobody expected, and how a test says that it expects some.

Where the setting ``strict`` is on, a test fails when one of its calls was answered with 4xx or 5xx, or not at all, and

- no ``expect(...)`` was entered around it that names its status,
- no fault rule of the test's had a hand in it (one that only delays answers has none), and
- no failure of the catalogue that the test had provoked by then shows itself by that status.

It fails, too, for a fault rule of its own that never fired, unless that was added with ``optional=True``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mock_airflow.errors import RuleNeverFiredError, UnexpectedAnswerError
from mock_airflow.journal import tracebacks
from mock_airflow.journal.journal import Entry
from mock_airflow.journal.matching import WantedCall, nearest
from mock_airflow.testing.calls import Calls, line, lines

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from mock_airflow.deployment import Deployment
    from mock_airflow.faults.rule import Rule

ANY_CALL = "* *"
__tracebackhide__ = tracebacks.assertions
_SHOWN = 10


def check(deployment: Deployment) -> None:
    """Raise UnexpectedAnswerError or RuleNeverFiredError for what a strict test does not forgive; each is told once."""
    found = unexpected(deployment)
    with deployment.lock:
        unused = [rule for rule in deployment.faults.never_fired() if not rule.optional]
        excuse(deployment, found)
    said = "\n".join([*([complaint(found)] if found else []), *map(never_fired, unused)])
    if found:
        raise UnexpectedAnswerError(said)
    if unused:
        raise RuleNeverFiredError(said)


def excuse(deployment: Deployment, errors: Iterable[Entry]) -> None:
    """Forgive some errors, and every rule that has not fired so far."""
    with deployment.lock:
        deployment.journal.excuse(errors)
        deployment.faults.excuse()


def never_fired(rule: Rule) -> str:
    """What is said of a rule that never fired."""
    saw = {0: "no call", 1: "1 call"}.get(rule.seen, f"{rule.seen} calls")
    rested = f"strict: the fault rule {rule.id} ({rule.text}) never fired; it saw {saw}."
    return f"{rested} Add it with optional=True where that may be."


def unexpected(deployment: Deployment) -> Calls:
    """The calls whose error answers nobody expected, oldest first; at most the latest hundred."""
    return Calls(entry for entry in deployment.journal.errors() if not entry.ordered)


def complaint(entries: list[Entry]) -> str:
    """What is said of unexpected answers."""
    what = (
        "a call was answered with an error" if len(entries) == 1 else f"{len(entries)} calls were answered with errors"
    )
    lines = [f"  {line(entry)}{f': {entry.reason}' if entry.reason else ''}" for entry in entries[:_SHOWN]]
    if len(entries) > _SHOWN:
        lines.append(f"  ... and {len(entries) - _SHOWN} more")
    return "\n".join([f"strict: {what} that nobody expected.", *lines])


class Expectation:
    """While it is entered, answers with these statuses (any from 400 on, without one) are expected.

    ``call`` narrows it down to some calls, as for ``assert_called``. There has to be at least one: leaving raises an
    AssertionError otherwise, which shows the nearest call. ``calls`` are those that came.
    """

    def __init__(self, deployment: Deployment, statuses: tuple[int, ...], call: str) -> None:
        self.calls = Calls()
        self._journal = deployment.journal
        self._statuses = statuses
        self._wanted = WantedCall(call)
        self._before: list[Entry] = []
        self._since = 0

    def __repr__(self) -> str:
        return f"<expect {self._words}>"

    @property
    def _words(self) -> str:
        statuses = " or ".join(map(str, self._statuses)) or "an error"
        return statuses if self._wanted.call == ANY_CALL else f"{statuses} for {self._wanted.call}"

    def __enter__(self) -> Self:
        self._before, self._since = self._journal.errors(), self._journal.latest
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        before = {entry.identity for entry in self._before}
        new = [entry for entry in self._journal.errors() if entry.identity not in before]
        self.calls = Calls(entry for entry in new if self._fits(entry))
        self._journal.excuse(self.calls)
        self._before = []
        if not self.calls and kind is None:
            made = [entry for entry in self._journal if entry.number > self._since]
            near = nearest(made, self._wanted._replace(status=self._statuses[0] if self._statuses else -1))
            told = f" The nearest call is {line(near[0])}: {near[1]}." if near and self._statuses else ""
            raise AssertionError(f"{self._words} was expected, and no call was answered so.{told}\n{lines(made)}")

    def _fits(self, entry: Entry) -> bool:
        return (not self._statuses or entry.status in self._statuses) and self._wanted.difference(entry) is None
