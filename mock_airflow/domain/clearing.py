"""Clearing: making task instances run again, and keeping what they did so far as history."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.dags import priority_weight_total, relatives_of
from mock_airflow.domain.pools import give_back
from mock_airflow.domain.records import (
    FINISHED_TASK,
    UNFINISHED_RUN,
    Dag,
    DagRun,
    RunKey,
    TaskInstance,
    TaskInstanceKey,
    TaskInstanceTry,
)
from mock_airflow.domain.task_instances import fresh, keep_log

_HEARTBEAT = timedelta(seconds=5)  # after which a process learns at the latest that it is to stop (code)
FAILED = frozenset({"failed", "upstream_failed"})


class Selection(Struct, frozen=True, kw_only=True):
    """Which task instances of a DAG to clear: of which runs, of which tasks, in which states; None means all.

    The bounds are on the runs' logical dates and included. Runs of the future are left out unless ``end`` says
    otherwise (code).
    """

    start: datetime | None = None
    end: datetime | None = None
    task_ids: Collection[str] | None = None
    upstream: bool = False
    downstream: bool = False
    excluding: Collection[str] = ()
    states: frozenset[str] | None = None


def select(airflow: Airflow, dag: Dag, selection: Selection) -> list[TaskInstance]:
    """The task instances that a selection means, run by run.

    Within a run they come in the order they were made, or by name where tasks were asked for, as the database finds
    them (observed).
    """
    tasks = tasks_of(dag, selection)
    chosen: list[TaskInstance] = []
    for run in _runs_between(airflow, dag.dag_id, selection.start, selection.end or airflow.now()):
        rows = [
            ti
            for ti in airflow.task_instances.group("run", run.key).values()
            if (tasks is None or ti.task_id in tasks)
            and ti.task_id not in selection.excluding
            and (selection.states is None or ti.state in selection.states)
        ]
        chosen += rows if tasks is None else by_name(rows)
    return chosen


def tasks_of(dag: Dag, selection: Selection) -> Collection[str] | None:
    """The tasks that a selection is about, before any is excluded; None for all."""
    if selection.task_ids is None:
        return None
    return relatives_of(dag, selection.task_ids, upstream=selection.upstream, downstream=selection.downstream)


def by_name(instances: Iterable[TaskInstance]) -> list[TaskInstance]:
    """Task instances by task_id, run_id and map_index: the order of the database's own index (observed)."""
    return sorted(instances, key=lambda ti: (ti.task_id, ti.run_id, ti.map_index))


def _runs_between(airflow: Airflow, dag_id: str, start: datetime | None, end: datetime) -> Iterable[DagRun]:
    if start is not None and start == end:
        run = airflow.dag_runs.lookup("logical_date", (dag_id, start))
        return [] if run is None else [run]
    return [
        run
        for run in airflow.dag_runs.group("dag_id", dag_id).values()
        if (start is None or run.logical_date >= start) and run.logical_date <= end
    ]


def remember_try(airflow: Airflow, ti: TaskInstance, at: datetime) -> TaskInstance:
    """Keep the current attempt as history, once for each try_number.

    One that is not finished counts as failed, and ends now, also for the task instance itself (observed).
    """
    asked = airflow.hitl_details.get((ti.key, ti.try_number))
    if asked is not None and not asked.past:
        airflow.hitl_details.put(replace(asked, past=True))
    if (ti.key, ti.try_number) in airflow.tries:
        return ti
    state = ti.state
    if state not in FINISHED_TASK:
        state = "failed"
        duration = (at - ti.start_date).total_seconds() if ti.start_date else None
        ti = replace(ti, end_date=at, duration=duration)
    values = {name: getattr(ti, name) for name in TaskInstanceTry.__struct_fields__}
    airflow.tries.put(TaskInstanceTry(**{**values, "state": state}))
    return ti


