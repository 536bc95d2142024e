"""Calls that no journal of ours has seen, as the journal would have them."""

from __future__ import annotations

import json
from datetime import datetime

from mock_airflow.journal.journal import Entry
from mock_airflow.journal.secrets import NOTHING, Mask
from mock_airflow.journal.why import UNSAID
from mock_airflow.review.described import described


def entry_of(
    *,
    number: int,
    at: datetime,
    method: str,
    path: str,
    status: int,
    query: str = "",
    request_headers: tuple[tuple[str, str], ...] = (),
    request_body: str = "",
    response_headers: tuple[tuple[str, str], ...] = (),
    response_body: str = "",
    duration: float = 0.0,
    peer: str = "",
    host: str = "",
    credential: str | None = None,
    mask: Mask = NOTHING,
) -> Entry:
    """A call that did not come from a journal, as the journal would have it, secrets hidden by ``mask`` too."""
    known = described(method, path)
    if credential is None:
        credential = {name.lower(): value for name, value in request_headers}.get("authorization", "")
    answer = mask.hide(response_body)
    return Entry(
        number=number,
        at=at,
        method=method,
        path=mask.hide(path),
        query=mask.hide(query),
        operation_id=known.operation.operation_id if known.operation is not None else None,
        principal=None,
        credential=mask.hide(credential),
        request_headers=tuple((name, mask.hide(value)) for name, value in request_headers),
        request_body=mask.hide(request_body),
        status=status,
        response_headers=tuple((name, mask.hide(value)) for name, value in response_headers),
        response_body=answer,
        decision="answered" if 200 <= status < 400 else "limited" if status == 429 else "refused",
        why=UNSAID,
        limit=None,
        changes=(),
        duration=duration,
        page=_page(answer),
        mask=mask,
        began=at.timestamp(),
        peer=peer,
        host=host,
    )


def declared_names(method: str, path: str) -> frozenset[str]:
    """The query parameters that the operation at a path declares, which hold no secret whatever they are called."""
    operation = described(method, path).operation
    return frozenset(operation.query if operation is not None else ())


def _page(body: str) -> tuple[int, int] | None:
    """Of a list: how many items an answer has, and how many there are."""
    if '"total_entries"' not in body:
        return None
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    total = answer.get("total_entries") if isinstance(answer, dict) else None
    lists = [each for each in answer.values() if isinstance(each, list)] if isinstance(answer, dict) else []
    return (len(lists[0]), total) if isinstance(total, int) and len(lists) == 1 else None
