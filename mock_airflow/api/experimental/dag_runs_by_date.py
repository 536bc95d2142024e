"""DAG runs named by their logical date, as Airflow 1 named them."""

from __future__ import annotations

from datetime import datetime

from mock_airflow.domain import task_instances
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import LogicalDateNotFoundError
from mock_airflow.domain.records import DagRun, RunKey, TaskInstance, TaskInstanceKey


def get(airflow: Airflow, dag_id: str, logical_date: datetime) -> DagRun:
    """The run. Raises LogicalDateNotFoundError."""
    run = airflow.dag_runs.lookup("logical_date", (dag_id, logical_date))
    if run is None:
        raise LogicalDateNotFoundError(dag_id=dag_id, logical_date=logical_date.isoformat(" "))
    return run


def task_instance(airflow: Airflow, run: RunKey, task_id: str) -> TaskInstance:
    """The task's instance in the run.

    Raises TaskInstanceNotFoundError, or TaskInstanceIsMappedError for an expanded one.
    """
    return task_instances.get(airflow, TaskInstanceKey(run.dag_id, run.run_id, task_id))


def find(airflow: Airflow, dag_id: str, state: str | None) -> list[DagRun]:
    """The runs of a DAG by their dates; all of them, or those in a state."""
    runs = airflow.dag_runs.group("dag_id", dag_id).values()
    return sorted((run for run in runs if state in (None, run.state)), key=lambda run: run.logical_date)


def latest(airflow: Airflow) -> list[DagRun]:
    """The run of the latest date of each DAG that has any, by dag_id."""
    found: dict[str, DagRun] = {}
    for run in airflow.dag_runs:
        if run.dag_id not in found or run.logical_date > found[run.dag_id].logical_date:
            found[run.dag_id] = run
    return [found[dag_id] for dag_id in sorted(found)]
