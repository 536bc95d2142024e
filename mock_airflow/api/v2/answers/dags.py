"""How answers about DAGs, their tags, sources, statistics and warnings look."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import NotRequired, TypedDict

from mock_airflow.api.v2.answers.dag_runs import DagVersionResponse
from mock_airflow.api.v2.dag_warnings import DagWarningType
from mock_airflow.api.v2.states import DagRunState, DagRunType


class DAGSourceResponse(TypedDict):
    """A DAG's source."""

    content: str | None
    dag_id: str
    version_number: int | None
    dag_display_name: str


class DagStatsStateResponse(TypedDict):
    """How many runs are in a state."""

    state: DagRunState
    count: int


class DagStatsResponse(TypedDict):
    """How many runs of a DAG are in each state."""

    dag_id: str
    dag_display_name: str
    stats: list[DagStatsStateResponse]


class DAGWarningResponse(TypedDict):
    """A warning about a DAG."""

    dag_id: str
    warning_type: DagWarningType
    message: str
    timestamp: datetime
    dag_display_name: str


class DagTagResponse(TypedDict):
    """A tag of a DAG."""

    name: str
    dag_id: str
    dag_display_name: str


class _DAGFields(TypedDict):
    """What every answer about a DAG begins with."""

    dag_id: str
    dag_display_name: str
    is_paused: bool
    is_stale: bool
    last_parsed_time: datetime | None
    last_parse_duration: float | None
    last_expired: datetime | None
    bundle_name: str | None
    bundle_version: str | None
    relative_fileloc: str | None
    fileloc: str
    description: str | None
    timetable_summary: str | None
    timetable_description: str | None
    timetable_partitioned: bool
    timetable_periodic: bool
    tags: list[DagTagResponse]
    max_active_tasks: int
    max_active_runs: int | None
    max_consecutive_failed_dag_runs: int
    has_task_concurrency_limits: bool
    has_import_errors: bool
    next_dagrun_logical_date: datetime | None
    next_dagrun_data_interval_start: datetime | None
    next_dagrun_data_interval_end: datetime | None
    next_dagrun_run_after: datetime | None
    allowed_run_types: list[DagRunType] | None
    owners: list[str]


class DAGResponse(_DAGFields):
    """A DAG."""

    is_backfillable: Annotated[bool, Field(json_schema_extra={"readOnly": True})]
    file_token: Annotated[str, Field(json_schema_extra={"readOnly": True})]


class DAGDetailsResponse(_DAGFields):
    """A DAG with all that its file declares."""

    catchup: bool
    dag_run_timeout: timedelta | None
    asset_expression: dict[str, Any] | None
    doc_md: str | None
    start_date: datetime | None
    end_date: datetime | None
    is_paused_upon_creation: bool | None
    params: dict[str, Any] | None
    render_template_as_native_obj: bool
    template_search_path: list[str] | None
    timezone: str | None
    last_parsed: datetime | None
    default_args: dict[str, Any] | None
    rerun_with_latest_version: NotRequired[bool | None]
    owner_links: NotRequired[dict[str, str] | None]
    is_favorite: NotRequired[Annotated[bool, Field(json_schema_extra={"default": False})]]
    active_runs_count: NotRequired[Annotated[int, Field(json_schema_extra={"default": 0})]]
    is_backfillable: Annotated[bool, Field(json_schema_extra={"readOnly": True})]
    file_token: Annotated[str, Field(json_schema_extra={"readOnly": True})]
    concurrency: Annotated[int, Field(json_schema_extra={"readOnly": True, "deprecated": True})]
    latest_dag_version: Annotated[DagVersionResponse | None, Field(json_schema_extra={"readOnly": True})]


class DAGTagCollectionResponse(TypedDict):
    """A page of tags."""

    tags: list[str]
    total_entries: int
