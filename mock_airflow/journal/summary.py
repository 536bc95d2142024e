"""What a call changed, in a few short lines: ``dag_run etl/manual__1: queued -> running``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mock_airflow.journal.changes import told
from mock_airflow.storage.tables import Change

_QUIET_TABLES = frozenset({"event_logs"})  # every call adds to them
_QUIET_FIELDS = frozenset(
    "changed_on fail_login_count last_login last_scheduling_decision last_used_at login_count updated_at".split()
)
_FIELDS = 3
_LONGEST = 60


def summary(changes: Iterable[Change], most: int = 6) -> list[str]:
    """A line for each row that is not as it was, a run before its tasks; what every call leaves behind is not told."""
    merged: dict[tuple[str, str], tuple[Any, Any, Any]] = {}
    for change in changes:
        if change.table not in _QUIET_TABLES:
            name = change.table, "/".join(_parts(change.key))
            before = merged[name][1] if name in merged else change.before
            merged[name] = change.key, before, change.after
    lines = [
        line
        for (table, name), (key, before, after) in sorted(merged.items(), key=lambda each: each[0][1].count("/"))
        if (line := _line(table, name, told(Change(table, key, before, after)))) is not None
    ]
    return lines if len(lines) <= most + 1 else [*lines[:most], f"... and {len(lines) - most} more rows"]


def _line(table: str, name: str, change: dict[str, Any]) -> str | None:
    row, before, after = f"{table.removesuffix('s')} {name}", change["before"], change["after"]
    if before is None and after is None:  # made and gone within the call
        return None
    if before is None or after is None:
        state = (after or before).get("state")
        return f"{row} {change['change']}" + (f" ({state})" if state else "")
    if "state" in after:
        return f"{row}: {_word(before['state'])} -> {_word(after['state'])}"
    fields = [field for field in after if field not in _QUIET_FIELDS]
    if not fields:
        return None
    more = f" and {len(fields) - _FIELDS} more fields" if len(fields) > _FIELDS else ""
    told_fields = (f"{field} {_word(before[field])} -> {_word(after[field])}" for field in fields[:_FIELDS])
    return f"{row}: {', '.join(told_fields)}{more}"


def _parts(key: Any) -> Iterator[str]:
    """The parts of a key, one in the other or not; a map index of -1 stands for none."""
    if isinstance(key, tuple):
        for part in key:
            yield from _parts(part)
    elif key != -1:
        yield str(key)


def _word(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
