"""The short form of a finished run's task instances: the state that each of its tasks ended in.

    {"dag_id": "etl", "state": "failed", "tasks": {"extract": "success", "load": "failed"}}

Their times are made up: the tasks share the run's time, one after another, in the proportion of what each would take in
a run without history.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from mock_airflow.domain.dags import priority_weight_total
from mock_airflow.domain.records import FINISHED_TASK, Dag, DagRun, RunKey, Task, TaskInstance, TaskInstanceKey
from mock_airflow.domain.scheduler import plans
from mock_airflow.world.entry import WorldEntry, complain, nearest

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.domain.airflow import Airflow

_STATES = tuple(sorted(FINISHED_TASK))
_WORKED = frozenset({"success", "failed"})

Outcomes = tuple[tuple[str, str], ...]  # task_id and state


class _Part(NamedTuple):
    """One task's part of a run: which share of the run's time has passed as it begins, and which it takes."""

    task: Task
    state: str
    begins: float
    share: float
    worked: bool
    try_number: int
    map_index: int
    priority_weight: int


def read(entry: WorldEntry, dag: Dag) -> Outcomes:
    """What a run's key ``tasks`` tells: a state by task, or one state for all of them; nothing when it is not there."""
    told = entry.any("tasks")
    if told is None:
        return ()
    place = f"{entry.place}.tasks"
    if isinstance(told, str):
        told = dict.fromkeys(dag.tasks, told)
    if not isinstance(told, Mapping):
        complain(place, "a state, or an object with a state by task_id, is expected.")
    for task_id, state in told.items():
        if task_id not in dag.tasks:
            complain(
                place, f"the DAG {dag.dag_id!r} has no task {task_id!r}.{nearest(str(task_id), dag.tasks)}", task_id
            )
        if state not in _STATES:
            complain(f"{place}.{task_id}", f"{state!r} is none of {', '.join(_STATES)}.{nearest(str(state), _STATES)}")
    return tuple(told.items())


def make(deployment: Deployment, told: Mapping[RunKey, Outcomes]) -> None:
    """Make the task instances of runs; those that the world tells of by themselves stay as they are."""
    airflow = deployment.airflow
    parts: dict[tuple[str, Outcomes], list[_Part]] = {}
    for key, outcomes in told.items():
        run, dag = airflow.dag_runs.get(key), airflow.dags.get(key.dag_id)
        if run is None or dag is None:
            continue
        kind = (key.dag_id, outcomes)
        if kind not in parts:
            parts[kind] = _parts(airflow, dag, dict(outcomes))
        known = {ti.task_id for ti in airflow.task_instances.group("run", key).values()}
        lacking = parts[kind]
        if known:
            lacking = [part for part in lacking if part.task.task_id not in known]
        if lacking:
            source = (run, lacking, airflow.hostname)
            airflow.task_instances.add_batch((key.dag_id, key.run_id), len(lacking), _instances, source)


def _instances(source: tuple[DagRun, list[_Part], str]) -> Mapping[TaskInstanceKey, TaskInstance]:
    run, parts, hostname = source
    start = run.start_date or run.logical_date
    whole = (run.end_date or start) - start
    rows = (_instance(run, part, start + whole * part.begins, whole * part.share, hostname) for part in parts)
    return {row.key: row for row in rows}


def _parts(airflow: Airflow, dag: Dag, outcomes: Mapping[str, str]) -> list[_Part]:
    tasks = [task for task in dag.tasks.values() if task.task_id in outcomes]
    seconds = [plans.drawn_seconds(airflow, dag, task) if outcomes[task.task_id] in _WORKED else 0.0 for task in tasks]
    whole, passed, parts = sum(seconds) or 1.0, 0.0, []
    for task, own in zip(tasks, seconds, strict=True):
        state, share = outcomes[task.task_id], own / whole
        tried = 0 if state not in _WORKED else task.retries + 1 if state == "failed" else 1
        weight = priority_weight_total(dag, task.task_id)
        parts.append(_Part(task, state, passed, share, own > 0, tried, 0 if task.is_mapped else -1, weight))
        passed += share
    return parts


def _instance(run: DagRun, part: _Part, begun: datetime, took: timedelta, hostname: str) -> TaskInstance:
    task, worked, ended = part.task, part.worked, begun + took
    key = TaskInstanceKey(run.dag_id, run.run_id, task.task_id, part.map_index)
    return TaskInstance(
        dag_id=run.dag_id,
        run_id=run.run_id,
        task_id=task.task_id,
        map_index=part.map_index,
        logical_date=run.logical_date,
        task_display_name=task.task_display_name,
        operator=task.class_name,
        state=part.state,
        try_number=part.try_number,
        max_tries=task.retries,
        start_date=begun,
        end_date=ended,
        duration=took.total_seconds(),
        queued_when=begun if worked else None,
        hostname=hostname if worked else "",
        pid=plans.pid(key, part.try_number) if worked else None,
        pool=task.pool,
        pool_slots=task.pool_slots,
        queue=task.queue,
        priority_weight=part.priority_weight,
        updated_at=ended,
    )
