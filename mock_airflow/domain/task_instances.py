"""Task instances: making, finding, changing and clearing them, and the history of their attempts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import fields, replace
from datetime import datetime

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.between import OPEN, Between
from mock_airflow.domain.dags import priority_weight_total
from mock_airflow.domain.errors import TaskInstanceIsMapped, TaskInstanceNotFound
from mock_airflow.domain.query import Page, in_range, paged
from mock_airflow.domain.records import (
    FINISHED_TASK,
    Dag,
    DagRun,
    RunKey,
    Task,
    TaskInstance,
    TaskInstanceKey,
    TaskInstanceTry,
)

_TRY_FIELDS = tuple(field.name for field in fields(TaskInstanceTry))
_UNDER_WAY = frozenset({"running", "deferred", "up_for_reschedule"})


def fresh(dag: Dag, task: Task, run: DagRun, map_index: int = -1) -> TaskInstance:
    """The row of a task that has not been looked at yet in a run."""
    return TaskInstance(
        dag_id=dag.dag_id,
        run_id=run.run_id,
        task_id=task.task_id,
        map_index=map_index,
        logical_date=run.logical_date,
        task_display_name=task.task_display_name,
        operator=task.class_name,
        max_tries=task.retries,
        pool=task.pool,
        pool_slots=task.pool_slots,
        queue=task.queue,
        priority_weight=priority_weight_total(dag, task.task_id),
        updated_at=run.updated_at,
    )


def get(airflow: Airflow, key: TaskInstanceKey) -> TaskInstance:
    """The task instance. Raises TaskInstanceNotFound, or TaskInstanceIsMapped where only a map_index would name one."""
    found = airflow.task_instances.get(key)
    if found is not None:
        return found
    if key.map_index == -1:
        run = airflow.task_instances.group("run", RunKey(key.dag_id, key.run_id))
        if any(other.task_id == key.task_id for other in run):
            raise TaskInstanceIsMapped(task_id=key.task_id)
    raise TaskInstanceNotFound(**key._asdict())


def find(
    airflow: Airflow,
    *,
    dag_id: str | None = None,
    run_id: str | None = None,
    permitted: Callable[[str], bool] | None = None,
    dag_ids: Collection[str] | None = None,
    run_ids: Collection[str] | None = None,
    task_ids: Collection[str] | None = None,
    mapped_task_id: str | None = None,
    states: Collection[str | None] | None = None,
    pools: Collection[str] | None = None,
    queues: Collection[str] | None = None,
    executors: Collection[str] | None = None,
    execution_date: Between = OPEN,
    start_date: Between = OPEN,
    end_date: Between = OPEN,
    updated_at: Between = OPEN,
    duration: Between = OPEN,
    offset: int | None = 0,
    limit: int | None = None,
) -> Page[TaskInstance]:
    """A page of task instances.

    Those of one run come in the order they were made. Over several runs Airflow declares no order; what its SQLite
    answers is by DAG, then state (none first), then the order of making (observed), and so do we.
    """
    one_run = dag_id is not None and run_id is not None
    rows: Iterable[TaskInstance]
    if dag_id is not None and run_id is not None:
        rows = airflow.task_instances.group("run", RunKey(dag_id, run_id)).values()
    elif dag_id is not None:
        runs = airflow.dag_runs.group("dag_id", dag_id)
        rows = (ti for run in runs for ti in airflow.task_instances.group("run", run).values())
    else:
        rows = airflow.task_instances
    rows = iter(rows)
    if permitted is not None:
        rows = (ti for ti in rows if permitted(ti.dag_id))
    if mapped_task_id is not None:
        rows = (ti for ti in rows if ti.task_id == mapped_task_id and ti.map_index >= 0)
    if run_id is not None and not one_run:
        rows = (ti for ti in rows if ti.run_id == run_id)
    for attribute, wanted in (
        ("dag_id", dag_ids),
        ("run_id", run_ids),
        ("task_id", task_ids),
        ("state", states),
        ("pool", pools),
        ("queue", queues),
        ("executor", executors),
    ):
        if wanted is not None:
            rows = _one_of(rows, attribute, wanted)
    for attribute, bounds in (
        ("logical_date", execution_date),
        ("start_date", start_date),
        ("end_date", end_date),
        ("updated_at", updated_at),
        ("duration", duration),
    ):
        if bounds != OPEN:
            rows = in_range(rows, attribute, bounds.gte, bounds.lte)
    if not one_run:
        rows = iter(sorted(rows, key=lambda ti: (ti.dag_id, ti.state or "")))
    return paged(rows, offset=offset, limit=limit)


def _one_of(rows: Iterator[TaskInstance], attribute: str, wanted: Collection[str | None]) -> Iterator[TaskInstance]:
    return (ti for ti in rows if getattr(ti, attribute) in wanted)


def remember_try(airflow: Airflow, ti: TaskInstance, at: datetime) -> TaskInstance:
    """Keep the current attempt as history, once; one that is not finished counts as failed from now on (code)."""
    if (ti.key, ti.try_number) in airflow.tries:
        return ti
    state = ti.state
    if state not in FINISHED_TASK:
        state = "failed"
        duration = (at - ti.start_date).total_seconds() if ti.start_date else None
        ti = replace(ti, end_date=at, duration=duration)
    values = {name: getattr(ti, name) for name in _TRY_FIELDS}
    airflow.tries.put(TaskInstanceTry(**{**values, "state": state}))
    return ti


def set_state(airflow: Airflow, ti: TaskInstance, state: str | None, at: datetime) -> TaskInstance:
    """Put a task instance into a state by hand: dates that are there stay, missing ones become ``at`` (observed)."""
    start = ti.start_date or at
    finished = state in FINISHED_TASK or state == "up_for_retry"
    end = (ti.end_date or at) if finished else ti.end_date
    return airflow.task_instances.put(
        replace(
            ti,
            state=state,
            start_date=start,
            end_date=end,
            duration=(end - start).total_seconds() if finished and end else ti.duration,
            updated_at=at,
            wake_at=None,
            ends_at=None,
            outcome=None,
        )
    )


def finish_by_hand(airflow: Airflow, ti: TaskInstance, *, run_state: str) -> TaskInstance:
    """What marking its run ``success`` or ``failed`` does to a task instance (observed)."""
    now = airflow.now()
    if run_state == "success":
        return ti if ti.state == "success" else set_state(airflow, ti, "success", now)
    if ti.state in FINISHED_TASK:
        return ti
    return set_state(airflow, ti, "failed" if ti.state in _UNDER_WAY else "skipped", now)


def clear(airflow: Airflow, instances: Iterable[TaskInstance]) -> None:
    """Forget the states of task instances so that they run again; their attempts so far become history (observed).

    Old dates and pid stay until the next start; max_tries allows as many new attempts as the task has retries.
    """
    now = airflow.now()
    for ti in instances:
        ti = remember_try(airflow, ti, now)
        dag = airflow.dags.get(ti.dag_id)
        task = dag.tasks.get(ti.task_id) if dag else None
        airflow.task_instances.put(
            replace(
                ti,
                state=None,
                max_tries=ti.try_number + task.retries if task else max(ti.max_tries, ti.try_number),
                updated_at=now,
                wake_at=None,
                ends_at=None,
                outcome=None,
            )
        )
