"""What a test holds an answer to: ids, states, totals, what was wrong. Moments and made-up names are left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mock_airflow.domain.masking import MASK

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*")
_TELLING = (
    "state",
    "key",
    "value",
    "name",
    "title",
    "status",
    "is_paused",
    "conn_type",
    "slots",
    "username",
    "version",
)
_NAMES = ("dag_run_id", "run_id", "task_id", "dag_id", "key", "name", "uri", "connection_id", "username", "id")
_FEW, _LONG = 6, 80  # members of an object that are held on to, and characters of a text
_ROWS = 8  # of which each is named


def essentials(body: Any) -> Iterator[tuple[str, Any]]:
    """Pairs of an expression over ``body`` and the value that it has to have, at most some few."""
    if isinstance(body, list):
        yield "len(body)", len(body)
        return
    if not isinstance(body, dict):
        return
    plain = {name: value for name, value in body.items() if _is_plain(value)}
    if {"title", "status"} <= plain.keys() and isinstance(plain["status"], int) and plain["status"] >= 400:
        named = [name for name in ("title", "detail") if name in plain]
    else:
        named = [name for name in plain if name.endswith(("_id", "_entries")) or name in _TELLING]
    for name in (named or list(plain))[:_FEW]:
        yield f"body[{name!r}]", plain[name]
    for name, rows in body.items():
        if isinstance(rows, list):
            yield _listed(name, rows)


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONG and MASK not in value and not _MOMENT.fullmatch(value)
    return isinstance(value, (bool, int))


def _listed(name: str, rows: list[Any]) -> tuple[str, Any]:
    """How a list is held on to: by its rows' names where each has one of its own, else by its length."""
    if 0 < len(rows) <= _ROWS and all(isinstance(row, dict) for row in rows):
        for key in _NAMES:
            names = [row.get(key) for row in rows]
            if all(_is_plain(each) for each in names) and len({str(each) for each in names}) == len(rows):
                return f"[row[{key!r}] for row in body[{name!r}]]", names
    return f"len(body[{name!r}])", len(rows)
