"""Datasets, their events, and what is queued for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mock_airflow.domain.records.json_object import JsonObject
from mock_airflow.domain.records.runs import RunKey


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetReference:
    """That a DAG consumes a dataset, or (with a task_id) that a task produces it."""

    dag_id: str
    task_id: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """A dataset that some DAG names."""

    id: int
    uri: str
    extra: JsonObject | None
    created_at: datetime
    updated_at: datetime
    aliases: tuple[JsonObject, ...] = ()
    consuming_dags: tuple[DatasetReference, ...] = ()
    producing_tasks: tuple[DatasetReference, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetEvent:
    """That a dataset changed; ``created_dagruns`` names the runs it helped to start."""

    id: int
    dataset_id: int
    dataset_uri: str
    timestamp: datetime
    extra: JsonObject | None = None
    source_dag_id: str | None = None
    source_task_id: str | None = None
    source_run_id: str | None = None
    source_map_index: int = -1
    created_dagruns: tuple[RunKey, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class QueuedEvent:
    """A dataset's change that a consuming DAG has not yet answered with a run."""

    dag_id: str
    uri: str
    created_at: datetime
