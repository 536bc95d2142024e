"""Runs of a world file, their task instances and what is left of earlier attempts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from mock_airflow.domain import dag_runs, task_instances
from mock_airflow.domain.records import (
    FINISHED_TASK,
    UNFINISHED_RUN,
    DagRun,
    RunKey,
    TaskInstance,
    TaskInstanceKey,
    TaskInstanceTry,
)
from mock_airflow.domain.scheduler import plans
from mock_airflow.world.entry import Entry, complain, nearest
from mock_airflow.world.sections import airflow_3, outcomes
from mock_airflow.world.sections.transaction import Draft, entries, section

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

RUN_STATES = ("queued", "running", "success", "failed")
RUN_TYPES = (
    "manual",
    "scheduled",
    "dataset_triggered",
    "backfill",
    "asset_triggered",
    "operator_triggered",
    "asset_materialization",
)
TASK_STATES = (
    *sorted(FINISHED_TASK),
    "running",
    "queued",
    "scheduled",
    "up_for_retry",
    "up_for_reschedule",
    "deferred",
    "restarting",
    "awaiting_input",
)


def _one_of(entry: Entry, name: str, options: tuple[str, ...], default: str | None) -> Any:
    value = entry.text(name, default)
    if value is not None and value not in options:
        complain(f"{entry.place}.{name}", f"{value!r} is none of {', '.join(options)}.{nearest(value, options)}")
    return value


@section("dag_runs")
def _dag_runs(draft: Draft, content: Any, place: str) -> None:
    short: dict[RunKey, outcomes.Outcomes] = {}
    for entry in entries(content, place):
        dag_id, run_id = entry.text("dag_id"), entry.text("dag_run_id", None)
        dag = draft.get("dags", dag_id)
        if dag is None:
            known = [dag.dag_id for dag in draft.all("dags")]
            complain(entry.place, f"there is no DAG {dag_id!r} in the section 'dags'.{nearest(dag_id, known)}")
        execution_date = entry.moment("execution_date", None)
        run_after = entry.moment("run_after", None)
        told_date = entry.moment("logical_date", execution_date)
        logical_date: datetime = told_date or run_after or draft.airflow.now()
        run_type = _one_of(entry, "run_type", RUN_TYPES, "manual")
        end_date = entry.moment("end_date", None)
        start_date = entry.moment("start_date", None)
        run = DagRun(
            id=draft.next_id("dag_runs"),
            dag_id=dag_id,
            run_id=run_id or f"{run_type}__{logical_date.isoformat()}",
            run_type=run_type,
            state=_one_of(entry, "state", RUN_STATES, "queued"),
            logical_date=logical_date,
            data_interval_start=entry.moment("data_interval_start", None if run_after else logical_date),
            data_interval_end=entry.moment("data_interval_end", None if run_after else logical_date),
            external_trigger=entry.flag("external_trigger", run_type == "manual"),
            conf=entry.object("conf", {}),
            note=entry.text("note", None),
            start_date=start_date,
            end_date=end_date,
            last_scheduling_decision=entry.moment("last_scheduling_decision", None),
            updated_at=end_date or start_date or entry.moment("queued_at", None) or logical_date,
            queued_at=entry.moment("queued_at", None),
            run_after=run_after,
            dateless=told_date is None and run_after is not None,
            triggered_by=entry.text("triggered_by", None),
            triggering_user_name=entry.text("triggering_user_name", None),
            bundle_version=entry.text("bundle_version", None),
            partition_key=entry.text("partition_key", None),
            partition_date=entry.moment("partition_date", None),
        )
        entry.ignore("dag_versions", "dag_display_name", "duration")
        if run_after is not None:
            run = replace(run, updated_at=_last_change(run))
        ended = outcomes.read(entry, dag)
        entry.done()
        draft.put("dag_runs", run)
        if ended:
            short[run.key] = ended
        if run.state in UNFINISHED_RUN:
            draft.later(partial(_go_on, key=run.key))
    draft.later(partial(outcomes.make, told=short))
    draft.later(partial(_learn, dag_ids=dict.fromkeys(run.dag_id for run in draft.all("dag_runs"))))


def _last_change(run: DagRun) -> datetime:
    """When a run that an Airflow 3 tells of last changed, as far as its own moments say."""
    told = (run.queued_at, run.start_date, run.last_scheduling_decision, run.end_date)
    return max((moment for moment in told if moment is not None), default=run.updated_at)


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


def _attempt_fields(entry: Entry, draft: Draft) -> dict[str, Any]:
    """What a task instance and a try both have."""
    dag_id, task_id = entry.text("dag_id"), entry.text("task_id")
    run = draft.get("dag_runs", RunKey(dag_id, entry.text("dag_run_id")))
    if run is None:
        complain(entry.place, f"the section 'dag_runs' has no run {entry.text('dag_run_id')!r} of {dag_id!r}.")
    dag = draft.get("dags", dag_id)
    task = dag.tasks.get(task_id) if dag else None
    return {
        "dag_id": dag_id,
        "run_id": run.run_id,
        "task_id": task_id,
        "map_index": entry.whole("map_index", -1),
        "task_display_name": entry.text("task_display_name", task_id),
        "operator": entry.text("operator", task.class_name if task else None),
        "state": _one_of(entry, "state", TASK_STATES, None),
        "try_number": entry.whole("try_number", 0),
        "max_tries": entry.whole("max_tries", task.retries if task else 0),
        "start_date": entry.moment("start_date", None),
        "end_date": entry.moment("end_date", None),
        "duration": entry.number("duration", None),
        "queued_when": entry.moment("queued_when", None),
        "hostname": entry.text("hostname", ""),
        "unixname": entry.text("unixname", "root"),
        "pid": entry.whole("pid", None),
        "pool": entry.text("pool", "default_pool"),
        "pool_slots": entry.whole("pool_slots", 1),
        "queue": entry.text("queue", "default"),
        "priority_weight": entry.whole("priority_weight", 1),
        "executor": entry.text("executor", None),
        "executor_config": entry.text("executor_config", "{}"),
        "scheduled_when": entry.moment("scheduled_when", None),
        "dag_version": airflow_3.version_number(entry),
        "operator_name": entry.text("operator_name", None),
    }


@section("task_instances")
def _task_instances(draft: Draft, content: Any, place: str) -> None:
    declared: dict[RunKey, list[str]] = {}
    for entry in entries(content, place):
        values = _attempt_fields(entry, draft)
        run = draft.get("dag_runs", RunKey(values["dag_id"], values["run_id"]))
        entry.moment("execution_date", None)
        row = TaskInstance(
            **values,
            logical_date=run.logical_date,
            note=entry.text("note", None),
            rendered_fields=entry.object("rendered_fields", {}),
            rendered_map_index=entry.text("rendered_map_index", None),
            sla_miss=entry.object("sla_miss", None),
            trigger=entry.object("trigger", None),
            triggerer_job=entry.object("triggerer_job", None),
            updated_at=values["end_date"] or values["start_date"] or run.updated_at,
            id=entry.text("id", ""),
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
        values = _attempt_fields(entry, draft)
        entry.ignore("execution_date", "note", "rendered_fields", "dag_display_name")
        entry.done()
        row = TaskInstanceTry(**values)
        # Airflow lists the current attempt among the tries, once; it is the task instance itself, not history
        current = draft.get("task_instances", (row.dag_id, row.run_id, row.task_id, row.map_index))
        if current is None or current.key in told or (current.try_number, current.state) != (row.try_number, row.state):
            draft.put("task_instance_tries", row)
        else:
            told.add(current.key)
