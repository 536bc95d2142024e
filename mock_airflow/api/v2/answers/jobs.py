"""How answers about jobs look."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import NotRequired, TypedDict


class JobResponse(TypedDict):
    """A job: a scheduler, a triggerer, a DAG processor."""

    id: int
    dag_id: str | None
    state: str | None
    job_type: str | None
    start_date: datetime | None
    end_date: datetime | None
    latest_heartbeat: datetime | None
    executor_class: str | None
    hostname: str | None
    unixname: str | None
    dag_display_name: NotRequired[str | None]
