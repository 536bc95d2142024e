"""What requests changed, as it may be told: rows before and after, without secrets."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from mock_airflow.domain.masking import MASK
from mock_airflow.journal import redaction
from mock_airflow.journal.secret_names import is_secret
from mock_airflow.storage.rows import fields_of, secrets_of
from mock_airflow.storage.tables import Change

BOOKKEEPING = frozenset({"limits", "agenda", "singletons"})  # tables that hold no row of Airflow's or of its gate's


class AsTold(dict[str, Any]):
    """A row that is known only as it was told before."""


def told(change: Change) -> dict[str, Any]:
    """A change: table, key, kind, and the rows before and after; of a row that changed only what differs."""
    differing = _differing(change.before, change.after)
    before, after = _row(change.before, differing), _row(change.after, differing)
    if before is not None and after is not None:
        names = [name for name in after if before.get(name) != after[name]]
        before, after = ({name: row.get(name) for name in names} for row in (before, after))
    kind = "added" if change.before is None else "deleted" if change.after is None else "changed"
    return {"table": change.table, "key": _plain(change.key), "change": kind, "before": before, "after": after}


def _differing(before: Any, after: Any) -> Container[str] | None:
    """The fields that may differ in what is told, and those that tell whether others are secrets; None for all."""
    if before is None or after is None or type(before) is not type(after):
        return None
    names = fields_of(before.__class__)
    return {name for name in names if name in redaction.NAMING or getattr(before, name) != getattr(after, name)}


def _row(row: Any, only: Container[str] | None = None) -> dict[str, Any] | None:
    if row is None or isinstance(row, AsTold):
        return row
    names = fields_of(row.__class__)
    if not names:
        return {"value": _plain(row)}
    values = {name: _plain(getattr(row, name)) for name in names if only is None or name in only}
    safe: dict[str, Any] = redaction.without_secrets(values, declared=values.keys())
    return safe | {name: MASK for name in secrets_of(row.__class__) if values.get(name) is not None}


def _plain(value: Any) -> Any:
    """The value as JSON can have it."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(key): MASK if is_secret(str(key)) else _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return _row(value) if fields_of(value.__class__) else str(value)
