"""DAGs: finding, pausing, deleting."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import DagNotFoundError, TaskNotFoundError, TasksStillRunningError
from mock_airflow.domain.pools import give_back
from mock_airflow.domain.query import Order, Page, ilike, paged
from mock_airflow.domain.records import UNFINISHED_RUN, Dag, RunKey, Task
from mock_airflow.storage.on_demand import on_demand
from mock_airflow.storage.tables import Table

if TYPE_CHECKING:
    from mock_airflow.domain import dag_files
else:
    (dag_files,) = on_demand("mock_airflow.domain", "dag_files")


def get(airflow: Airflow, dag_id: str) -> Dag:
    """The DAG. Raises DagNotFoundError."""
    dag = airflow.dags.get(dag_id)
    if dag is None:
        raise DagNotFoundError(dag_id=dag_id)
    return dag


def declared(airflow: Airflow, dag_id: str) -> Dag:
    """The DAG as its file declares it.

    Raises DagNotFoundError, also where the file is gone and only the row is left.
    """
    dag = get(airflow, dag_id)
    if not dag.is_active:
        raise DagNotFoundError(dag_id=dag_id)
    return dag


def get_task(airflow: Airflow, dag_id: str, task_id: str) -> Task:
    """The task. Raises DagNotFoundError, also where the DAG's file is gone, or TaskNotFoundError."""
    task = declared(airflow, dag_id).tasks.get(task_id)
    if task is None:
        raise TaskNotFoundError(dag_id=dag_id, task_id=task_id)
    return task


def find(
    airflow: Airflow,
    *,
    permitted: Callable[[str], bool] | None = None,
    only_active: bool = True,
    paused: bool | None = None,
    tags: Collection[str] | None = None,
    dag_id_pattern: str | None = None,
    descending: bool = False,
    offset: int | None = 0,
    limit: int | None = None,
) -> Page[Dag]:
    """A page of the DAGs that pass every filter, by dag_id. ``tags`` are alternatives."""

    rows: Iterable[Dag] = [dag for dag in airflow.dags if (dag.is_active or not only_active) and not dag.is_subdag]
    if paused is not None:
        rows = [dag for dag in rows if dag.is_paused is paused]
    if dag_id_pattern:
        matches = ilike(dag_id_pattern)
        rows = [dag for dag in rows if matches(dag.dag_id)]
    if tags:
        rows = [dag for dag in rows if any(tag in dag.tags for tag in tags)]
    if permitted is not None:
        rows = [dag for dag in rows if permitted(dag.dag_id)]
    return paged(rows, order=Order("dag_id", descending), offset=offset, limit=limit)


def set_paused(airflow: Airflow, dag_id: str, is_paused: bool | None) -> Dag:
    """Pause or unpause the DAG; unpausing lets its runs go on. Raises DagNotFoundError."""
    dag = airflow.dags.put(replace(get(airflow, dag_id), is_paused=is_paused))
    if not dag.rests:
        go_on(airflow, dag_id)
    return dag


def go_on(airflow: Airflow, dag_id: str) -> None:
    """Have the scheduler look again at a DAG that rested, and at its open runs."""
    airflow.wake(dag_id, airflow.now())
    for state in UNFINISHED_RUN:
        for run in airflow.dag_runs.group("open", (dag_id, state)).values():
            airflow.expect(run.key, airflow.now())


