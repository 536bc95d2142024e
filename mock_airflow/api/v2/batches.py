"""Lists that are asked for by a body: their ranges and their pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, create_model

from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.parameters import Keys, orders
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.cursors import by_cursor
from mock_airflow.api.v2.lists import View, sorted_by

R = TypeVar("R")
_BOUNDS = ("gte", "gt", "lte", "lt")


def with_ranges(name: str, base: type[BaseModel], ranges: Mapping[str, Any], **more: Any) -> type[BaseModel]:
    """A body of that name: the base with the four bounds of each range, and further fields that may be left out."""
    fields: dict[str, Any] = {
        f"{name}_{bound}": (kind | None, None) for name, kind in ranges.items() for bound in _BOUNDS
    }
    fields |= {name: (kind, None) for name, kind in more.items()}
    return create_model(name, __base__=base, **fields)


def in_body_range(body: Any, rows: Iterable[R], name: str, value: Callable[[R], Any]) -> Iterable[R]:
    """The rows whose value lies within the bounds that the body gives."""
    low, above = getattr(body, f"{name}_gte"), getattr(body, f"{name}_gt")
    high, below = getattr(body, f"{name}_lte"), getattr(body, f"{name}_lt")
    if low is above is high is below is None:
        return rows
    return [
        row
        for row in rows
        if (found := value(row)) is not None
        and (low is None or found >= low)
        and (above is None or found > above)
        and (high is None or found <= high)
        and (below is None or found < below)
    ]


def list_answer(
    call: Call, name: str, rows: Iterable[R], keys: Keys, default: str, tie: Callable[[R], Any], view: View
) -> Answer:
    """The answer with the page that the body asks for."""
    body = call.body
    wanted = orders([body.order_by] if body.order_by else None, keys, default)
    found = sorted_by(rows, wanted, tie)
    page = found[body.page_offset :][: body.page_limit]
    told = by_cursor(name, [view(call, row) for row in page], len(found))
    return Answer(told.body, page=(len(page), len(found)))
