"""What requests changed, as it may be told: rows before and after, without secrets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from mock_airflow.domain.masking import MASK
from mock_airflow.journal import redaction
from mock_airflow.journal.secret_names import is_secret
from mock_airflow.storage.tables import Change

BOOKKEEPING = frozenset({"limits", "agenda", "singletons"})  # tables that hold no row of Airflow's or of its gate's


def told(change: Change) -> dict[str, Any]:
    """A change: table, key, kind, and the rows before and after; of a row that changed only what differs."""
    before, after = _row(change.before), _row(change.after)
    if before is not None and after is not None:
        names = [name for name in after if before.get(name) != after[name]]
        before, after = ({name: row.get(name) for name in names} for row in (before, after))
    kind = "added" if change.before is None else "deleted" if change.after is None else "changed"
    return {"table": change.table, "key": _plain(change.key), "change": kind, "before": before, "after": after}


def _row(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    if hasattr(row, "_fields"):
        names, secret = row._fields, []
    elif dataclasses.is_dataclass(row):
        fields = dataclasses.fields(row)
        # A field that its record keeps out of its repr is a secret, whatever it is called.
        names, secret = [field.name for field in fields], [field.name for field in fields if not field.repr]
    else:
        return {"value": _plain(row)}
    values = {name: _plain(getattr(row, name)) for name in names}
    safe: dict[str, Any] = redaction.without_secrets(values, declared=names)
    return safe | {name: MASK for name in secret if values[name] is not None}


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
    if dataclasses.is_dataclass(value):
        return _row(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return str(value)
