"""How answers about XComs look."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from typing_extensions import TypedDict


class XComResponse(TypedDict):
    """An XCom without its value."""

    key: str
    timestamp: datetime
    logical_date: datetime | None
    map_index: int
    task_id: str
    dag_id: str
    run_id: str
    dag_display_name: str
    task_display_name: str
    run_after: datetime


class XComResponseString(XComResponse):
    """An XCom, its value as a text."""

    value: str | None


class XComResponseNative(XComResponse):
    """An XCom, its value as it is."""

    value: Any
