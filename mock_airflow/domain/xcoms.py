"""XComs: the values that task instances leave for others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import XComNotFoundError
from mock_airflow.domain.query import Page, paged
from mock_airflow.domain.records import RunKey, TaskInstance, TaskInstanceKey, XCom

RETURN_VALUE = "return_value"
FOLLOWED = "skipmixin_key"  # what a branch tells of the tasks that go on, or that do not


def get(airflow: Airflow, key: TaskInstanceKey, name: str) -> XCom:
    """The xcom. Raises XComNotFoundError."""
    found = airflow.xcoms.get((key, name))
    if found is None:
        raise XComNotFoundError(**key._asdict(), key=name)
    return found


def find(
    airflow: Airflow,
    *,
    dag_id: str | None = None,
    run_id: str | None = None,
    task_id: str | None = None,
    permitted: Callable[[str], bool] | None = None,
    map_index: int | None = None,
    key: str | None = None,
    offset: int | None = 0,
    limit: int | None = None,
) -> Page[XCom]:
    """A page of xcoms, by DAG, task, run, map_index and key (observed); None takes all."""
    rows: Iterable[XCom] = airflow.xcoms
    if dag_id is not None and run_id is not None:
        rows = airflow.xcoms.group("run", RunKey(dag_id, run_id)).values()
    wanted = {"dag_id": dag_id, "run_id": run_id, "task_id": task_id, "map_index": map_index, "key": key}
    asked = {name: value for name, value in wanted.items() if value is not None}
    chosen = [
        row
        for row in rows
        if all(getattr(row, name) == value for name, value in asked.items())
        and (permitted is None or permitted(row.dag_id))
    ]
    chosen.sort(key=lambda row: (row.dag_id, row.task_id, row.run_id, row.map_index, row.key))
    return paged(chosen, offset=offset, limit=limit)


def push(airflow: Airflow, ti: TaskInstance, key: str, value: Any, at: datetime) -> XCom:
    """Leave a value."""
    return airflow.xcoms.put(
        XCom(
            dag_id=ti.dag_id,
            run_id=ti.run_id,
            task_id=ti.task_id,
            map_index=ti.map_index,
            key=key,
            value=value,
            logical_date=ti.logical_date,
            timestamp=at,
        )
    )


def forget(airflow: Airflow, ti: TaskInstance) -> None:
    """Remove what a task instance left; it does so itself when it starts again (observed)."""
    for key in list(airflow.xcoms.group("task_instance", ti.key)):
        airflow.xcoms.delete(key)
