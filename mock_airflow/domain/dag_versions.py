"""Versions of DAGs: what a DAG's file declared from some moment on, and which of them a task instance runs by."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Dag, DagVersion


def newest(airflow: Airflow, dag_id: str) -> DagVersion | None:
    """The newest version of a DAG; None where none is known."""
    rows = airflow.dag_versions.group("dag_id", dag_id).values()
    return max(rows, key=lambda row: row.version_number, default=None)


def first(airflow: Airflow, dag: Dag) -> None:
    """Give a DAG that has no version its first one, where Airflow keeps versions."""
    if airflow.conduct.versions and newest(airflow, dag.dag_id) is None:
        _add(airflow, dag, 1, airflow.now())


def changed(airflow: Airflow, dag: Dag) -> None:
    """Note that a DAG's file declares something else now.

    That makes a new version if any task instance ran by the newest; else the newest is made anew (observed).
    """
    if not airflow.conduct.versions:
        return
    row = newest(airflow, dag.dag_id)
    number = row.version_number if row is not None else 0
    if row is not None and not _is_used(airflow, dag.dag_id, number):
        airflow.dag_versions.put(replace(row, created_at=airflow.now(), bundle_version=dag.bundle_version))
        return
    _add(airflow, dag, number + 1, airflow.now())


def _is_used(airflow: Airflow, dag_id: str, number: int) -> bool:
    for key in airflow.dag_runs.group("dag_id", dag_id):
        for table in (airflow.task_instances, airflow.tries):
            if any(row.dag_version in (None, number) for row in table.group("run", key).values()):
                return True
    return False


def _add(airflow: Airflow, dag: Dag, number: int, at: datetime) -> None:
    airflow.graphs.pop(dag.dag_id, None)  # new task instances are of the new version
    airflow.dag_versions.put(
        DagVersion(
            id=airflow.ids.time_ordered_uuid(at, "dag version"),
            dag_id=dag.dag_id,
            version_number=number,
            created_at=at,
            bundle_name=dag.bundle_name,
            bundle_version=dag.bundle_version,
        )
    )
