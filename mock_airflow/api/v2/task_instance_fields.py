"""A task instance as `/api/v2` tells it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.cursors import by_cursor
from mock_airflow.api.v2.dag_run_fields import display_name, run_after_of, version_of, version_view
from mock_airflow.domain.records import TaskInstance, TaskInstanceKey, TaskInstanceTry


def id_of(call: Call, ti: TaskInstance) -> str:
    """The id of the present attempt, a UUID of version 7, by which task instances of a run come as they were made.

    One that no file gave follows from the run, the task's place in its DAG and the attempts before, so that it stays
    while an attempt lives; a retry and a clear give another (observed).
    """
    if ti.id:
        return ti.id
    airflow = call.airflow
    run, dag = airflow.dag_runs.get(ti.run_key), airflow.dags.get(ti.dag_id)
    begun = run_after_of(run) if run is not None else ti.logical_date
    attempts = len(airflow.tries.group("task_instance", ti.key))
    tasks = list(dag.tasks) if dag is not None else []
    place = tasks.index(ti.task_id) if ti.task_id in tasks else len(tasks)
    later = 2 * attempts + (ti.map_index > 0)  # the first instance of a mapped task keeps the row of the task
    moment = f"{int(begun.timestamp() * 1000) + later:012x}"
    order = f"{(place + max(ti.map_index, 0)) % 0x1000:03x}"
    drawn = hashlib.sha256(f"{airflow.ids.seed}/{ti.key}/{attempts}".encode()).hexdigest()
    return f"{moment[:8]}-{moment[8:12]}-7{order}-{'89ab'[int(drawn[3], 16) % 4]}{drawn[4:7]}-{drawn[7:19]}"


def attempt_view(call: Call, row: TaskInstance | TaskInstanceTry) -> dict[str, Any]:
    """What a task instance and one of its tries both tell."""
    airflow = call.airflow
    version = version_of(airflow, row.dag_id, row.dag_version)
    return {
        "task_id": row.task_id,
        "dag_id": row.dag_id,
        "dag_run_id": row.run_id,
        "map_index": row.map_index,
        "start_date": row.start_date,
        "end_date": row.end_date,
        "duration": row.duration,
        "state": row.state,
        "try_number": row.try_number,
        "max_tries": row.max_tries,
        "task_display_name": row.task_display_name,
        "dag_display_name": display_name(airflow, row.dag_id),
        "hostname": row.hostname,
        "unixname": row.unixname,
        "pool": row.pool,
        "pool_slots": row.pool_slots,
        "queue": row.queue,
        "priority_weight": row.priority_weight,
        "operator": row.operator,
        "operator_name": operator_name_of(call, row),
        "queued_when": row.queued_when,
        "scheduled_when": row.scheduled_when or row.queued_when,  # a moment before it is queued (observed)
        "pid": row.pid,
        "executor": row.executor,
        "executor_config": row.executor_config,
        "dag_version": version_view(call, version) if version is not None else None,
    }


def operator_name_of(call: Call, row: TaskInstance | TaskInstanceTry) -> str | None:
    """What the operator is called: as a decorator, where the task was made by one."""
    if row.operator_name:
        return row.operator_name
    dag = call.airflow.dags.get(row.dag_id)
    task = dag.tasks.get(row.task_id) if dag is not None else None
    return task.operator_name if task is not None else row.operator


def rendered_map_index(ti: TaskInstance) -> str | None:
    """What an instance of a mapped task is called: by the task's template, else its number."""
    return ti.rendered_map_index or (str(ti.map_index) if ti.map_index >= 0 else None)


def task_instance_view(call: Call, ti: TaskInstance) -> dict[str, Any]:
    """A task instance with its present attempt."""
    run = call.airflow.dag_runs.get(ti.run_key)
    return {
        "id": id_of(call, ti),
        **attempt_view(call, ti),
        "logical_date": None if run is None or run.dateless else run.logical_date,
        "run_after": run_after_of(run) if run is not None else ti.logical_date,
        "note": ti.note,
        "rendered_map_index": rendered_map_index(ti),
        "rendered_fields": ti.rendered_fields,
        "trigger": ti.trigger,
        "triggerer_job": ti.triggerer_job,
    }


def told(call: Call, rows: Iterable[TaskInstance]) -> Answer:
    """The answer with task instances that are no page of a list, in the order of their ids."""
    views = sorted((task_instance_view(call, ti) for ti in rows), key=lambda view: str(view["id"]))
    return by_cursor("task_instances", views, len(views))


def named(call: Call, map_index: int | None = None) -> TaskInstanceKey:
    """The task instance that the path and ``map_index`` name, in the path or beside it."""
    index = call.path.get("map_index", call.query.get("map_index")) if map_index is None else map_index
    return TaskInstanceKey(
        call.path["dag_id"], call.path["dag_run_id"], call.path["task_id"], -1 if index is None else index
    )


def missing(key: TaskInstanceKey, map_index: int | None = None) -> str:
    """The sentence for a task instance that is not there; without ``map_index`` that of the key is told."""
    index = key.map_index if map_index is None else map_index
    return (
        f"The Task Instance with dag_id: `{key.dag_id}`, run_id: `{key.run_id}`, task_id: `{key.task_id}` and"
        f" map_index: `{index}` was not found"
    )
