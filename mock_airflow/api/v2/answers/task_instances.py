"""How answers about task instances, their tries, logs, links and dependencies look."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, with_config
from typing_extensions import NotRequired, TypedDict

from mock_airflow.api.v2.answers.dag_runs import DagVersionResponse
from mock_airflow.api.v2.answers.jobs import JobResponse
from mock_airflow.api.v2.states import TaskInstanceState


class TriggerResponse(TypedDict):
    """What a deferred task instance waits for."""

    id: int
    classpath: str
    kwargs: Annotated[str, Field(json_schema_extra={"deprecated": True})]
    created_date: datetime
    queue: str | None
    triggerer_id: int | None


class TaskInstanceResponse(TypedDict):
    """A task instance."""

    id: UUID
    task_id: str
    dag_id: str
    dag_run_id: str
    map_index: int
    logical_date: datetime | None
    run_after: datetime
    start_date: datetime | None
    end_date: datetime | None
    duration: float | None
    state: TaskInstanceState | None
    try_number: int
    max_tries: int
    task_display_name: str
    dag_display_name: str
    hostname: str | None
    unixname: str | None
    pool: str
    pool_slots: int
    queue: str | None
    priority_weight: int | None
    operator: str | None
    operator_name: str | None
    queued_when: datetime | None
    scheduled_when: datetime | None
    pid: int | None
    executor: str | None
    executor_config: str
    note: str | None
    rendered_map_index: str | None
    rendered_fields: NotRequired[dict[str, Any]]
    trigger: TriggerResponse | None
    triggerer_job: JobResponse | None
    dag_version: DagVersionResponse | None


class NewTaskResponse(TypedDict):
    """A task that is new in the version that would run."""

    task_id: str
    task_display_name: str


class ClearTaskInstanceCollectionResponse(TypedDict):
    """The task instances that are cleared, or would be."""

    task_instances: list[TaskInstanceResponse | NewTaskResponse]
    total_entries: int


class ExtraLinkCollectionResponse(TypedDict):
    """The links of a task instance's operator, by name."""

    extra_links: dict[str, str | None]
    total_entries: int


class TaskDependencyResponse(TypedDict):
    """A dependency that is not met."""

    name: str
    reason: str


class TaskDependencyCollectionResponse(TypedDict):
    """A page of dependencies."""

    dependencies: list[TaskDependencyResponse]


class TaskInstanceHistoryResponse(TypedDict):
    """A try of a task instance."""

    task_id: str
    dag_id: str
    dag_run_id: str
    map_index: int
    start_date: datetime | None
    end_date: datetime | None
    duration: float | None
    state: TaskInstanceState | None
    try_number: int
    max_tries: int
    task_display_name: str
    dag_display_name: str
    hostname: str | None
    unixname: str | None
    pool: str
    pool_slots: int
    queue: str | None
    priority_weight: int | None
    operator: str | None
    operator_name: str | None
    queued_when: datetime | None
    scheduled_when: datetime | None
    pid: int | None
    executor: str | None
    executor_config: str
    dag_version: DagVersionResponse | None


@with_config(ConfigDict(extra="allow"))
class StructuredLogMessage(TypedDict):
    """A line of a log."""

    timestamp: NotRequired[datetime]
    event: str


class TaskInstancesLogResponse(TypedDict):
    """A part of a log."""

    content: list[StructuredLogMessage] | list[str]
    continuation_token: str | None


class ExternalLogUrlResponse(TypedDict):
    """Where a log is kept."""

    url: str
