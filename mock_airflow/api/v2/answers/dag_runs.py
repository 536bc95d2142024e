"""How answers about runs and versions of DAGs look."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from typing_extensions import TypedDict

from mock_airflow.api.v2.states import DagRunState, DagRunType


class DagRunTriggeredByType(str, Enum):
    """What may have started a run."""

    cli = "cli"
    operator = "operator"
    rest_api = "rest_api"
    ui = "ui"
    test = "test"
    timetable = "timetable"
    asset = "asset"
    backfill = "backfill"


class DagVersionResponse(TypedDict):
    """A version of a DAG."""

    id: UUID
    version_number: int
    dag_id: str
    bundle_name: str | None
    bundle_version: str | None
    created_at: datetime
    dag_display_name: str
    bundle_url: str | None


class DAGRunResponse(TypedDict):
    """A run."""

    dag_run_id: str
    dag_id: str
    logical_date: datetime | None
    queued_at: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    duration: float | None
    data_interval_start: datetime | None
    data_interval_end: datetime | None
    run_after: datetime
    last_scheduling_decision: datetime | None
    run_type: DagRunType
    state: DagRunState
    triggered_by: DagRunTriggeredByType | None
    triggering_user_name: str | None
    conf: dict[str, Any] | None
    note: str | None
    dag_versions: list[DagVersionResponse]
    bundle_version: str | None
    dag_display_name: str
    partition_key: str | None
    partition_date: datetime | None


class ClearPartitionsResponse(TypedDict):
    """How much was cleared of partitions."""

    dag_runs_cleared: int
    task_instances_cleared: int
    dry_run: bool
