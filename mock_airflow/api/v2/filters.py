"""The rows that a list's parameters let through."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar

from mock_airflow.api.airflow3.problems import database_error
from mock_airflow.api.operation import Call
from mock_airflow.domain.query import ilike

R = TypeVar("R")


def matching(
    call: Call, rows: Iterable[R], name: str, text: Callable[[R], str | None] | None = None, *, bars: bool = True
) -> Iterable[R]:
    """The rows that ``<name>_pattern`` and ``<name>_prefix_pattern`` let through; none that has no such text.

    A pattern is looked for anywhere, case ignored, with ``%`` and ``_`` wild, ``|`` between alternatives, and ``~`` for
    everything. A prefix counts up to its last letter or digit (observed). Without ``bars`` a ``|`` is one. The text is
    the attribute of that name, unless there is another.
    """
    wanted, prefix = call.query.get(f"{name}_pattern"), call.query.get(f"{name}_prefix_pattern")
    if wanted is None and prefix is None:
        return rows
    text = text or attrgetter(name)
    rows = searched(rows, wanted, text, bars=bars)
    if prefix is not None:
        ranges = [_range_of(part) for part in _alternatives("" if prefix == "~" else str(prefix), bars)]
        rows = (
            row
            for row in rows
            if (own := text(row)) is not None and any(low <= own and (up is None or own < up) for low, up in ranges)
        )
    return rows


def searched(
    rows: Iterable[R], wanted: str | None, text: Callable[[R], str | None], *, bars: bool = True
) -> Iterable[R]:
    """The rows in whose text a pattern is found; all of them without one."""
    if wanted is None:
        return rows
    fitting = [ilike(part) for part in _alternatives("%" if wanted == "~" else wanted, bars)]
    return (row for row in rows if (own := text(row)) is not None and any(fits(own) for fits in fitting))


def equal(call: Call, rows: Iterable[R], name: str, value: Callable[[R], Any] | None = None) -> Iterable[R]:
    """The rows whose value is what the parameter ``name`` says; the empty text asks for nothing (observed)."""
    wanted = call.query.get(name)
    if wanted is None or wanted == "":
        return rows
    of = value or attrgetter(name)
    return [row for row in rows if of(row) == wanted]


def _alternatives(pattern: str, bars: bool) -> list[str]:
    parts = [part.strip() for part in pattern.split("|") if part.strip()] if bars and "|" in pattern else []
    return parts or [pattern]


def _range_of(prefix: str) -> tuple[str, str | None]:
    """The texts that a prefix is the beginning of, as a range: from the first to before the second (code).

    The last letter is counted up for the end; where there is none after it, as with z, the one before it is.
    """
    low = prefix
    while low and not low[-1].isalnum():
        low = low[:-1]
    above = low
    while above:
        last = ord(above[-1])
        if above[-1].isalnum() and last < sys.maxunicode and chr(last + 1).isalnum():
            return low, above[:-1] + chr(last + 1)
        above = above[:-1]
    return low, None


def holds(text: str, part: str) -> bool:
    """Whether a text has a part somewhere, case ignored as a database does, and no sign in it wild."""
    return part.lower() in text.lower()


def within(call: Call, rows: Iterable[R], name: str, value: Callable[[R], Any] | None = None) -> Iterable[R]:
    """The rows whose value lies in the range that ``<name>_gte``, ``_gt``, ``_lte`` and ``_lt`` ask for."""
    # a bound of 0 is none (code)
    bounds = {bound: call.query.get(f"{name}_{bound}") or None for bound in ("gte", "gt", "lte", "lt")}
    given = [each for each in bounds.values() if each is not None]
    if not given:
        return rows
    if any(isinstance(each, datetime) and each.tzinfo is None for each in given):
        raise database_error(call, f"The bounds of {name} have no time zone, which the database cannot compare.")
    instead, of = call.airflow.now() if name in _OPEN_ENDED else None, value or attrgetter(name)
    return (row for row in rows if _in_bounds(of(row), bounds, instead))


_OPEN_ENDED = ("start_date", "end_date")


def _in_bounds(value: Any, bounds: Mapping[str, Any], instead: datetime | None) -> bool:
    """Whether a value is in a range; ``instead`` is what counts for one that has yet to come.

    That one comes after every lower bound, and before an upper one that now is before as well (code).
    """
    if value is None:
        if instead is None:
            return False
        bounds, value = {**bounds, "gte": None, "gt": None}, instead
    return (
        (bounds["gte"] is None or value >= bounds["gte"])
        and (bounds["gt"] is None or value > bounds["gt"])
        and (bounds["lte"] is None or value <= bounds["lte"])
        and (bounds["lt"] is None or value < bounds["lt"])
    )
