"""Task instances: making, finding and noting them, and the history of their attempts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.dags import get_task
from mock_airflow.domain.errors import (
    TaskInstanceIsMappedError,
    TaskInstanceNotFoundError,
    TaskNotMappedError,
    TryNotFoundError,
)
from mock_airflow.domain.pools import give_back
from mock_airflow.domain.query import Between, Order, Page, narrowed, paged
from mock_airflow.domain.records import (
    Dag,
    DagRun,
    RunKey,
    Task,
    TaskInstance,
    TaskInstanceKey,
    TaskInstanceTry,
    TaskLog,
)
from mock_airflow.domain.scheduler.graphs import fresh_row
from mock_airflow.storage.tables import Table


def fresh(dag: Dag, task: Task, run: DagRun) -> TaskInstance:
    """The row of a task that has not been looked at yet in a run."""
    return placed(fresh_row(dag, task), run)


def placed(row: TaskInstance, run: DagRun, map_index: int = -1) -> TaskInstance:
    """A task's fresh row as one of a run."""
    return replace(
        row, run_id=run.run_id, logical_date=run.logical_date, map_index=map_index, updated_at=run.updated_at
    )


def keep_log(airflow: Airflow, ti: TaskInstance) -> None:
    """Keep what the log of an attempt is told from, before its row changes; what was kept first counts.

    Without a scheduler no attempt was made here, so there is nothing to keep.
    """
    if airflow.runs != "manual" and ti.pid is not None and (ti.key, ti.try_number) not in airflow.task_logs:
        airflow.task_logs.put(
            TaskLog(
                dag_id=ti.dag_id,
                run_id=ti.run_id,
                task_id=ti.task_id,
                map_index=ti.map_index,
                try_number=ti.try_number,
                attempt=ti,
            )
        )


def get(airflow: Airflow, key: TaskInstanceKey) -> TaskInstance:
    """The task instance.

    Raises TaskInstanceNotFoundError, or TaskInstanceIsMappedError where only a map_index would name one.
    """
    found = airflow.task_instances.get(key)
    if found is not None:
        return found
    if key.map_index == -1:
        run = airflow.task_instances.group("run", RunKey(key.dag_id, key.run_id))
        if any(other.task_id == key.task_id for other in run):
            raise TaskInstanceIsMappedError(task_id=key.task_id)
    raise TaskInstanceNotFoundError(**key._asdict())


def find(
    airflow: Airflow,
    *,
    dag_id: str | None = None,
    run_id: str | None = None,
    permitted: Callable[[str], bool] | None = None,
    mapped_task_id: str | None = None,
    any_dag: bool = False,
    among: Mapping[str, Collection[str | None] | None],
    ranges: Mapping[str, Between],
    order: Order | None = None,
    offset: int | None = 0,
    limit: int | None = None,
) -> Page[TaskInstance]:
    """A page of task instances; ``mapped_task_id`` takes the expanded instances of that task.

    ``among`` and ``ranges`` tell by attribute which values, and bounds of them, are asked for.

    Those of one run come in the order they were made. Over several runs Airflow declares no order; what its SQLite
    answers is by DAG, then state (none first), then the order of making, but as they were made where ``any_dag`` is
    right and no condition on the DAG leads it to an index (observed).
    """
    one_run = dag_id is not None and run_id is not None
    rows: Iterable[TaskInstance]
    if dag_id is not None and run_id is not None:
        rows = airflow.task_instances.group("run", RunKey(dag_id, run_id)).values()
    elif dag_id is not None:
        runs = airflow.dag_runs.group("dag_id", dag_id)
        rows = (ti for run in runs for ti in airflow.task_instances.group("run", run).values())
    else:
        rows = airflow.task_instances
    rows = iter(rows)
    if permitted is not None:
        rows = (ti for ti in rows if permitted(ti.dag_id))
    if mapped_task_id is not None:
        mapped = (ti for ti in rows if ti.task_id == mapped_task_id and ti.map_index >= 0)
        rows = iter(sorted(mapped, key=lambda ti: ti.map_index))
    if run_id is not None and not one_run:
        rows = (ti for ti in rows if ti.run_id == run_id)
    rows = narrowed(rows, among, ranges)
    if not one_run and not any_dag:
        rows = iter(sorted(rows, key=lambda ti: (ti.dag_id, ti.state or "")))
    return paged(rows, order=order, offset=offset, limit=limit)


def find_mapped(airflow: Airflow, key: TaskInstanceKey, **filters: Any) -> Page[TaskInstance]:
    """A page of a mapped task's expanded instances in one run; takes the filters of find()."""
    return find(airflow, dag_id=key.dag_id, run_id=key.run_id, mapped_task_id=key.task_id, **filters)


def require_mapped(airflow: Airflow, key: TaskInstanceKey) -> None:
    """See that a task that has no expanded instance in the run could have some.

    Raises DagNotFoundError, TaskNotFoundError or TaskNotMappedError.
    """
    run = airflow.task_instances.group("run", RunKey(key.dag_id, key.run_id))
    if any(other.task_id == key.task_id and other.map_index >= 0 for other in run):
        return
    if not get_task(airflow, key.dag_id, key.task_id).is_mapped:
        raise TaskNotMappedError(task_id=key.task_id)


def set_note(airflow: Airflow, key: TaskInstanceKey, note: str) -> TaskInstance:
    """Give the task instance a note; the empty text is one. Raises TaskInstanceNotFoundError."""
    return airflow.task_instances.put(replace(get_exactly(airflow, key), note=note))


def delete(airflow: Airflow, key: TaskInstanceKey) -> None:
    """Remove a task instance with its history and what it left. Raises TaskInstanceNotFoundError."""
    give_back(airflow, get_exactly(airflow, key), airflow.now())
    hanging: tuple[Table[Any, Any], ...] = (airflow.tries, airflow.xcoms, airflow.hitl_details)
    for table in hanging:
        for row in list(table.group("task_instance", key)):
            table.delete(row)
    airflow.extra_links.delete(key)
    airflow.task_instances.delete(key)


def get_exactly(airflow: Airflow, key: TaskInstanceKey) -> TaskInstance:
    """The task instance of exactly this map_index. Raises TaskInstanceNotFoundError."""
    found = airflow.task_instances.get(key)
    if found is None:
        raise TaskInstanceNotFoundError(**key._asdict())
    return found


def tries(airflow: Airflow, key: TaskInstanceKey) -> list[TaskInstanceTry | TaskInstance]:
    """The attempts of a task instance, the current one last; none where there is no such task instance.

    One that waits for its retry is history already, and not told twice (code).
    """
    current = airflow.task_instances.get(key)
    past: list[TaskInstanceTry | TaskInstance] = list(airflow.tries.group("task_instance", key).values())
    return past if current is None or current.state == "up_for_retry" else [*past, current]


def get_try(airflow: Airflow, key: TaskInstanceKey, number: int) -> TaskInstanceTry | TaskInstance:
    """The attempt of this number: the current one before the history's of the same number. Raises TryNotFoundError."""
    current = airflow.task_instances.get(key)
    if current is not None and current.try_number == number:
        return current
    past = airflow.tries.get((key, number))
    if past is None:
        raise TryNotFoundError(**key._asdict(), try_number=number)
    return past
