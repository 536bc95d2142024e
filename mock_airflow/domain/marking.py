"""Putting task instances into a state by hand, with their relatives and in other runs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.clearing import FAILED, Selection, by_name, clear, select, tasks_of
from mock_airflow.domain.dags import expect_later_runs, relatives_of
from mock_airflow.domain.errors import TaskInstanceNotFoundByDateError, TaskInstanceNotFoundError
from mock_airflow.domain.pools import give_back
from mock_airflow.domain.records import (
    FINISHED_TASK,
    UNFINISHED_RUN,
    Dag,
    DagRun,
    TaskInstance,
    TaskInstanceKey,
)
from mock_airflow.domain.scheduler.timetables import periods
from mock_airflow.domain.schedules.cron import found
from mock_airflow.domain.task_instances import get_exactly, keep_log

_UNDER_WAY = frozenset({"running", "deferred", "up_for_reschedule"})
_BY_RUNS = ("none", "timetable")  # schedules whose dates cannot be told, so that every run in between counts


def set_state(airflow: Airflow, ti: TaskInstance, state: str | None, at: datetime) -> TaskInstance:
    """Put a task instance into a state: dates that are there stay, missing ones become ``at`` (observed)."""
    keep_log(airflow, ti)
    give_back(airflow, ti, at)
    return airflow.task_instances.put(marked(ti, state, at))


def marked(ti: TaskInstance, state: str | None, at: datetime) -> TaskInstance:
    """A task instance's row with a state that no attempt of it led to."""
    start = ti.start_date or at
    finished = state in FINISHED_TASK or state == "up_for_retry"
    known = ti.end_date if ti.end_date is not None and ti.end_date >= start else None
    end = (known or at) if finished else ti.end_date
    return replace(
        ti,
        state=state,
        start_date=start,
        end_date=end,
        duration=(end - start).total_seconds() if finished and end else ti.duration,
        updated_at=at,
        wake_at=None,
        ends_at=None,
        outcome=None,
        waits=0,
    )


def finish_with_run(airflow: Airflow, ti: TaskInstance, run_state: str, *, as_3: bool = False) -> TaskInstance:
    """What marking its run ``success`` or ``failed`` does to a task instance (observed).

    With Airflow 3 (``as_3``) running ones take the run's state, others that are not finished are skipped.
    """
    now = airflow.now()
    if as_3 and ti.state not in FINISHED_TASK:
        return set_state(airflow, ti, run_state if ti.state in _UNDER_WAY else "skipped", now)
    if as_3:
        return ti
    if run_state == "success":
        return ti if ti.state == "success" else set_state(airflow, ti, "success", now)
    if ti.state in FINISHED_TASK:
        return ti
    return set_state(airflow, ti, "failed" if ti.state in _UNDER_WAY else "skipped", now)


def select_to_mark(
    airflow: Airflow,
    dag: Dag,
    task_ids: Collection[str],
    run: DagRun,
    state: str,
    *,
    map_index: int | None = None,
    upstream: bool = False,
    downstream: bool = False,
    future: bool = False,
    past: bool = False,
) -> list[TaskInstance]:
    """The task instances that mark() would change: those of the tasks, relatives and runs that are not in the state.

    ``map_index`` takes one instance of the tasks themselves; of relatives it is always all.
    """
    names = relatives_of(dag, task_ids, upstream=upstream, downstream=downstream)
    return by_name(
        ti
        for each in _runs_in_reach(airflow, dag, run, future=future, past=past)
        for ti in airflow.task_instances.group("run", each.key).values()
        if ti.task_id in names
        and ti.state != state
        and (map_index is None or ti.task_id not in task_ids or ti.map_index == map_index)
    )


def mark(
    airflow: Airflow,
    dag: Dag,
    task_ids: Collection[str],
    run: DagRun,
    state: str,
    *,
    future: bool = False,
    past: bool = False,
    map_index: int | None = None,
    upstream: bool = False,
    downstream: bool = False,
) -> list[TaskInstance]:
    """Put the selected task instances into the state, and clear what had failed after the tasks, so that it goes on.

    Clearing also reaches what this very call put to ``failed`` downstream (observed). Gives those that were changed, as
    they are then.
    """
    chosen = select_to_mark(
        airflow,
        dag,
        task_ids,
        run,
        state,
        map_index=map_index,
        upstream=upstream,
        downstream=downstream,
        future=future,
        past=past,
    )
    now = airflow.now()
    changed = [set_state(airflow, ti, state, now) for ti in chosen]
    resumed = Selection(
        start=None if past else run.logical_date,
        end=None if future else run.logical_date,
        task_ids=task_ids,
        downstream=True,
        excluding=task_ids,
        states=FAILED,
    )
    clear(airflow, select(airflow, dag, resumed), within=tasks_of(dag, resumed))
    for key in {ti.run_key for ti in changed}:
        touched = airflow.dag_runs.get(key)
        if touched is not None and touched.state in UNFINISHED_RUN:
            airflow.expect(key, now)
    if changed:
        expect_later_runs(airflow, dag, now)
    return changed


def run_by_id(airflow: Airflow, dag_id: str, run_id: str, task_id: str) -> DagRun:
    """The run of this id in which the task has an instance that is not expanded. Raises TaskInstanceNotFoundError."""
    key = TaskInstanceKey(dag_id, run_id, task_id)
    run = airflow.dag_runs.get(get_exactly(airflow, key).run_key)
    if run is None:
        raise TaskInstanceNotFoundError(**key._asdict())
    return run


def run_by_date(airflow: Airflow, dag_id: str, logical_date: datetime, task_id: str) -> DagRun:
    """The run of this date in which the task has one instance.

    Raises TaskInstanceNotFoundByDateError, and ValueError where it has several, which Airflow does not expect
    (observed).
    """
    run = airflow.dag_runs.lookup("logical_date", (dag_id, logical_date))
    run_rows = airflow.task_instances.group("run", run.key) if run else {}
    found = sum(key.task_id == task_id for key in run_rows)
    if run is None or not found:
        raise TaskInstanceNotFoundByDateError(task_id=task_id, execution_date=logical_date)
    if found > 1:
        raise ValueError(f"The task {task_id!r} is mapped; name the run by dag_run_id.")
    return run


def _runs_in_reach(airflow: Airflow, dag: Dag, run: DagRun, *, future: bool, past: bool) -> Collection[DagRun]:
    """The runs that marking reaches: those of the DAG's schedule from its first, or to its last, run (code).

    A run off the schedule, such as one somebody triggered, is reached only where the range begins with it. DAGs that
    start once, continuously or by assets have no schedule to follow: only the run itself is reached.
    """
    if not (future or past) or dag.schedule.kind in ("once", "continuous", "assets"):
        return [run]
    runs = airflow.dag_runs.group("dag_id", dag.dag_id).values()
    start = min(each.logical_date for each in runs) if past else run.logical_date
    end = max(each.logical_date for each in runs) if future else run.logical_date
    return [
        each
        for each in runs
        if start <= each.logical_date <= end
        and (each.logical_date == start or _on_schedule(dag, start, each.logical_date))
    ]


def _on_schedule(dag: Dag, start: datetime, at: datetime) -> bool:
    intervals = periods(dag)
    if dag.schedule.kind in _BY_RUNS or intervals is None:
        return True
    if dag.schedule.delta is not None:
        return not (at - start) % dag.schedule.delta
    if dag.schedule.kind == "cron":
        return found(intervals.at_or_before, at) == at
    while start < at:
        following = found(intervals.after, start)
        if following is None or following <= start:
            return False
        start = following
    return start == at
