"""Pages and orders of the FAB auth manager's lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Field

from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import OFFSET, Parameter
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.domain.query import nulls_first

R = TypeVar("R")

LIMIT = Parameter("limit", Annotated[int, Field(ge=0)], default=100)
UPDATE_MASK = Parameter("update_mask")


def page_by(order_by: str) -> tuple[Parameter, ...]:
    """The parameters of a list with this order out of the box."""
    return LIMIT, Parameter("order_by", default=order_by), OFFSET


def told(
    call: Call, name: str, rows: Iterable[R], keys: Mapping[str, Callable[[R], Any]], view: Callable[[R], Any]
) -> Answer:
    """The answer with a page of the rows. A limit of 0 is the usual one; one that is too large is cut (code)."""
    asked, limit = call.query["order_by"], call.query["limit"]
    key = keys.get(asked.lstrip("-"))
    if key is None:
        told = f"Ordering with '{asked}' is disallowed or the attribute does not exist on the model"
        raise Detail(400, told)
    if call.query["offset"] >= 1 << 63:
        raise Oops("The database takes no offset beyond 64 bits.")
    found = sorted(rows, key=lambda row: nulls_first(key(row)), reverse=asked.startswith("-"))
    usual = 50 if call.settings.fallback_page_limit is None else call.settings.fallback_page_limit
    limit = min(limit or usual, call.settings.maximum_page_limit)
    page = found[call.query["offset"] : call.query["offset"] + limit]
    text = answer({name: [view(row) for row in page], "total_entries": len(found)}).body
    return Answer(text, page=(len(page), len(found)))
