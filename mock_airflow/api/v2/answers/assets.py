"""How answers about assets, their aliases, events and queued events look."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, JsonValue
from typing_extensions import NotRequired, TypedDict


class DagScheduleAssetReference(TypedDict):
    """A DAG that is scheduled by the asset."""

    dag_id: str
    created_at: datetime
    updated_at: datetime


class TaskOutletAssetReference(TypedDict):
    """A task that changes the asset."""

    dag_id: str
    task_id: str
    created_at: datetime
    updated_at: datetime


class TaskInletAssetReference(TaskOutletAssetReference):
    """A task that reads the asset."""


class AssetAliasResponse(TypedDict):
    """An alias, which stands for assets that are named when a task ends."""

    id: int
    name: str
    group: str


class AssetWatcherResponse(TypedDict):
    """What watches for events of an asset outside of Airflow."""

    name: str
    trigger_id: int
    created_date: datetime


class LastAssetEventResponse(TypedDict):
    """The newest event of an asset."""

    id: NotRequired[Annotated[int, Field(ge=0)] | None]
    timestamp: NotRequired[datetime | None]


class AssetResponse(TypedDict):
    """An asset, and who makes, waits for and reads it."""

    id: int
    name: str
    uri: str
    group: str
    extra: NotRequired[dict[str, JsonValue] | None]
    created_at: datetime
    updated_at: datetime
    scheduled_dags: list[DagScheduleAssetReference]
    producing_tasks: list[TaskOutletAssetReference]
    consuming_tasks: list[TaskInletAssetReference]
    aliases: list[AssetAliasResponse]
    watchers: list[AssetWatcherResponse]
    last_asset_event: NotRequired[LastAssetEventResponse | None]


class DagRunAssetReference(TypedDict):
    """A run that an event started."""

    run_id: str
    dag_id: str
    logical_date: datetime | None
    start_date: datetime
    end_date: datetime | None
    state: str
    data_interval_start: datetime | None
    data_interval_end: datetime | None
    partition_key: str | None
    triggering: bool


class AssetEventResponse(TypedDict):
    """An event of an asset, and the runs that it started."""

    id: int
    asset_id: int
    uri: NotRequired[str | None]
    name: NotRequired[str | None]
    group: NotRequired[str | None]
    extra: NotRequired[dict[str, JsonValue] | None]
    source_task_id: NotRequired[str | None]
    source_dag_id: NotRequired[str | None]
    source_run_id: NotRequired[str | None]
    source_map_index: int
    created_dagruns: list[DagRunAssetReference]
    timestamp: datetime
    partition_key: NotRequired[str | None]


class QueuedEventResponse(TypedDict):
    """An event that waits for others, before a DAG is due."""

    dag_id: str
    asset_id: int
    created_at: datetime
    dag_display_name: str
