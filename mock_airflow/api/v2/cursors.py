"""Pages of long lists: by an offset, or by a cursor, which is a place in the order (observed)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import page_limit
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.lists import View, asked_page

MOST = 50_000


def page_answer(call: Call, name: str, rows: Sequence[Any], view: View) -> Answer:
    """The answer with a page of ``rows``, which are in their order. Raises Detail for a cursor that is none."""
    cursor = call.query.get("cursor")
    if cursor is None:
        page = rows[asked_page(call)]
        told = by_cursor(name, [view(call, row) for row in page], len(rows))
        return Answer(told.body, page=(len(page), len(rows)))
    limit = page_limit(call.query["limit"], call.settings)
    start = _place(cursor) if cursor else 0
    page = rows[start:][:limit]
    following = start + len(page)
    after = _token(following) if limit and following < len(rows) else None
    before = _token(max(start - limit, 0)) if limit and start else None
    told = by_cursor(name, [view(call, row) for row in page], min(len(rows), MOST), MOST, after, before)
    return Answer(told.body, page=(len(page), len(rows)))


def by_cursor(
    name: str, views: Sequence[Any], total: int, most: int | None = None, after: Any = None, before: Any = None
) -> Answer:
    """The answer with views of a list that can be read by cursors; not here, unless some are given."""
    return answer(
        {
            name: views,
            "total_entries": total,
            "total_entries_limit": most,
            "next_cursor": after,
            "previous_cursor": before,
        }
    )


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"place": place}).encode()).decode().rstrip("=")


def _place(token: str) -> int:
    try:
        told = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        place = told["place"]
    except (ValueError, binascii.Error, KeyError, TypeError):
        raise Detail(400, "Invalid cursor token") from None
    if not isinstance(place, int) or place < 0:
        raise Detail(400, "Invalid cursor token")
    return place
