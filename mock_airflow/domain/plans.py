"""How a run will unfold: what each attempt of each task takes and how it ends.

A DAG's default plan is what its last finished run in the state did, so that a captured deployment behaves as it did.
A task without such history succeeds at its first attempt, after a time drawn from the DAG, the task and the seed.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Dag, DagRun, Task, TaskInstance, TaskInstanceKey

NO_WORK = frozenset({"EmptyOperator", "DummyOperator"})  # Airflow finishes these without starting a process


class Attempt(NamedTuple):
    """One attempt: seconds it runs, and the state it ends in (success, failed or skipped)."""

    seconds: float
    outcome: str


class TaskPlan(NamedTuple):
    """The attempts of one task instance in turn (the last one repeats), and how many instances a mapped task has."""

    attempts: tuple[Attempt, ...]
    length: int = 1

    def attempt(self, number: int) -> Attempt:
        """The attempt of this number, counted from 1."""
        return self.attempts[min(number, len(self.attempts)) - 1]


def task_plan(airflow: Airflow, dag: Dag, task: Task, map_index: int = -1) -> TaskPlan:
    """What an instance of the task will do in a new run of the DAG."""
    model = _last_finished_run(airflow, dag.dag_id)
    if model is not None:
        past = airflow.task_instances.group("run", model.key)
        same = [ti for ti in past.values() if ti.task_id == task.task_id]
        if same:
            chosen = next((ti for ti in same if ti.map_index == map_index), same[0])
            return TaskPlan(_past_attempts(airflow, task, chosen), sum(ti.map_index >= 0 for ti in same))
    return TaskPlan((Attempt(_drawn_seconds(airflow, dag, task), "success"),), 3)


def _last_finished_run(airflow: Airflow, dag_id: str) -> DagRun | None:
    runs = [
        run
        for state in ("success", "failed")
        for run in airflow.dag_runs.group("open", (dag_id, state)).values()
        if run.start_date is not None
    ]
    return max(runs, key=lambda run: run.id, default=None)


def _past_attempts(airflow: Airflow, task: Task, ti: TaskInstance) -> tuple[Attempt, ...]:
    if ti.state == "skipped":
        return (Attempt(0.0, "skipped"),)
    if ti.state not in ("success", "failed"):
        return (Attempt(_drawn_seconds_of(airflow, ti.key), "success"),)
    first = ti.max_tries - task.retries + 1  # earlier attempts belong to the time before the task was cleared
    earlier = [
        attempt
        for attempt in airflow.tries.group("task_instance", ti.key).values()
        if first <= attempt.try_number < ti.try_number
    ]
    return (
        *(Attempt(one.duration or 0.0, "failed") for one in earlier),
        Attempt(ti.duration or 0.0, ti.state),
    )


def _drawn_seconds(airflow: Airflow, dag: Dag, task: Task) -> float:
    if task.class_name in NO_WORK:
        return 0.0
    return _drawn_seconds_of(airflow, TaskInstanceKey(dag.dag_id, "", task.task_id))


def _drawn_seconds_of(airflow: Airflow, key: TaskInstanceKey) -> float:
    digest = hashlib.sha256(f"{airflow.ids.seed}/{key.dag_id}/{key.task_id}".encode()).digest()
    return 1.0 + int.from_bytes(digest[:4], "big") / (1 << 32) * 2.0


def pid(key: TaskInstanceKey, try_number: int) -> int:
    """A process id for an attempt: any believable number that is always the same."""
    digest = hashlib.sha256("/".join((*map(str, key), str(try_number))).encode()).digest()
    return 1000 + int.from_bytes(digest[:4], "big") % 31000


