"""Backfills of Airflow 3: runs of a DAG's past moments, made together."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from mock_airflow.domain.records.json_object import JsonObject
from mock_airflow.domain.records.runs import RunKey


class Backfill(Struct, frozen=True, kw_only=True):
    """A backfill. ``runs`` are those that it made or took over, in the order in which they go.

    ``reprocess_behavior`` says which finished runs go again: none, failed or completed.
    """

    id: int
    dag_id: str
    from_date: datetime
    to_date: datetime
    created_at: datetime
    updated_at: datetime
    dag_run_conf: JsonObject | None = None
    is_paused: bool = False
    reprocess_behavior: str = "none"
    max_active_runs: int = 10
    completed_at: datetime | None = None
    runs: tuple[RunKey, ...] = ()
