"""Filtering, ordering and paging as Airflow's database does it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct

from mock_airflow.domain.records.people import folded
from mock_airflow.domain.wildcards import matcher

R = TypeVar("R")


class Between(NamedTuple):
    """Two bounds, each included; None is open."""

    gte: datetime | float | None = None
    lte: datetime | float | None = None


OPEN = Between()


class Page(Struct, Generic[R], frozen=True):
    """Some rows of a result, and how many the whole result has."""

    rows: list[R]
    total_entries: int


class Order(NamedTuple):
    """An attribute to sort by."""

    attribute: str
    descending: bool = False


def ilike(pattern: str) -> Callable[[str], bool]:
    """Whether a text contains the SQL pattern: ``%`` any text, ``_`` any character, case ignored (observed)."""
    fits = matcher(f"%{folded(pattern)}%", any_text="%", any_character="_")
    return lambda text: fits(folded(text))


def nulls_first(value: Any) -> tuple[bool, Any]:
    """A sort key under which None comes before everything, as SQLite sorts (observed)."""
    return (value is not None, value)


def paged(
    rows: Iterable[R],
    *,
    total: int | None = None,
    order: Order | None = None,
    offset: int | None = 0,
    limit: int | None = None,
) -> Page[R]:
    """One page of ``rows``.

    ``total`` spares the counting where it is known. Ties keep the rows' own order, ascending or descending. A negative
    or absent ``limit`` means no limit.
    """
    start = offset or 0
    stop = None if limit is None or limit < 0 else min(start + limit, sys.maxsize)
    if order is not None:
        rows = in_order(rows, attrgetter(order.attribute), descending=order.descending)
    if total is None:
        rows = rows if isinstance(rows, list) else list(rows)
        total = len(rows)
    if isinstance(rows, list):
        return Page(rows[start:stop], total)
    return Page(list(islice(rows, start, stop)), total)


def in_order(rows: Iterable[R], value: Callable[[R], Any], *, descending: bool = False) -> list[R]:
    """The rows by a value, in which None comes first; those that have the same stay in their order either way."""
    rows = list(rows)
    try:
        return sorted(rows, key=value, reverse=descending)
    except TypeError:  # some values are None, which cannot be compared with the others
        return sorted(rows, key=lambda row: nulls_first(value(row)), reverse=descending)


def narrowed(
    rows: Iterator[R], among: Mapping[str, Collection[Any] | None], ranges: Mapping[str, Between]
) -> Iterator[R]:
    """The rows whose attributes are among some values (None for any), and lie in some ranges."""
    for attribute, wanted in among.items():
        if wanted is not None:
            rows = _one_of(rows, attribute, wanted)
    for attribute, bounds in ranges.items():
        if bounds != OPEN:
            rows = _in_range(rows, attribute, bounds.gte, bounds.lte)
    return rows


def _one_of(rows: Iterator[R], attribute: str, wanted: Collection[Any]) -> Iterator[R]:
    return (row for row in rows if getattr(row, attribute) in wanted)


def _in_range(rows: Iterator[R], attribute: str, low: Any, high: Any) -> Iterator[R]:
    """The rows whose attribute lies between two bounds, both included; a bound of None is open, a None value fails."""
    return (
        row
        for row in rows
        if (value := getattr(row, attribute)) is not None
        and (low is None or value >= low)
        and (high is None or value <= high)
    )
