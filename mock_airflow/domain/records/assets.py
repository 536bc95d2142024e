"""Assets, which Airflow 2 calls datasets: their events, what is queued for them, and what they have stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from mock_airflow.domain.records.json_object import JsonObject
from mock_airflow.domain.records.runs import RunKey


class AssetReference(Struct, frozen=True, kw_only=True):
    """That a DAG consumes an asset, or (with a task_id) that a task produces it."""

    dag_id: str
    task_id: str | None
    created_at: datetime
    updated_at: datetime


class Asset(Struct, frozen=True, kw_only=True):
    """An asset that some DAG names.

    From ``name`` on it is what only Airflow 3 tells of it; one without a name is called by its URI.
    """

    id: int
    uri: str
    extra: JsonObject | None
    created_at: datetime
    updated_at: datetime
    aliases: tuple[JsonObject, ...] = ()
    consuming_dags: tuple[AssetReference, ...] = ()
    producing_tasks: tuple[AssetReference, ...] = ()
    name: str = ""
    group: str = "asset"
    is_active: bool = True
    consuming_tasks: tuple[AssetReference, ...] = ()
    watchers: tuple[JsonObject, ...] = ()

    @property
    def asset_name(self) -> str:
        """The asset's name."""
        return self.name or self.uri


class AssetEvent(Struct, frozen=True, kw_only=True):
    """That an asset changed; ``created_dagruns`` names the runs it helped to start."""

    id: int
    asset_id: int
    asset_uri: str
    timestamp: datetime
    extra: JsonObject | None = None
    source_dag_id: str | None = None
    source_task_id: str | None = None
    source_run_id: str | None = None
    source_map_index: int = -1
    created_dagruns: tuple[RunKey, ...] = ()
    partition_key: str | None = None


class CameFor(Struct, frozen=True, kw_only=True):
    """That an asset's partition of this ``key`` came for a run that waits."""

    asset_event_id: int
    uri: str
    key: str


class WaitingPartition(Struct, frozen=True, kw_only=True):
    """A run of a partition that waits for partitions of assets, with what came for it by now.

    ``mappers`` are those under which it was queued.
    """

    id: int
    dag_id: str
    partition_key: str
    partition_date: datetime | None = None
    came: tuple[CameFor, ...] = ()
    mappers: JsonObject | None = None


class QueuedEvent(Struct, frozen=True, kw_only=True):
    """An asset's change that a consuming DAG has not yet answered with a run."""

    dag_id: str
    uri: str
    created_at: datetime


class AssetAlias(Struct, frozen=True, kw_only=True):
    """A name under which tasks change assets that are known only when they run."""

    id: int
    name: str
    group: str = "asset"


class AssetState(Struct, frozen=True, kw_only=True):
    """A value that is kept with an asset, and who wrote it: ``kind`` is api, task or watcher."""

    asset_id: int
    key: str
    value: Any
    updated_at: datetime
    kind: str | None = "api"
    dag_id: str | None = None
    run_id: str | None = None
    task_id: str | None = None
    map_index: int | None = None
