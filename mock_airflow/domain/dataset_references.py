"""Which DAGs and tasks a dataset knows: those that wait for it, and those that change it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Dag, Dataset, DatasetReference
from mock_airflow.storage.rows import evolve


def link(airflow: Airflow, dag: Dag) -> None:
    """Have the datasets that the DAG waits for, or that its tasks change, know of it; unknown ones are made.

    A dataset that knows of it already stays as it is.
    """
    for uri in dict.fromkeys(_uris(dag.schedule.datasets)):
        _add(airflow, uri, "consuming_dags", dag.dag_id, None)
    for task in dag.tasks.values():
        for uri in task.outlets:
            _add(airflow, uri, "producing_tasks", dag.dag_id, task.task_id)


def _add(airflow: Airflow, uri: str, name: str, dag_id: str, task_id: str | None) -> None:
    now = airflow.now()
    dataset = airflow.datasets.get(uri)
    if dataset is None:
        dataset = Dataset(id=airflow.next_id("datasets"), uri=uri, extra={}, created_at=now, updated_at=now)
    known: tuple[DatasetReference, ...] = getattr(dataset, name)
    if not any((one.dag_id, one.task_id) == (dag_id, task_id) for one in known):
        new = DatasetReference(dag_id=dag_id, task_id=task_id, created_at=now, updated_at=now)
        airflow.datasets.put(evolve(dataset, **{name: (*known, new)}))


def _uris(condition: Any) -> Iterator[str]:
    """The URIs in a condition, whose aliases name none."""
    if isinstance(condition, str):
        yield condition
    elif condition:
        for part in (*condition.get("any", ()), *condition.get("all", ())):
            yield from _uris(part)
