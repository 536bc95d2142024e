"""The short form of a finished run's task instances: the state that each of its tasks ended in.

    {"dag_id": "etl", "state": "failed", "tasks": {"extract": "success", "load": "failed"}}

Their times are made up: the tasks share the run's time, one after another, in the proportion of what each would take in
a run without history.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from mock_airflow.domain import plans
from mock_airflow.domain.dags import priority_weight_total
from mock_airflow.domain.records import FINISHED_TASK, Dag, DagRun, RunKey, Task, TaskInstance, TaskInstanceKey
from mock_airflow.world.entry import Entry, complain, nearest

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.domain.airflow import Airflow

_STATES = tuple(sorted(FINISHED_TASK))
_WORKED = frozenset({"success", "failed"})

Outcomes = tuple[tuple[str, str], ...]  # task_id and state


class _Part(NamedTuple):
    """One task's part of a run: which shares of the run's time have passed as it begins and as it ends."""

    task: Task
    state: str
    begins: float
    ends: float
    worked: bool
    priority_weight: int


def read(entry: Entry, dag: Dag) -> Outcomes:
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
        for part in parts[kind]:
            ti = _instance(airflow, run, part)
            if ti.key not in airflow.task_instances:
                airflow.task_instances.put(ti)


def _parts(airflow: Airflow, dag: Dag, outcomes: Mapping[str, str]) -> list[_Part]:
    tasks = [task for task in dag.tasks.values() if task.task_id in outcomes]
    seconds = [plans.drawn_seconds(airflow, dag, task) if outcomes[task.task_id] in _WORKED else 0.0 for task in tasks]
    whole, passed, parts = sum(seconds) or 1.0, 0.0, []
    for task, own in zip(tasks, seconds, strict=True):
        begins, passed = passed, passed + own / whole
        weight = priority_weight_total(dag, task.task_id)
        parts.append(_Part(task, outcomes[task.task_id], begins, passed, own > 0, weight))
    return parts


def _instance(airflow: Airflow, run: DagRun, part: _Part) -> TaskInstance:
    task, state = part.task, part.state
    start = run.start_date or run.logical_date
    seconds = ((run.end_date or start) - start).total_seconds()
    begun, ended = start + timedelta(seconds=seconds * part.begins), start + timedelta(seconds=seconds * part.ends)
    tried = (task.retries + 1 if state == "failed" else 1) if state in _WORKED else 0
    map_index = 0 if task.is_mapped else -1
    key = TaskInstanceKey(run.dag_id, run.run_id, task.task_id, map_index)
    return TaskInstance(
        dag_id=run.dag_id,
        run_id=run.run_id,
        task_id=task.task_id,
        map_index=map_index,
        logical_date=run.logical_date,
        task_display_name=task.task_display_name,
        operator=task.class_name,
        state=state,
        try_number=tried,
        max_tries=task.retries,
        start_date=begun,
        end_date=ended,
        duration=(ended - begun).total_seconds(),
        queued_when=begun if part.worked else None,
        hostname=airflow.hostname if part.worked else "",
        pid=plans.pid(key, tried) if part.worked else None,
        pool=task.pool,
        pool_slots=task.pool_slots,
        queue=task.queue,
        priority_weight=part.priority_weight,
        updated_at=ended,
    )
