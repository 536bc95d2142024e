"""What task instances leave behind: xcoms, logs, links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from mock_airflow.domain.records.json_object import JsonObject
from mock_airflow.domain.records.runs import TaskInstance


class XCom(Struct, frozen=True):
    """A value that a task instance left for others."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    key: str
    value: Any
    logical_date: datetime
    timestamp: datetime


class TaskLog(Struct, frozen=True, kw_only=True):
    """What one attempt of a task instance logged: texts by host, events (Airflow 3), or the attempt it follows from."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int
    parts: tuple[tuple[str, str], ...] = ()
    events: tuple[JsonObject, ...] = ()
    attempt: TaskInstance | None = None


class ExtraLink(Struct, frozen=True, kw_only=True):
    """The links that the operator of a task instance offers: name to address, or None."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    links: dict[str, str | None]
