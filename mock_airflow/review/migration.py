"""Moving a client to Airflow 3: what each of its calls to /api/v1 becomes, by the tables of operations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mock_airflow.api.migration import EVERYWHERE, becomes
from mock_airflow.review.traffic import Seen, Traffic, grouped

_ORDERS = {"execution_date": "logical_date"}  # by which v1 orders, and what v2 takes instead (observed)
_SHOWN = 6  # names that fell out of an answer; a table has all of them


@dataclass(frozen=True)
class Move:
    """What one operation of a client's becomes.

    ``calls`` are the numbers of the calls, ``before`` and ``after`` the operation in both versions, None where Airflow
    3 has none. ``request`` tells what is different in what these calls send, ``answer`` in what they get, and ``notes``
    what no table can tell.
    """

    calls: tuple[int, ...]
    before: str
    after: str | None
    request: tuple[str, ...] = ()
    answer: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The move for people."""
        times = f"{len(self.calls)} call{'s' if len(self.calls) != 1 else ''}"
        told = [f"{self.before}  ({times})", f"  -> {self.after or 'gone: Airflow 3 has nothing in its place'}"]
        told += [f"     request: {each}" for each in self.request]
        told += [f"     answer: {each}" for each in self.answer[:_SHOWN]]
        if len(self.answer) > _SHOWN:
            told.append(f"     answer: ... and {len(self.answer) - _SHOWN} more fields")
        return [*told, *(f"     {each}" for each in self.notes)]

    def as_json(self) -> dict[str, Any]:
        """The move for programs."""
        return {
            "calls": list(self.calls),
            "before": self.before,
            "after": self.after,
            "request": list(self.request),
            "answer": list(self.answer),
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Migration:
    """What has to change in a client for Airflow 3: what holds everywhere, then operation by operation."""

    everywhere: tuple[str, ...]
    moves: tuple[Move, ...]

    def __str__(self) -> str:
        if not self.moves:
            return "No call went to /api/v1 or /api/experimental; nothing has to move."
        lines = ["Everywhere", *(f"  {each}" for each in self.everywhere), ""]
        for move in self.moves:
            lines += [*move.lines(), ""]
        return "\n".join(lines).rstrip()

    def as_json(self) -> dict[str, Any]:
        """The migration for programs."""
        return {"everywhere": list(self.everywhere), "moves": [move.as_json() for move in self.moves]}


def migration_of(traffic: Traffic) -> Migration:
    """What each operation of version 2 that the traffic has called becomes; refused calls too, as they are meant."""
    old = (call for call in traffic if call.operation is not None and call.version in ("v1", "fab", "experimental"))
    groups = grouped((call for call in old if call.version != "fab"), lambda call: (call.version, call.id))
    moves = []
    for (version, _), calls in groups.items():
        numbers = tuple(call.number for call in calls)
        operation = calls[0].operation
        assert operation is not None
        before = f"{operation.method} {calls[0].described.prefix}{operation.path}"
        if version == "experimental":
            moves.append(Move(numbers, before, None, notes=("The experimental API is gone; begin with /api/v2.",)))
            continue
        request: dict[str, None] = {}
        answer: dict[str, None] = {}
        after = ""
        notes: tuple[str, ...] = ()
        for call in _unlike(calls):
            became = becomes(
                call.method, "/api/v1" + call.entry.path.partition("/api/v1")[2], call.entry.query, call.sent
            )
            if became is None:
                continue
            prefix = became.path[: became.path.index(became.v2.path.split("{")[0].rstrip("/"))]
            after, notes = f"{became.method} {prefix}{became.v2.path}", became.notes
            order = (call.asked("order_by") or str(call.body.get("order_by") or "")).lstrip("-")
            if order in _ORDERS:
                _note(request, [f"order_by={order} is refused; it is order_by={_ORDERS[order]} now"])
            _note(request, (f"in the {each.where}, {each}" for each in became.concerned if each.where != "answer"))
            _note(answer, (str(each) for each in became.concerned if each.where == "answer"))
        if after:
            moves.append(Move(numbers, before, after, tuple(request), tuple(answer), notes))
    return Migration(EVERYWHERE, tuple(moves))


def _unlike(calls: Iterable[Seen]) -> Iterable[Seen]:
    """One call of those that send the same names."""
    return {(frozenset(call.query), frozenset(call.body)): call for call in calls}.values()


def _note(told: dict[str, None], more: Iterable[str]) -> None:
    for each in more:
        told.setdefault(each)
