"""How many runs of a backfill go at a time, in which order, and when it is over (code)."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import UNFINISHED_RUN, Backfill, DagRun, RunKey

_EVERY = timedelta(seconds=30)


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
    """Look at what the DAG's backfills have queued, and at those whose runs are all over when their time comes."""
    for backfill in list(airflow.backfills.group("dag_id", dag_id).values()):
        if backfill.completed_at is not None:
            continue
        runs = _runs(airflow, backfill)
        if not any(run.state in UNFINISHED_RUN for run in runs):
            airflow.wake(dag_id, _next_look(airflow, at))
        for run in runs:
            if run.state == "queued" and not backfill.is_paused:
                airflow.wake(run.key, at)


def close(airflow: Airflow, dag_id: str, at: datetime) -> None:
    """Close the DAG's backfills whose runs are all over; the scheduler looks for these every half minute (code)."""
    for backfill in list(airflow.backfills.group("dag_id", dag_id).values()):
        if backfill.completed_at is not None:
            continue
        runs = _runs(airflow, backfill)
        if runs and not any(run.state in UNFINISHED_RUN for run in runs):
            if (due := _next_look(airflow, max(run.end_date or run.updated_at for run in runs))) <= at:
                airflow.backfills.put(replace(backfill, completed_at=at, updated_at=at))
            else:
                airflow.wake(dag_id, due)


def _runs(airflow: Airflow, backfill: Backfill) -> list[DagRun]:
    return [run for key in backfill.runs if (run := airflow.dag_runs.get(key)) is not None]


def _next_look(airflow: Airflow, at: datetime) -> datetime:
    if airflow.runs == "instant":
        return at
    begun = datetime(at.year, at.month, at.day, tzinfo=at.tzinfo)
    return begun + math.ceil((at - begun) / _EVERY) * _EVERY
