"""What tasks keep from one attempt to the next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import TaskInstanceKey, TaskState

RETENTION = timedelta(days=30)  # [state_store] default_retention_days, out of the box


def of(airflow: Airflow, key: TaskInstanceKey) -> list[TaskState]:
    """What a task instance keeps, by name."""
    return sorted(airflow.task_states.group("task_instance", key).values(), key=lambda row: row.key)


def keep(airflow: Airflow, key: TaskInstanceKey, name: str, value: Any, expires_at: datetime | None) -> TaskState:
    """Keep a value under a name, in the place of any other."""
    row = TaskState(**key._asdict(), key=name, value=value, updated_at=airflow.now(), expires_at=expires_at)
    return airflow.task_states.put(row)


def forget(airflow: Airflow, keys: Iterable[TaskInstanceKey]) -> None:
    """Remove all that these task instances keep."""
    for key in keys:
        for row in list(airflow.task_states.group("task_instance", key)):
            airflow.task_states.delete(row)