def clear(
    airflow: Airflow,
    instances: Iterable[TaskInstance],
    *,
    within: Collection[str] | None = None,
    reopen_runs: bool = True,
    dag_version: int | None = None,
) -> None:
    """Forget the states of task instances so that they run again; their attempts so far become history (observed).

    Old dates, pid and xcoms stay until the next start; max_tries allows as many new attempts as the task has retries;
    pool, queue and weight are the task's own again, the weight as if the DAG had only the tasks ``within`` (observed).
    With ``reopen_runs`` the finished runs they belong to are queued again; other runs are left as they are.
    ``dag_version`` is the number of the version that they run by then, if another.
    """
    now = airflow.now()
    runs: dict[RunKey, None] = {}
    instances = list(instances)
    places = _places(airflow, instances) if airflow.conduct.points else {}
    for ti in instances:
        runs[ti.run_key] = None
        keep_log(airflow, ti)
        if ti.state == "running" and airflow.conduct.stops_cleared:
            restarting = replace(ti, state="restarting", wake_at=now + _HEARTBEAT, ends_at=None, outcome=None)
            airflow.task_instances.put(replace(restarting, updated_at=now))
            airflow.wake(ti.run_key, now + _HEARTBEAT)
            continue
        give_back(airflow, ti, now)
        ti = remember_try(airflow, ti, now)
        if ti.state != "running":  # a running one's process goes on to its end, whatever was cleared (observed)
            began, ti = ti.state is not None, _cleared(airflow, ti, within, now, dag_version)
            if began and places:  # as another attempt it is another row (observed)
                moment = now + places[ti.key] * timedelta(milliseconds=1)
                ti = replace(ti, id=airflow.ids.time_ordered_uuid(moment, "task instance"))
        airflow.task_instances.put(ti)
    for key in runs:
        if dag_version is not None:
            add_new_tasks(airflow, key, dag_version)
        run = airflow.dag_runs.get(key)
        if run is not None and run.state not in UNFINISHED_RUN and reopen_runs:
            reopen(airflow, run)
        elif run is not None and run.state in UNFINISHED_RUN:
            airflow.expect(key, now)


def _places(airflow: Airflow, instances: Iterable[TaskInstance]) -> dict[TaskInstanceKey, int]:
    """The order in which instances are cleared: as they were made, or by their tasks' places in the DAG."""

    def place(ti: TaskInstance) -> tuple[str, int, int]:
        dag = airflow.dags.get(ti.dag_id)
        tasks = list(dag.tasks) if dag is not None else []
        return ti.id or "", tasks.index(ti.task_id) if ti.task_id in tasks else len(tasks), ti.map_index

    return {ti.key: number for number, ti in enumerate(sorted(instances, key=place))}


def add_new_tasks(airflow: Airflow, key: RunKey, dag_version: int | None) -> None:
    """Give a run instances of the tasks that its DAG has got since (observed)."""
    run, dag = airflow.dag_runs.get(key), airflow.dags.get(key.dag_id)
    if run is None or dag is None:
        return
    known = {ti.task_id for ti in airflow.task_instances.group("run", key).values()}
    for task in dag.tasks.values():
        if task.task_id not in known:
            row = replace(fresh(dag, task, run), dag_version=dag_version, updated_at=airflow.now())
            airflow.task_instances.put(row)


def _cleared(
    airflow: Airflow, ti: TaskInstance, within: Collection[str] | None, now: datetime, dag_version: int | None
) -> TaskInstance:
    dag = airflow.dags.get(ti.dag_id)
    task = dag.tasks.get(ti.task_id) if dag else None
    if dag is not None and task is not None:
        ti = replace(
            ti,
            operator=task.class_name,
            pool=task.pool,
            pool_slots=task.pool_slots,
            queue=task.queue,
            priority_weight=priority_weight_total(dag, task.task_id, within),
        )
    return replace(
        ti,
        state=None,
        id="",
        dag_version=dag_version or ti.dag_version,
        max_tries=ti.try_number + task.retries if task else max(ti.max_tries, ti.try_number),
        updated_at=now,
        wake_at=None,
        ends_at=None,
        outcome=None,
        waits=0,
    )


def reopen(airflow: Airflow, run: DagRun) -> DagRun:
    """Queue a run again, as if the scheduler had not looked at it yet."""
    now = airflow.now()
    run = airflow.dag_runs.put(
        replace(
            run,
            state="queued",
            queued_at=now,
            start_date=None,
            end_date=None,
            last_scheduling_decision=None,
            updated_at=now,
        )
    )
    airflow.expect(run.key, now)
    return run
