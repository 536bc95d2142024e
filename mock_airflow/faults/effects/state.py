"""Effects on what a request finds: an earlier state, drifting pages, an ended credential, a repeated request."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mock_airflow.api.airflow2.json_text import text_of
from mock_airflow.faults.effects.effect import Effect, number, yes

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course
    from mock_airflow.faults.rule import Rule

_TOTAL = re.compile(rb'("total_entries"\s*:\s*)(\d+)')
_READS = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class ExpireCredential(Effect):
    """The credential that the request carries ends just before it is looked at, so that the profile refuses it."""

    keyword = "expire_credential"
    help = "have the credential of the call end before it is looked at"

    @classmethod
    def read(cls, value: Any) -> Any:
        """True."""
        return yes(value)

    @property
    def text(self) -> str:
        """What happens."""
        return "its credential expires"

    def concerns(self, course: Course) -> bool:
        """Only calls with a credential that is good."""
        return course.principal is not None and not course.principal.anonymous

    def before(self, course: Course, rule: Rule) -> None:
        """End it."""
        if course.principal is not None:
            course.deployment.expire_credential(course.principal, course.request)


@dataclass(frozen=True, slots=True)
class Stale(Effect):
    """Reads are answered from an earlier state, as by a replica that lags behind."""

    keyword = "stale"
    help = "answer reads from the state of so many seconds ago, or with true from that at which the rule was added"

    @classmethod
    def read(cls, value: Any) -> Any:
        """True, or seconds on the clock."""
        if value is True:
            return True
        if isinstance(value, timedelta):
            value = value.total_seconds()
        amount = number(value, "True, or a number of seconds,")
        if not 0 < amount <= 3e9:
            raise ValueError("more than 0 seconds are expected")
        return amount

    @property
    def text(self) -> str:
        """From when."""
        return "reads a state of before" if self.value is True else f"reads the state of {self.value:g} s ago"

    def concerns(self, course: Course) -> bool:
        """Only reads."""
        return course.request.method in _READS

    def before(self, course: Course, rule: Rule) -> None:
        """Have a copy answer that stands still at that moment."""
        deployment = course.deployment
        with deployment.lock:
            if not deployment.faults.history:
                return  # its rules were cleared while it was on its way
            now = deployment.airflow.now()
            wanted = rule.added_at if self.value is True else now - timedelta(seconds=self.value)
            seen_at, state = deployment.faults.history.as_of(wanted)
            course.reads_from = deployment.as_of(state, min(now, max(seen_at, wanted)))


@dataclass(frozen=True, slots=True)
class Drift(Effect):
    """Between two pages of a list rows come, go or move, so that a client meets one twice or not at all.

    The rows that changed are those in front, so the pages after the first show it: with ``removed`` each begins a row
    later, and a row is missed; with ``added`` and ``reordered`` each begins a row earlier, and a row comes twice.
    ``total_entries`` follows, but for ``reordered``, with which the list's last row, now in front, is missed. The rows
    themselves stay as they are: a client that begins anew finds the list as it was.
    """

    keyword = "drift"
    help = 'pages after the first shift by a row that was "added", "removed" or "reordered"; {"removed": 2} for more'

    @classmethod
    def read(cls, value: Any) -> Any:
        """One kind and how many rows."""
        given = value if isinstance(value, dict) else {value: 1} if isinstance(value, str) else {}
        if len(given) != 1 or next(iter(given)) not in ("added", "removed", "reordered"):
            raise ValueError("'added', 'removed' or 'reordered' is expected, or an object of one of them and a number")
        rows = next(iter(given.values()))
        if isinstance(rows, bool) or not isinstance(rows, int) or rows < 1:
            raise ValueError("at least 1 row is expected")
        return dict(given)

    @property
    def text(self) -> str:
        """What changed."""
        kind, rows = self._changed
        return f"{rows} {'row' if rows == 1 else 'rows'} {kind} between pages"

    @property
    def _changed(self) -> tuple[str, int]:
        kind, rows = next(iter(self.value.items()))
        return kind, rows

    def concerns(self, course: Course) -> bool:
        """Only pages after a first one."""
        return course.request.method in _READS and _offset(course) > 0

    def before(self, course: Course, rule: Rule) -> None:
        """Begin the page elsewhere."""
        kind, rows = self._changed
        course.asked_offset = _offset(course)
        shifted = max(0, course.asked_offset + (rows if kind == "removed" else -rows))
        course.ask_with("offset", str(shifted))

    def after(self, course: Course, rule: Rule) -> None:
        """Count the rows anew."""
        kind, rows = self._changed
        found = _TOTAL.search(course.body)
        if found is None:
            return
        total = int(found[2])
        if kind == "reordered":
            self._end_with_the_list(course, total)
        else:
            counted = b"%d" % max(0, total + (rows if kind == "added" else -rows))
            course.put_body(course.body[: found.start(2)] + counted + course.body[found.end(2) :])

    def _end_with_the_list(self, course: Course, total: int) -> None:
        """Leave out what stands behind the list's end now: as many rows as before went to its front."""
        told = json.loads(course.body)
        left = max(0, total - course.asked_offset)
        for name, listed in told.items():
            if isinstance(listed, list) and len(listed) > left:
                course.put_body(f"{text_of({**told, name: listed[:left]})}\n".encode())


def _offset(course: Course) -> int:
    text = course.request.args.get("offset", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


@dataclass(frozen=True, slots=True)
class Duplicate(Effect):
    """A write is carried out twice, as when something on the way repeats it; the client gets the second answer."""

    keyword = "duplicate"
    help = "carry a write out twice; the client gets the second answer"

    @classmethod
    def read(cls, value: Any) -> Any:
        """True."""
        return yes(value)

    @property
    def text(self) -> str:
        """What happens."""
        return "the request arrives twice"

    def concerns(self, course: Course) -> bool:
        """Only writes."""
        return course.request.method not in (*_READS, "OPTIONS")

    def before(self, course: Course, rule: Rule) -> None:
        """Ask for it."""
        course.times = 2
