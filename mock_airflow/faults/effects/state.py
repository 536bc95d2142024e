"""Effects on what a request finds and leaves: an ended credential, an earlier state, drifting pages, a lost answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mock_airflow.api.airflow2.json_text import text_of
from mock_airflow.faults.effects.effect import effect, number

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course
    from mock_airflow.faults.rule import Rule

_TOTAL = re.compile(rb'("total_entries"\s*:\s*)(\d+)')
_READS = ("GET", "HEAD")


def _identified(course: Course) -> bool:
    return course.principal is not None and not course.principal.anonymous


def _reads(course: Course) -> bool:
    return course.request.method in _READS


def _writes(course: Course) -> bool:
    return course.request.method not in (*_READS, "OPTIONS")


@effect(
    "have the credential of the call end before it is looked at", text="its credential expires", concerns=_identified
)
def expire_credential(course: Course, rule: Rule, value: bool) -> None:
    """End the credential that the request carries, so that the profile refuses it."""
    if course.principal is not None:
        course.deployment.expire_credential(course.principal, course.request)


@effect("carry the request out, and let nobody hear of it", text="the answer is lost", answers=True)
def lost_answer(course: Course, rule: Rule, value: bool) -> Iterator[None]:
    """Carry the request out, and close the connection without a byte.

    With a status beside it the client gets that instead, as from a gateway whose patience ended before Airflow's work
    did; with a reset the connection is reset.
    """
    course.lost = True
    yield
    course.deliver(head=False, ending="close")


def _lag(value: Any) -> Any:
    if value is True:
        return True
    if isinstance(value, timedelta):
        value = value.total_seconds()
    amount = number(value, "True, or a number of seconds,")
    if not 0 < amount <= 3e9:
        raise ValueError("more than 0 seconds are expected")
    return amount


@effect(
    "answer reads from the state of so many seconds ago, or with true from that at which the rule was added",
    read=_lag,
    text=lambda value: "reads a state of before" if value is True else f"reads the state of {value:g} s ago",
    concerns=_reads,
)
def stale(course: Course, rule: Rule, value: Any) -> None:
    """Answer from an earlier state, by a copy that stands still at that moment, as a replica that lags behind would."""
    deployment = course.deployment
    with deployment.lock:
        if not deployment.faults.history:
            return  # its rules were cleared while it was on its way
        now = deployment.airflow.now()
        wanted = rule.added_at if value is True else now - timedelta(seconds=value)
        seen_at, state = deployment.faults.history.as_of(wanted)
        course.reads_from = deployment.as_of(state, min(now, max(seen_at, wanted)))


def _drift(value: Any) -> Any:
    given = value if isinstance(value, dict) else {value: 1} if isinstance(value, str) else {}
    if len(given) != 1 or next(iter(given)) not in ("added", "removed", "reordered"):
        raise ValueError("'added', 'removed' or 'reordered' is expected, or an object of one of them and a number")
    rows = next(iter(given.values()))
    if isinstance(rows, bool) or not isinstance(rows, int) or rows < 1:
        raise ValueError("at least 1 row is expected")
    return dict(given)


def _drift_text(value: dict[str, int]) -> str:
    ((kind, rows),) = value.items()
    return f"{rows} {'row' if rows == 1 else 'rows'} {kind} between pages"


def _offset(course: Course) -> int:
    text = course.request.args.get("offset", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


@effect(
    'pages after the first shift by a row that was "added", "removed" or "reordered"; {"removed": 2} for more',
    read=_drift,
    text=_drift_text,
    concerns=lambda course: _reads(course) and _offset(course) > 0,
)
def drift(course: Course, rule: Rule, value: dict[str, int]) -> Iterator[None]:
    """Have rows come, go or move between two pages of a list, so that a client meets one twice or not at all.

    The rows that changed are those in front, so the pages after the first show it: with ``removed`` each begins a row
    later, and a row is missed; with ``added`` and ``reordered`` each begins a row earlier, and a row comes twice.
    ``total_entries`` follows, but for ``reordered``, with which the list's last row, now in front, is missed. The rows
    themselves stay as they are: a client that begins anew finds the list as it was.
    """
    ((kind, rows),) = value.items()
    asked = _offset(course)
    course.ask_with("offset", str(max(0, asked + (rows if kind == "removed" else -rows))))
    yield
    found = _TOTAL.search(course.body)
    if found is None:
        return
    total = int(found[2])
    if kind == "reordered":
        _end_with_the_list(course, max(0, total - asked))
    else:
        counted = b"%d" % max(0, total + (rows if kind == "added" else -rows))
        course.put_body(course.body[: found.start(2)] + counted + course.body[found.end(2) :])


def _end_with_the_list(course: Course, left: int) -> None:
    """Leave out what stands behind the list's end now: as many rows as before went to its front."""
    told = json.loads(course.body)
    for name, listed in told.items():
        if isinstance(listed, list) and len(listed) > left:
            course.put_body(f"{text_of({**told, name: listed[:left]})}\n".encode())


@effect(
    "carry a write out twice; the client gets the second answer", text="the request arrives twice", concerns=_writes
)
def duplicate(course: Course, rule: Rule, value: bool) -> None:
    """Carry the request out twice, as when something on the way repeats it."""
    course.times = 2
