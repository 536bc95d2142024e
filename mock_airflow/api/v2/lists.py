"""Lists as they are answered: in an order, a page at a time, the text of a row kept for the next time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow3.json_text import text_of
from mock_airflow.api.airflow3.parameters import Keys, orders, page_limit
from mock_airflow.api.kept_texts import KeptPages, KeptTexts
from mock_airflow.api.operation import Call
from mock_airflow.domain.query import in_order
from mock_airflow.journal.redaction import sounds_secret

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
