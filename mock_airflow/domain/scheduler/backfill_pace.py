"""How many runs of a backfill go at a time, in which order, and when it is over (code)."""

from __future__ import annotations

from datetime import datetime

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import UNFINISHED_RUN, Backfill, DagRun, RunKey
from mock_airflow.storage.rows import evolve


def of_run(airflow: Airflow, key: RunKey) -> Backfill | None:
    """The newest backfill that a run belongs to."""
    rows = airflow.backfills.group("dag_id", key.dag_id).values()
    return next((row for row in reversed(list(rows)) if key in row.runs), None)


def held_back(airflow: Airflow, run: DagRun, most: int) -> bool:
    """Whether a queued run has to wait: for its backfill's own limit, or else for that of its DAG, which is ``most``.

    The runs of a backfill do not count for the DAG's limit, and go in the backfill's order.
    """
    running = airflow.dag_runs.group("open", (run.dag_id, "running"))
    backfill = of_run(airflow, run.key)
    if backfill is None:
        mine = [key for key in running if of_run(airflow, key) is None]
        return len(mine) >= most
    before = backfill.runs[: backfill.runs.index(run.key)]
    waiting = [key for key in before if (other := airflow.dag_runs.get(key)) and other.state == "queued"]
    going = sum(key in running for key in backfill.runs)
    return backfill.is_paused or bool(waiting) or going >= backfill.max_active_runs


def go_on(airflow: Airflow, dag_id: str, at: datetime) -> None:
    """Look at what the DAG's backfills have queued, and close those whose runs are all over."""
    for backfill in list(airflow.backfills.group("dag_id", dag_id).values()):
        if backfill.completed_at is not None:
            continue
        runs = [run for key in backfill.runs if (run := airflow.dag_runs.get(key)) is not None]
        if not any(run.state in UNFINISHED_RUN for run in runs):
            airflow.backfills.put(evolve(backfill, completed_at=at, updated_at=at))
        for run in runs:
            if run.state == "queued" and not backfill.is_paused:
                airflow.wake(run.key, at)
