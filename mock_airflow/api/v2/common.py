"""What lists and bulk changes have in common."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from string import ascii_letters, digits
from typing import Any, Generic, TypeVar

from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow3.json_text import text_of
from mock_airflow.api.airflow3.parameters import Keys, orders, page_limit
from mock_airflow.api.airflow3.problems import Detail, database_words
from mock_airflow.api.kept_texts import KeptPages, KeptTexts
from mock_airflow.api.operation import Call
from mock_airflow.domain.query import ilike, in_order
from mock_airflow.journal.redaction import sounds_secret
from mock_airflow.journal.why import Why

R = TypeVar("R")
View = Callable[[Call, Any], Mapping[str, Any]]


class OwnView(Generic[R]):
    """A view for which the row is enough. Rows are immutable, so the text of one is kept for the next time."""

    def __init__(self, view: Callable[[R], dict[str, Any]]) -> None:
        self._view = view
        self._kept = KeptTexts[tuple[str, bool]]()
        self.pages = KeptPages[tuple[bytes, bool]]()

    def __call__(self, call: Call, row: R) -> dict[str, Any]:
        return self._view(row)

    def fields(self, row: R) -> dict[str, Any]:
        """The row by its fields, whoever asks."""
        return self._view(row)

    def text(self, row: R) -> tuple[str, bool]:
        """The row as JSON text, and whether it is harmless: no secret's name is in it."""
        kept = self._kept.find(row)
        if kept is None:
            text = text_of(self._view(row))
            kept = text, not sounds_secret(text.encode("utf-8", "replace"))
            self._kept.keep(row, kept, len(text))
        return kept


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


def database_error(call: Call, reason: str) -> Detail:
    """What a real Airflow answers where its database fails; a clean refusal without ``airflow_bugs``."""
    if not call.settings.airflow_bugs:
        return Detail(400, reason)
    return Detail(500, database_words("Database error", look_for(call)), why=Why(reason))


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


def ordered(call: Call, rows: Iterable[R], keys: Keys, default: str, tie: Callable[[R], Any]) -> list[R]:
    """The rows in the order that is asked for; ties by the primary key."""
    return sorted_by(rows, orders(call.query.get("order_by"), keys, default), tie)


def sorted_by(
    rows: Iterable[R], wanted: Sequence[tuple[str | Callable[[Any], Any], bool]], tie: Callable[[R], Any]
) -> list[R]:
    """The rows in an order; None comes first, ties by the primary key, downwards after a first key that goes down."""
    found = sorted(rows, key=tie, reverse=bool(wanted) and wanted[0][1])
    for key, down in reversed(wanted):
        found = in_order(found, key if callable(key) else attrgetter(key), descending=down)
    return found


def look_for(call: Call) -> str:
    """The id by which a real server's log tells more of an error."""
    return call.airflow.ids.text(8, ascii_letters + digits, "log")


def listing(call: Call, name: str, rows: Sequence[Any], view: View) -> Answer:
    """The answer with a page of the rows under ``name``. Raises Oops as ``asked_page`` does."""
    return page_of(call, name, rows[asked_page(call)], len(rows), view)


def asked_page(call: Call) -> slice:
    """The part of a list that is asked for. Raises Oops for an offset that no database takes."""
    offset = call.query["offset"]
    if offset >= 1 << 63:
        raise Oops("The database takes no offset beyond 64 bits.")
    return slice(offset, offset + page_limit(call.query["limit"], call.settings))


def page_of(call: Call, name: str, page: Sequence[Any], total: int, view: View) -> Answer:
    """The answer with these rows of a list that has ``total``."""
    if not isinstance(view, OwnView):
        return Answer(_page_text(name, [text_of(view(call, row)) for row in page], total), page=(len(page), total))
    kept = view.pages.find(page, name, total)
    if kept is None:
        told = [view.text(row) for row in page]
        body = _page_text(name, [text for text, _ in told], total).encode()
        kept = body, all(harmless for _, harmless in told)
        view.pages.keep(page, kept, len(body), name, total)
    return Answer(kept[0], page=(len(page), total), harmless=kept[1])


def _page_text(name: str, texts: Iterable[str], total: int) -> str:
    return f'{{"{name}":[{",".join(texts)}],"total_entries":{total}}}'
