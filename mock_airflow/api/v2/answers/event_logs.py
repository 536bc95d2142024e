"""How answers about the audit log look."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import NotRequired, TypedDict


class EventLogResponse(TypedDict):
    """An entry of the audit log."""

    event_log_id: int
    when: datetime
    dag_id: str | None
    task_id: str | None
    run_id: str | None
    map_index: int | None
    try_number: int | None
    event: str
    logical_date: datetime | None
    owner: str | None
    extra: str | None
    dag_display_name: NotRequired[str | None]
    task_display_name: NotRequired[str | None]
