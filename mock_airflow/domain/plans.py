"""How a run will unfold: what each attempt of each task takes and how it ends.

A DAG's default plan is what the last finished run that its world file tells of did, so that a captured deployment
behaves as it did. A task without such history succeeds at its first attempt, after a time drawn from the DAG, the task
and the seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple, TypeVar

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import UNFINISHED_RUN, Dag, DagModel, DagRun, Task, TaskInstance, TaskInstanceKey
from mock_airflow.domain.xcoms import FOLLOWED

NO_WORK = frozenset({"EmptyOperator", "DummyOperator"})  # Airflow finishes these without starting a process
DRAWN_LENGTH = 3  # how many instances a mapped task without history has

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class Attempt(NamedTuple):
    """One attempt: seconds it runs, and the state it ends in (success, failed or skipped)."""

    seconds: float
    outcome: str


class TaskPlan(NamedTuple):
    """What one task instance will do.

    ``attempts`` come in turn, and the last one repeats; ``length`` is how many instances a mapped task has. ``never``
    says that the task is skipped by a branch whose own word on it, its xcom, is not known. ``past`` is the task
    instance of the DAG's model that it follows.
    """

    attempts: tuple[Attempt, ...]
    length: int = DRAWN_LENGTH
    never: bool = False
    past: TaskInstance | None = None

    def attempt(self, number: int) -> Attempt:
        """The attempt of this number, counted from 1."""
        return self.attempts[max(0, min(number, len(self.attempts)) - 1)]


def attempt_number(task: Task, ti: TaskInstance) -> int:
    """Which attempt a task instance makes since it was last cleared, counted from 1."""
    return max(1, ti.try_number - (ti.max_tries - task.retries))


def learn(airflow: Airflow, dag_id: str) -> None:
    """Take the DAG's last finished run as the model of its later ones, if it has one in which any task was tried."""
    run = _last_finished_run(airflow, dag_id)
    if run is None:
        return
    airflow.models.put(
        DagModel(
            dag_id=dag_id,
            run=run,
            instances=_grouped(airflow.task_instances.group("run", run.key).values(), lambda row: row.task_id),
            tries=_grouped(airflow.tries.group("run", run.key).values(), _place),
            xcoms=_grouped(airflow.xcoms.group("run", run.key).values(), _place),
            logs=_grouped(airflow.task_logs.group("run", run.key).values(), _place),
            links=_grouped(airflow.extra_links.group("run", run.key).values(), _place),
        )
    )


def _last_finished_run(airflow: Airflow, dag_id: str) -> DagRun | None:
    for run in reversed(list(airflow.dag_runs.group("dag_id", dag_id).values())):
        tried = any(ti.try_number for ti in airflow.task_instances.group("run", run.key).values())
        if tried and run.state not in UNFINISHED_RUN:
            return run
    return None


def _place(row: Any) -> tuple[str, int]:
    return row.task_id, row.map_index


def _grouped(rows: Iterable[R], key: Callable[[R], K]) -> dict[K, tuple[R, ...]]:
    groups: dict[K, tuple[R, ...]] = {}
    for row in rows:
        groups[key(row)] = (*groups.get(key(row), ()), row)
    return groups


def task_plan(airflow: Airflow, dag: Dag, task: Task, map_index: int = -1) -> TaskPlan:
    """What an instance of the task will do in a new run of the DAG."""
    model = airflow.models.get(dag.dag_id)
    same = model.instances.get(task.task_id) if model else None
    if model is None or not same:
        return TaskPlan((Attempt(drawn_seconds(airflow, dag, task), "success"),))
    past = next((ti for ti in same if ti.map_index == map_index), same[0])
    length = sum(ti.map_index >= 0 for ti in same) or DRAWN_LENGTH
    if past.state not in ("success", "failed", "skipped") or past.try_number == 0:
        known = any(row.key == FOLLOWED for rows in model.xcoms.values() for row in rows)
        never = past.state == "skipped" and not known
        return TaskPlan((Attempt(drawn_seconds(airflow, dag, task), "success"),), length, never, past)
    return TaskPlan((*_earlier(model, task, past), Attempt(past.duration or 0.0, past.state)), length, False, past)


def _earlier(model: DagModel, task: Task, ti: TaskInstance) -> Iterable[Attempt]:
    first = ti.max_tries - task.retries + 1  # attempts before that belong to the time before the task was cleared
    for attempt in model.tries.get((ti.task_id, ti.map_index), ()):
        if first <= attempt.try_number < ti.try_number:
            yield Attempt(attempt.duration or 0.0, "failed")


def drawn_seconds(airflow: Airflow, dag: Dag, task: Task) -> float:
    """How long an attempt of a task without history takes: drawn from the DAG, the task and the seed, in seconds."""
    if task.class_name in NO_WORK:
        return 0.0
    digest = hashlib.sha256(f"{airflow.ids.seed}/{dag.dag_id}/{task.task_id}".encode()).digest()
    return 1.0 + int.from_bytes(digest[:4], "big") / (1 << 32) * 2.0


def pid(key: TaskInstanceKey, try_number: int) -> int:
    """A process id for an attempt: any believable number that is always the same."""
    digest = hashlib.sha256("/".join((*map(str, key), str(try_number))).encode()).digest()
    return 1000 + int.from_bytes(digest[:4], "big") % 31000
