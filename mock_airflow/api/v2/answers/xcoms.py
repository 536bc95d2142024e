"""How answers about XComs look."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from typing_extensions import TypedDict


class XComResponseString(TypedDict):
    """An XCom, its value as a text."""

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
    value: str | None


class XComResponseNative(TypedDict):
    """An XCom, its value as it is."""

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
    value: Any


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


class XComCollectionResponse(TypedDict):
    """A page of XCom entries."""

    xcom_entries: list[XComResponse]
    total_entries: int
