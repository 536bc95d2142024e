"""JSON the way Airflow 3 prints it: on one line without spaces, in the order of the fields, letters as they are."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any


def text_of(value: Any) -> str:
    """The text of any plain value; moments as ``moment_text`` tells them."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_plain)


def moment_text(moment: datetime) -> str:
    """A moment in UTC with ``Z``, microseconds only where there are any."""
    return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def duration_text(span: timedelta) -> str:
    """A duration in ISO 8601, as defaults of tasks are told: ``PT5S``, ``P1DT2H``."""
    days, seconds = span.days, span.seconds
    parts = [f"{seconds // 3600}H", f"{seconds % 3600 // 60}M", f"{seconds % 60}S"]
    clock = "".join(part for part in parts if part[0] != "0" or len(part) > 2)
    return f"P{f'{days}D' if days else ''}" + (f"T{clock}" if clock else "" if days else "T0S")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, timedelta):
        return duration_text(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON.")
