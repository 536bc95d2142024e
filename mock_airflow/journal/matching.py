"""Which entries are meant, and which one is nearest to a call that was not made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from mock_airflow.domain.wildcards import matcher
from mock_airflow.errors import PatternError
from mock_airflow.journal.differences import first_difference, shortened
from mock_airflow.journal.journal import DECISIONS, Entry
from mock_airflow.journal.pattern import METHODS, CallPattern, Route
from mock_airflow.settings.spelling import hint

_ANY = object()
_COMPARED = 400  # characters: the time that it takes to compare two texts grows with the square of their length

FILTERS: Mapping[str, Callable[[Entry, Any], bool]] = {
    "operation": lambda entry, value: entry.operation_id == value,
    "operation_id": lambda entry, value: entry.operation_id == value,
    "principal": lambda entry, value: entry.principal == value,
    "request_id": lambda entry, value: entry.request_id == value,
    "status": lambda entry, value: entry.status == value,
    "decision": lambda entry, value: entry.decision == value,
    "method": lambda entry, value: entry.method == value.upper(),
    "path": lambda entry, value: matcher(value)(entry.path),
    "fault": lambda entry, value: any(fault.id == value for fault in entry.faults),
    "since": lambda entry, value: entry.number >= value,
    "until": lambda entry, value: entry.number <= value,
}


def matching(entries: Iterable[Entry], wanted: Mapping[str, Any]) -> list[Entry]:
    """The entries that fit all of some ``FILTERS``. Raises ValueError for a filter that does not exist."""
    for name in wanted:
        if name not in FILTERS:
            raise ValueError(f"calls are not filtered by {name!r}; there are {', '.join(FILTERS)}")
    return [entry for entry in entries if all(FILTERS[name](entry, value) for name, value in wanted.items())]


def check_filters(wanted: Mapping[str, Any], routes: Sequence[Route]) -> None:
    """See that filters which found nothing could have found something. Raises PatternError."""
    for name, value in wanted.items():
        if name in ("operation", "operation_id", "path"):
            pattern = CallPattern.of(value)
            if pattern.text != (pattern.path if name == "path" else pattern.operation_id):
                what = "a path alone" if name == "path" else "an operation's id"
                raise PatternError(f"Calls are filtered by {name} with {what}, not {value!r}.")
            pattern.check(routes)
        elif name in ("method", "decision"):
            known = METHODS if name == "method" else DECISIONS
            if str(value).upper() not in METHODS and value not in known:
                raise PatternError(f"There is no {name} {value!r}; {hint(value, known, 'there are')}")
        elif name in ("status", "fault", "since", "until") and not isinstance(value, int):
            raise PatternError(f"Calls are filtered by {name} with a number, not {value!r}.")


class WantedCall(NamedTuple):
    """A call that is asked for; ``call`` is the text of a ``CallPattern``."""

    call: str
    json: Any = _ANY
    query: Any = _ANY
    status: int | None = None
    principal: str | None = None

    @property
    def pattern(self) -> CallPattern:
        """Which calls the text names. Raises PatternError."""
        return CallPattern.of(self.call)

    @property
    def words(self) -> str:
        """The call as a sentence names it."""
        more = [f"with the body {shortened(self.json)}"] if self.json is not _ANY else []
        more += [f"with the query {shortened(self.query)}"] if self.query is not _ANY else []
        more += [f"answered with {self.status}"] if self.status is not None else []
        more += [f"by {self.principal}"] if self.principal is not None else []
        return " ".join([str(self.call), *more])

    def difference(self, entry: Entry) -> str | None:
        """What is first found to differ, as the end of a sentence; None when the entry is such a call."""
        return self.pattern.difference(entry) or self._difference_inside(entry)

    def _difference_inside(self, entry: Entry) -> str | None:
        if self.principal is not None and entry.principal != self.principal:
            return f"its principal is {entry.principal}, not {self.principal}"
        if self.status is not None and entry.status != self.status:
            return f"its status is {entry.status}, not {self.status}" + (f": {entry.reason}" if entry.reason else "")
        if self.query is not _ANY:
            sent = {name: values[0] if len(values) == 1 else values for name, values in _query(entry).items()}
            wanted = {name: _texts(value) for name, value in dict(self.query).items()}
            if difference := first_difference(wanted, sent, hide=entry.hide):
                return f"its query differs at {difference}"
        if self.json is not _ANY:
            if entry.request_json is None and self.json is not None:
                return "it was sent without a JSON body that could be kept"
            if difference := first_difference(self.json, entry.request_json, hide=entry.hide):
                return f"its body differs at {difference}"
        return None

    def likeness(self, entry: Entry) -> float:
        """How much an entry is like this call; more is nearer."""
        pattern = self.pattern
        if pattern.path is None:
            return _alike(pattern.text, entry.operation_id or entry.path) * 3 + self._likeness_inside(entry)
        return (entry.method == pattern.method) + _alike(pattern.path, entry.path) * 3 + self._likeness_inside(entry)

    def _likeness_inside(self, entry: Entry) -> float:
        if self.json is _ANY:
            return 0.0
        return _alike(json.dumps(self.json, sort_keys=True, default=str), _sorted(entry.request_json))


def nearest(entries: Iterable[Entry], wanted: WantedCall) -> tuple[Entry, str] | None:
    """The entry that is most like the call without being it, with the first difference; the latest of equal ones."""
    candidates = [(wanted.likeness(entry), entry.number, entry) for entry in entries]
    for _, _, entry in sorted(candidates, key=lambda each: each[:2], reverse=True):
        difference = wanted.difference(entry)
        if difference is not None:
            return entry, difference
    return None


def _query(entry: Entry) -> dict[str, list[str]]:
    return parse_qs(entry.query, keep_blank_values=True)


def _texts(value: Any) -> Any:
    return [str(each) for each in value] if isinstance(value, (list, tuple)) else str(value)


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one[:_COMPARED], other[:_COMPARED], autojunk=False).ratio()


def _sorted(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