def delete(airflow: Airflow, dag_id: str) -> None:
    """Remove the DAG with its runs and all that hangs on them, its warnings, and the import errors of its file.

    The audit log, the assets and their events stay (observed). Raises DagNotFoundError, or TasksStillRunningError while
    a task instance of it runs.
    """
    dag = get(airflow, dag_id)
    runs = [run.key for run in airflow.dag_runs.group("dag_id", dag_id).values()]
    instances = [ti for run in runs for ti in airflow.task_instances.group("run", run).values()]
    if any(ti.state == "running" for ti in instances):
        raise TasksStillRunningError(dag_id=dag_id)
    for run in runs:
        delete_run_rows(airflow, run)
    for queued in list(airflow.queued_events.group("dag_id", dag_id)):
        airflow.queued_events.delete(queued)
    for asset in list(airflow.assets):
        consuming = tuple(ref for ref in asset.consuming_dags if ref.dag_id != dag_id)
        producing = tuple(ref for ref in asset.producing_tasks if ref.dag_id != dag_id)
        if (consuming, producing) != (asset.consuming_dags, asset.producing_tasks):
            airflow.assets.put(replace(asset, consuming_dags=consuming, producing_tasks=producing))
    for warning in [warning for warning in airflow.dag_warnings if warning.dag_id == dag_id]:
        airflow.dag_warnings.delete((dag_id, warning.warning_type))
    for error in [error for error in airflow.import_errors if error.filename == dag.fileloc]:
        airflow.import_errors.delete(error.import_error_id)
    dag_files.keep_source(airflow, dag.fileloc)
    airflow.models.delete(dag_id)
    airflow.dags.delete(dag_id)


def delete_run_rows(airflow: Airflow, run: RunKey) -> None:
    """Remove a run and every row that hangs on it."""
    for key, ti in list(airflow.task_instances.group("run", run).items()):
        give_back(airflow, ti, airflow.now())
        airflow.task_instances.delete(key)
    hanging: tuple[Table[Any, Any], ...] = (
        airflow.tries,
        airflow.xcoms,
        airflow.task_logs,
        airflow.extra_links,
        airflow.hitl_details,
        airflow.task_states,
    )
    for table in hanging:
        for row in list(table.group("run", run)):
            table.delete(row)
    airflow.dag_runs.delete(run)


def upstream_of(dag: Dag) -> dict[str, list[str]]:
    """The direct upstream task ids of every task."""
    upstream: dict[str, list[str]] = {task_id: [] for task_id in dag.tasks}
    for task in dag.tasks.values():
        for downstream in task.downstream_task_ids:
            upstream.setdefault(downstream, []).append(task.task_id)
    return upstream


def tasks_of_group(dag: Dag, group_id: str) -> list[str]:
    """The tasks of a task group, which their ids begin with."""
    return [task_id for task_id in dag.tasks if task_id.startswith(f"{group_id}.")]


def relatives_of(dag: Dag, task_ids: Iterable[str], *, upstream: bool = False, downstream: bool = False) -> set[str]:
    """These tasks, as far as the DAG has them, and all that come before, or after, any of them."""
    chosen = {task_id for task_id in task_ids if task_id in dag.tasks}
    found = set(chosen)
    if upstream:
        before = upstream_of(dag)
        found |= _reached(chosen, lambda task_id: before[task_id])
    if downstream:
        found |= _reached(chosen, lambda task_id: dag.tasks[task_id].downstream_task_ids)
    return found


def _reached(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    todo = list(start)
    while todo:
        for task_id in following(todo.pop()):
            if task_id not in seen:
                seen.add(task_id)
                todo.append(task_id)
    return seen


def priority_weight_total(dag: Dag, task_id: str, within: Collection[str] | None = None) -> int:
    """A task's weight in the queue by its weight rule: with all that is downstream, with all upstream, or alone.

    ``within`` are the tasks that count, as if the DAG had no others.
    """
    task = dag.tasks[task_id]
    if task.weight_rule == "absolute":
        return task.priority_weight
    up = upstream_of(dag) if task.weight_rule == "upstream" else None
    seen: set[str] = set()
    todo = [task_id]
    while todo:
        current = todo.pop()
        if current not in seen and current in dag.tasks and (within is None or current in within):
            seen.add(current)
            todo.extend(dag.tasks[current].downstream_task_ids if up is None else up[current])
    return sum(dag.tasks[one].priority_weight for one in seen)


def expect_later_runs(airflow: Airflow, dag: Dag, at: datetime) -> None:
    """Have the scheduler look at the DAG's running runs, if their tasks may have waited for another run's."""
    if any(task.depends_on_past or task.wait_for_downstream for task in dag.tasks.values()):
        for key in airflow.dag_runs.group("open", (dag.dag_id, "running")):
            airflow.expect(key, at)
