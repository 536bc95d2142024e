"""How a run will unfold: what each attempt of each task takes and how it ends.

A DAG's default plan is what the last finished run that its world file tells of did, so that a captured deployment
behaves as it did. A task without such history succeeds at its first attempt, after a time drawn from the DAG, the task
and the seed. A plan that somebody gives, for the DAG or for one run, comes before both.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Hashable, Iterable
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from mock_airflow.domain import dags
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import DagRunNotFoundError
from mock_airflow.domain.records import (
    UNFINISHED_RUN,
    Attempt,
    Dag,
    DagModel,
    DagRun,
    RunKey,
    RunPlan,
    Task,
    TaskInstance,
    TaskInstanceKey,
    TaskOrder,
)
from mock_airflow.domain.scheduler.graphs import NO_WORK
from mock_airflow.domain.scheduler.plan_forms import plan_of
from mock_airflow.domain.xcoms import FOLLOWED
from mock_airflow.errors import PlanError

DRAWN_LENGTH = 3  # how many instances a mapped task without history has

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class TaskPlan(NamedTuple):
    """What one task instance will do.

    ``attempts`` come in turn, and the last one repeats; ``length`` is how many instances a mapped task has, None where
    it follows from what is before it. ``never`` says that the task is skipped by a branch whose own word on it, its
    xcom, is not known. ``past`` is the task instance of the DAG's model that it follows, ``order`` what a plan says.
    """

    attempts: tuple[Attempt, ...]
    length: int | None = None
    never: bool = False
    past: TaskInstance | None = None
    order: TaskOrder = TaskOrder()

    def attempt(self, task: Task, ti: TaskInstance) -> Attempt:
        """The attempt that a task instance makes now: a given plan counts all tries, history those since the clear."""
        number = ti.try_number if self.order.attempts is not None else attempt_number(task, ti)
        return self.attempts[max(0, min(number, len(self.attempts)) - 1)]


def attempt_number(task: Task, ti: TaskInstance) -> int:
    """Which attempt a task instance makes since it was last cleared, counted from 1."""
    return max(1, ti.try_number - (ti.max_tries - task.retries))


def give(airflow: Airflow, dag_id: str, form: Any, run_id: str | None = None) -> RunPlan:
    """Have runs of the DAG, or one run, unfold by a plan; it replaces the plan given before.

    It counts for attempts that begin from now on. Raises DagNotFoundError, DagRunNotFoundError, or PlanError for a plan
    that cannot be; then nothing was changed.
    """
    dag = dags.get(airflow, dag_id)
    if run_id is not None and RunKey(dag_id, run_id) not in airflow.dag_runs:
        raise DagRunNotFoundError(dag_id=dag_id, run_id=run_id)
    return airflow.plans.put(plan_of(dag, form, run_id))


def forget(airflow: Airflow, dag_id: str, run_id: str | None = None) -> None:
    """Have runs of the DAG, or one run, unfold without the plan that was given; attempts under way go on.

    Raises DagNotFoundError, or PlanError where there is none.
    """
    dags.get(airflow, dag_id)
    if (dag_id, run_id) not in airflow.plans:
        of = repr(dag_id) if run_id is None else f"the run {run_id!r} of {dag_id!r}"
        raise PlanError(f"There is no plan of {of} to be forgotten.")
    airflow.plans.delete((dag_id, run_id))


def release(airflow: Airflow, dag_id: str, run_id: str, task_id: str | None = None) -> list[TaskInstance]:
    """Let what a plan holds in a run go on, all of it or one task; gives the task instances that go on at once.

    An attempt that already took its time ends now. One that has not begun will not be held. Raises DagNotFoundError,
    DagRunNotFoundError, or PlanError where nothing is held.
    """
    dag = dags.get(airflow, dag_id)
    run = airflow.dag_runs.get(RunKey(dag_id, run_id))
    if run is None:
        raise DagRunNotFoundError(dag_id=dag_id, run_id=run_id)
    if task_id is not None and task_id not in dag.tasks:
        raise PlanError(f"The DAG {dag_id!r} has no task {task_id!r} to be released.")
    orders: dict[str, TaskOrder] = {}
    for plan in (airflow.plans.get((dag_id, None)), airflow.plans.get((dag_id, run_id))):
        orders |= plan.tasks if plan is not None else {}
    names = {name for name, order in orders.items() if _holds(order) and task_id in (None, name)}
    if not names:
        what = f"The task {task_id!r}" if task_id is not None else "Nothing"
        raise PlanError(f"{what} is held in the run {run_id!r} of {dag_id!r}; a plan holds a task with 'hold': true.")
    going = []
    now = airflow.now()
    for ti in list(airflow.task_instances.group("run", run.key).values()):
        if ti.task_id in names and ti.state == "running" and ti.ends_at is None and ti.start_date is not None:
            task = dag.tasks[ti.task_id]
            planned = task_plan(airflow, dag, task, run_id, ti.map_index).attempt(task, ti)
            ends_at = max(now, ti.start_date + timedelta(seconds=planned.seconds))
            going.append(airflow.task_instances.put(replace(ti, ends_at=ends_at)))
            airflow.wake(run.key, ends_at)
    freed = {name: _not_held(order) if name in names else order for name, order in orders.items()}
    airflow.plans.put(RunPlan(dag_id=dag_id, run_id=run_id, tasks=freed))
    return going


def _holds(order: TaskOrder) -> bool:
    held = any(attempt.held for attempt in order.attempts or ())
    return held or any(_holds(item) for item in order.items.values())


def _not_held(order: TaskOrder) -> TaskOrder:
    attempts = None if order.attempts is None else tuple(one._replace(held=False) for one in order.attempts)
    return replace(order, attempts=attempts, items={index: _not_held(one) for index, one in order.items.items()})


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
            events=_grouped(
                (event for event in airflow.asset_events if (event.source_dag_id, event.source_run_id) == run.key),
                lambda event: event.source_task_id or "",
            ),
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


def task_plan(airflow: Airflow, dag: Dag, task: Task, run_id: str, map_index: int = -1) -> TaskPlan:
    """What an instance of the task will do in a run: by the run's plan, by the DAG's, and else by default."""
    default = _default(airflow, dag, task, map_index)
    if not airflow.plans:
        return default
    order = _order(airflow, dag.dag_id, run_id, task.task_id)
    if order is None:
        return default
    item = order.items.get(map_index)
    if item is not None:
        order = replace(item, length=order.length)
    attempts = default.attempts if order.attempts is None else order.attempts
    length = default.length if order.length is None else order.length
    never = default.never and order.attempts is None and item is None
    return TaskPlan(attempts, length, never, default.past, order)


def _order(airflow: Airflow, dag_id: str, run_id: str, task_id: str) -> TaskOrder | None:
    for key in ((dag_id, run_id), (dag_id, None)):
        plan = airflow.plans.get(key)
        if plan is not None and task_id in plan.tasks:
            return plan.tasks[task_id]
    return None


def _default(airflow: Airflow, dag: Dag, task: Task, map_index: int) -> TaskPlan:
    model = airflow.models.get(dag.dag_id)
    same = model.instances.get(task.task_id) if model else None
    if model is None or not same:
        return _without_history(airflow.ids.seed, dag.dag_id, task.task_id, task.class_name)
    seconds = drawn_seconds(airflow, dag, task)
    past = next((ti for ti in same if ti.map_index == map_index), same[0])
    length = sum(ti.map_index >= 0 for ti in same) or None
    if past.state not in ("success", "failed", "skipped") or past.try_number == 0:
        known = any(row.key == FOLLOWED for rows in model.xcoms.values() for row in rows)
        never = past.state == "skipped" and not known
        return TaskPlan((Attempt(seconds, "success"),), length, never, past)
    return TaskPlan((*_earlier(model, task, past), Attempt(past.duration or 0.0, past.state)), length, False, past)


def _earlier(model: DagModel, task: Task, ti: TaskInstance) -> Iterable[Attempt]:
    first = ti.max_tries - task.retries + 1  # attempts before that belong to the time before the task was cleared
    for attempt in model.tries.get((ti.task_id, ti.map_index), ()):
        if first <= attempt.try_number < ti.try_number:
            yield Attempt(attempt.duration or 0.0, "failed")


def drawn_seconds(airflow: Airflow, dag: Dag, task: Task) -> float:
    """How long an attempt of a task without history takes: drawn from the DAG, the task and the seed, in seconds."""
    return _drawn_seconds(airflow.ids.seed, dag.dag_id, task.task_id, task.class_name)


@lru_cache(maxsize=4096)
def _without_history(*drawn_from: Any) -> TaskPlan:
    return TaskPlan((Attempt(_drawn_seconds(*drawn_from), "success"),))


@lru_cache(maxsize=4096)
def _drawn_seconds(seed: int, dag_id: str, task_id: str, class_name: str) -> float:
    if class_name in NO_WORK:
        return 0.0
    digest = hashlib.sha256(f"{seed}/{dag_id}/{task_id}".encode()).digest()
    return 1.0 + int.from_bytes(digest[:4], "big") / (1 << 32) * 2.0


def pid(key: TaskInstanceKey, try_number: int) -> int:
    """A process id for an attempt: any believable number that is always the same."""
    named = f"{key.dag_id}/{key.run_id}/{key.task_id}/{key.map_index}/{try_number}"
    return 1000 + zlib.crc32(named.encode()) % 31000


def made_up_value(key: TaskInstanceKey) -> dict[str, int]:
    """What a Python task without history returns."""
    return {"rows": pid(key, 0)}
