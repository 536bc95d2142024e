"""Worlds of a size."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from mock_airflow.deployment import Deployment
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import DagRun
from mock_airflow.domain.triggering import NewRun, triggered
from mock_airflow.settings import Settings
from mock_airflow.world.reading import world_of

START = datetime(2025, 1, 1, tzinfo=timezone.utc)


def dags(count: int) -> dict[str, Any]:
    """A world of ``count`` DAGs with what a team gives its DAGs: tags, an owner, a schedule, three tasks."""
    return {
        "dags": [
            {
                "dag_id": f"dag_{number:03}",
                "description": f"The DAG number {number}",
                "owners": ["team"],
                "tags": ["sales", f"group-{number % 5}"],
                "schedule": "0 6 * * *",
                "last_parsed_time": "2025-01-01T00:00:00.123456Z",
                "tasks": ["extract", "transform", "load"],
            }
            for number in range(count)
        ]
    }


def with_dags(count: int, **settings: Any) -> Deployment:
    """A deployment of ``count`` DAGs."""
    deployment = Deployment(Settings.of(**{"runs": "manual", **settings}))
    world_of(dags(count)).apply(deployment)
    deployment.begin()
    return deployment


def with_runs(count: int, **settings: Any) -> Deployment:
    """A deployment of ten DAGs that share ``count`` finished runs."""
    deployment = with_dags(10, **settings)
    for number in range(count):
        moment = START + timedelta(minutes=number)
        add_finished(deployment.airflow, f"dag_{number % 10:03}", f"manual__{moment.isoformat()}", moment)
    deployment.airflow.changes.clear()
    return deployment


def add_finished(airflow: Airflow, dag_id: str, run_id: str, moment: datetime) -> None:
    """Add a run that somebody triggered at a moment and that succeeded half a minute later."""
    end = moment + timedelta(seconds=30)
    airflow.dag_runs.put(
        DagRun(
            id=airflow.next_id("dag_runs"),
            dag_id=dag_id,
            run_id=run_id,
            run_type="manual",
            state="success",
            logical_date=moment,
            data_interval_start=moment,
            data_interval_end=moment,
            external_trigger=True,
            start_date=moment,
            end_date=end,
            last_scheduling_decision=end,
            updated_at=end,
        )
    )


def with_rows(count: int) -> Deployment:
    """A deployment of ``count`` rows: runs of three task instances each."""
    deployment = with_dags(10, runs="instant", frozen=True, clock="2026-01-01T00:00:00Z")
    airflow = deployment.airflow
    number = 0
    while sum(len(table) for table in airflow.tables.values()) < count:
        moment = START + timedelta(minutes=number)
        triggered(airflow, NewRun(dag_id=f"dag_{number % 10:03}", run_id=f"run_{number}", logical_date=moment))
        number += 1
    deployment.settle()
    airflow.changes.clear()
    return deployment
