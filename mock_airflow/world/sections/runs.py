"""Runs of a world file, their task instances and what is left of earlier attempts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from mock_airflow.domain import dag_runs, task_instances
from mock_airflow.domain.records import (
    RUN_STATES,
    TASK_STATES,
    UNFINISHED_RUN,
    DagRun,
    RunKey,
    TaskInstance,
    TaskInstanceKey,
    TaskInstanceTry,
)
from mock_airflow.domain.scheduler import plans
from mock_airflow.world.entry import WorldEntry, complain, nearest
from mock_airflow.world.fields import record
from mock_airflow.world.sections import airflow_3, outcomes
from mock_airflow.world.sections.transaction import Draft, entries, section

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

A = TypeVar("A", TaskInstance, TaskInstanceTry)

RUN_TYPES = (
    "manual",
    "scheduled",
    "dataset_triggered",
    "backfill",
    "asset_triggered",
    "operator_triggered",
    "asset_materialization",
)
# what the scheduler knows of a task instance, and no world file says
_NOTHING_UNDER_WAY: dict[str, Any] = {"wake_at": None, "ends_at": None, "outcome": None, "waits": 0}


def _one_of(entry: WorldEntry, name: str, options: tuple[str, ...], default: str | None) -> Any:
    value = entry.text(name, default)
    if value is None:
        return None
    if value not in options:
        complain(f"{entry.place}.{name}", f"{value!r} is none of {', '.join(options)}.{nearest(value, options)}")
    return options[options.index(value)]  # one text for all rows


@section("dag_runs")
def _dag_runs(draft: Draft, content: Any, place: str) -> None:
    short: dict[RunKey, outcomes.Outcomes] = {}
    for entry in entries(content, place):
        dag = draft.dag(entry.text("dag_id"), entry.place)
        dag_id = dag.dag_id  # one text for all rows
        execution_date = entry.moment("execution_date", None)
        run_after = entry.moment("run_after", None)
        told_date = entry.moment("logical_date", execution_date)
        logical_date: datetime = told_date or run_after or draft.airflow.now()
        run_type = _one_of(entry, "run_type", RUN_TYPES, "manual")
        interval = None if run_after else logical_date
        entry.ignore("dag_versions", "dag_display_name", "duration")
        run = record(
            entry,
            DagRun,
            {
                "data_interval_start": interval,
                "data_interval_end": interval,
                "external_trigger": run_type == "manual",
            },
            id=draft.next_id("dag_runs"),
            dag_id=dag_id,
            run_id=entry.text("dag_run_id", None) or f"{run_type}__{logical_date.isoformat()}",
            run_type="asset_triggered" if run_type == "dataset_triggered" else run_type,  # its name in Airflow 2
            state=_one_of(entry, "state", RUN_STATES, "queued"),
            logical_date=logical_date,
            run_after=run_after,
            updated_at=_last_change(entry, run_after is not None) or logical_date,
            dateless=told_date is None and run_after is not None,
        )
        ended = outcomes.read(entry, dag)
        entry.done()
        draft.put("dag_runs", run)
        if ended:
            short[run.key] = ended
        if run.state in UNFINISHED_RUN:
            draft.later(partial(_go_on, key=run.key))
    draft.later(partial(outcomes.make, told=short))
    draft.later(partial(_learn, dag_ids=dict.fromkeys(run.dag_id for run in draft.all("dag_runs"))))


def _last_change(entry: WorldEntry, of_airflow_3: bool) -> datetime | None:
    """When a run last changed, as far as its own moments say; those of an Airflow 3 say more."""
    if of_airflow_3:
        every = ("queued_at", "start_date", "last_scheduling_decision", "end_date")
        return max((told for name in every if (told := entry.moment(name, None))), default=None)
    names = ("end_date", "start_date", "queued_at")
    return next((told for name in names if (told := entry.moment(name, None))), None)


def _learn(deployment: Deployment, dag_ids: Iterable[str]) -> None:
    """Later runs of these DAGs behave as the last one that is told of."""
    for dag_id in dag_ids:
        plans.learn(deployment.airflow, dag_id)


def _go_on(deployment: Deployment, key: RunKey) -> None:
    """Have an unfinished run go on; one without task instances gets those that triggering it would have made."""
    airflow = deployment.airflow
    run, dag = airflow.dag_runs.get(key), airflow.dags.get(key.dag_id)
    if run is not None and dag is not None and not airflow.task_instances.group("run", key):
        for task in dag.tasks.values():
            if dag_runs.in_season(dag, task, run):
                airflow.task_instances.put(task_instances.fresh(dag, task, run))
    airflow.expect(key, airflow.now())


def _attempt(entry: WorldEntry, draft: Draft, kind: type[A], run: DagRun, **given: Any) -> A:
    """A task instance, or an earlier attempt of one."""
    task_id, dag = entry.text("task_id"), draft.get("dags", run.dag_id)
    task = dag.tasks.get(task_id) if dag else None
    usual = {
        "task_display_name": task_id,
        "operator": task.class_name if task else None,
        "max_tries": task.retries if task else 0,
    }
    return record(
        entry,
        kind,
        usual,
        dag_id=run.dag_id,
        run_id=run.run_id,
        task_id=task_id,
        state=_one_of(entry, "state", TASK_STATES, None),
        dag_version=airflow_3.version_number(entry),
        **given,
    )


@section("task_instances")
def _task_instances(draft: Draft, content: Any, place: str) -> None:
    declared: dict[RunKey, list[str]] = {}
    for entry in entries(content, place):
        run = draft.run(entry)
        entry.moment("execution_date", None)
        row = _attempt(
            entry,
            draft,
            TaskInstance,
            run,
            logical_date=run.logical_date,
            updated_at=entry.moment("end_date", None) or entry.moment("start_date", None) or run.updated_at,
            **_NOTHING_UNDER_WAY,
        )
        entry.ignore("logical_date", "run_after", "dag_display_name")
        entry.done()
        draft.put("task_instances", _under_way(row, draft.airflow.now()))
        declared.setdefault(row.run_key, []).append(row.task_id)
    for key, order in declared.items():
        _declare(draft, key.dag_id, order)


def _under_way(ti: TaskInstance, now: datetime) -> TaskInstance:
    """A task instance in the middle of something goes on from here."""
    if ti.state == "running":
        return replace(ti, ends_at=now + timedelta(seconds=1), outcome="success")
    if ti.state in ("queued", "restarting", "up_for_retry", "up_for_reschedule", "deferred"):
        return replace(ti, wake_at=now)
    return ti


def _declare(draft: Draft, dag_id: str, order: list[str]) -> None:
    """Take the order of a run's task instances as the order in which the DAG's file declares its tasks."""
    dag = draft.get("dags", dag_id)
    names = dict.fromkeys([*(name for name in order if name in dag.tasks), *dag.tasks])
    draft.put("dags", replace(dag, tasks={name: dag.tasks[name] for name in names}))


@section("task_instance_tries")
def _tries(draft: Draft, content: Any, place: str) -> None:
    told: set[TaskInstanceKey] = set()
    for entry in entries(content, place):
        row = _attempt(entry, draft, TaskInstanceTry, draft.run(entry))
        entry.ignore("execution_date", "note", "rendered_fields", "dag_display_name")
        entry.done()
        # Airflow lists the current attempt among the tries, once; it is the task instance itself, not history
        current = draft.get("task_instances", (row.dag_id, row.run_id, row.task_id, row.map_index))
        if current is None or current.key in told or (current.try_number, current.state) != (row.try_number, row.state):
            draft.put("task_instance_tries", row)
        else:
            told.add(current.key)
