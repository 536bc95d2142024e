"""Task instances: reading one, and listing them by many filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import (
    CURSOR,
    PAGE,
    TILDE,
    Keys,
    Parameter,
    between,
    order_by,
    order_keys,
    orders,
    pattern,
    several,
)
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.batches import in_body_range, list_answer, with_ranges
from mock_airflow.api.v2.cursors import page_answer
from mock_airflow.api.v2.dag_run_fields import run_after_of, version_of
from mock_airflow.api.v2.filters import equal, matching, within
from mock_airflow.api.v2.lists import sorted_by
from mock_airflow.api.v2.states import TaskInstanceState
from mock_airflow.api.v2.task_instance_fields import (
    id_of,
    named,
    operator_name_of,
    rendered_map_index,
    task_instance_view,
)
from mock_airflow.domain.dags import declared, tasks_of_group
from mock_airflow.domain.query import nulls_first
from mock_airflow.domain.records import RunKey, TaskInstance

operation = API.tagged("Task Instance")

READ = on_dag("GET", "Task Instances")
EDIT = on_dag("PUT", "Task Instances")
DELETE = on_dag("DELETE", "Task Instances")
ALL = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances"
ONE = f"{ALL}/{{task_id}}"
MAPPED = f"{ONE}/{{map_index}}"
STATES = tuple(TaskInstanceState.__members__)
_NO_STATE = ("none", "no_status")


def run_value(call: Call, name: str) -> Callable[[TaskInstance], Any]:
    """What the run of a task instance says under a name."""

    def value(ti: TaskInstance) -> Any:
        run = call.airflow.dag_runs.get(ti.run_key)
        if run is None:
            return None
        if name == "run_after":
            return run_after_of(run)
        return None if name == "logical_date" and run.dateless else getattr(run, name)

    return value


def _label(ti: TaskInstance) -> Any:
    templated = ti.rendered_map_index != str(ti.map_index)
    return (nulls_first(ti.rendered_map_index if templated else None), ti.map_index)


def order_keys_of(call: Call) -> Keys:
    """What lists of task instances may be ordered by."""
    of_run = ("logical_date", "run_after", "data_interval_start", "data_interval_end")
    return order_keys(
        *("state", "duration", "start_date", "end_date", "map_index", "try_number", "operator"),
        id=lambda ti: id_of(call, ti),
        rendered_map_index=_label,
        **{name: run_value(call, name) for name in of_run},
    )


_RANGES = ("run_after", "logical_date", "start_date", "end_date", "updated_at")
_FILTERS = (
    *(bound for name in _RANGES for bound in between(name)),
    *between("duration", float),
    *several("state", "pool"),
    *pattern("pool_name"),
    *several("queue"),
    *pattern("queue_name"),
    *several("executor"),
    Parameter("version_number", int, repeated=True, default=()),
    Parameter("try_number", int, repeated=True, default=()),
    *several("operator"),
    *pattern("operator_name"),
    Parameter("map_index", int, repeated=True, default=()),
    *pattern("rendered_map_index"),
    *PAGE,
    order_by("map_index"),
)


def asked_states(call: Call) -> tuple[str | None, ...]:
    """The states that are asked for, None for those without one. Raises Detail for a word that is not a state."""
    asked = call.query["state"]
    if any(word not in STATES and word not in _NO_STATE for word in asked):
        raise Detail(422, f"Invalid value for state. Valid values are {', '.join(STATES)}")
    return tuple(None if word in _NO_STATE else word for word in asked)


def _filtered(call: Call, rows: Iterable[TaskInstance]) -> Iterable[TaskInstance]:
    query, states = call.query, asked_states(call)
    if states:
        rows = [ti for ti in rows if ti.state in states]
    for name in ("pool", "queue", "executor", "try_number", "operator", "map_index"):
        if query[name]:
            rows = [ti for ti in rows if getattr(ti, name) in query[name]]
    for name in ("run_after", "logical_date"):
        rows = within(call, rows, name, run_value(call, name))
    for name in ("start_date", "end_date", "updated_at", "duration"):
        rows = within(call, rows, name)
    rows = matching(call, rows, "pool_name", lambda ti: ti.pool)
    rows = matching(call, rows, "queue_name", lambda ti: ti.queue)
    rows = matching(call, rows, "operator_name", lambda ti: operator_name_of(call, ti))
    rows = matching(call, rows, "rendered_map_index", rendered_map_index)
    if query["version_number"]:
        rows = [ti for ti in rows if _version(call, ti) in query["version_number"]]
    return rows


def _version(call: Call, ti: TaskInstance) -> int | None:
    version = version_of(call.airflow, ti.dag_id, ti.dag_version)
    return version.version_number if version is not None else None


def _in_order(call: Call, rows: Iterable[TaskInstance]) -> list[TaskInstance]:
    wanted = orders(call.query["order_by"], order_keys_of(call), "map_index")
    return sorted_by(rows, wanted, lambda ti: id_of(call, ti))


@operation("GET", ONE, access=READ, answer="TaskInstanceResponse")
def get_task_instance(call: Call) -> Answer:
    """Read a task instance that is not one of several of a mapped task."""
    key = named(call)
    run = call.airflow.task_instances.group("run", RunKey(key.dag_id, key.run_id)).values()
    ti = next((ti for ti in run if ti.task_id == key.task_id), None)
    if ti is None:
        raise Detail(
            404,
            f"The Task Instance with dag_id: `{key.dag_id}`, run_id: `{key.run_id}` and task_id: `{key.task_id}`"
            " was not found",
        )
    if ti.map_index != -1:
        raise Detail(404, "Task instance is mapped, add the map_index value to the URL")
    return answer(task_instance_view(call, ti))


@operation("GET", f"{ONE}/listMapped", access=READ, query=_FILTERS, answer="TaskInstanceCollectionResponse")
def get_mapped_task_instances(call: Call) -> Answer:
    """List the instances of a mapped task."""
    asked_states(call)
    key = named(call, -1)
    run = call.airflow.task_instances.group("run", RunKey(key.dag_id, key.run_id)).values()
    rows = [ti for ti in run if ti.task_id == key.task_id and ti.map_index >= 0]
    if not rows:
        task = declared(call.airflow, key.dag_id).tasks.get(key.task_id)
        if task is None:
            raise Detail(404, f"Task id {key.task_id} not found")
        if not task.is_mapped:
            raise Detail(404, f"Task id {key.task_id} is not mapped")
    return page_answer(call, "task_instances", _in_order(call, _filtered(call, rows)), task_instance_view)


@operation("GET", MAPPED, access=READ, answer="TaskInstanceResponse")
def get_mapped_task_instance(call: Call) -> Answer:
    """Read one instance of a mapped task, or the one of another task by -1."""
    key = named(call)
    ti = call.airflow.task_instances.get(key)
    if ti is None:
        raise Detail(
            404,
            f"The Mapped Task Instance with dag_id: `{key.dag_id}`, run_id: `{key.run_id}`, task_id: `{key.task_id}`,"
            f" and map_index: `{key.map_index}` was not found",
        )
    return answer(task_instance_view(call, ti))


_LISTED = (
    CURSOR,
    Parameter("task_id"),
    *_FILTERS,
    *pattern("task_display_name"),
    Parameter("task_group_id"),
    *pattern("dag_id"),
    *pattern("run_id"),
)


@operation("GET", ALL, access=READ, query=_LISTED, answer="TaskInstanceCollectionResponse")
def get_task_instances(call: Call) -> Answer:
    """List the task instances of a run, of a DAG's runs, or of all."""
    asked_states(call)
    dag_id, run_id = call.path["dag_id"], call.path["dag_run_id"]
    rows = _in_group(call, _of_path(call, dag_id, run_id))
    rows = _filtered(call, equal(call, rows, "task_id"))
    for name in ("task_display_name", "dag_id", "run_id"):
        rows = matching(call, rows, name)
    permitted = call.permitted_dags("can_read")
    if permitted is not None:
        rows = [ti for ti in rows if permitted(ti.dag_id)]
    return page_answer(call, "task_instances", _in_order(call, rows), task_instance_view)


def _of_path(call: Call, dag_id: str, run_id: str) -> Iterable[TaskInstance]:
    airflow = call.airflow
    if run_id == "~":
        if dag_id == "~":
            return airflow.task_instances
        declared(airflow, dag_id)
        runs = airflow.dag_runs.group("dag_id", dag_id)
        return [ti for run in runs for ti in airflow.task_instances.group("run", run).values()]
    if dag_id == "~":
        raise Detail(400, "dag_id is required when dag_run_id is specified")
    if (dag_id, run_id) not in airflow.dag_runs:
        raise Detail(404, f"DagRun with dag_id: `{dag_id}` and run_id: `{run_id}` was not found")
    return airflow.task_instances.group("run", RunKey(dag_id, run_id)).values()


def _in_group(call: Call, rows: Iterable[TaskInstance]) -> Iterable[TaskInstance]:
    group_id, dag_id = call.query["task_group_id"], call.path["dag_id"]
    if group_id is None:
        return rows
    if dag_id == "~":
        raise Oops("A task group is one of a DAG, which the path does not name.")
    names = tasks_of_group(declared(call.airflow, dag_id), group_id)
    if not names:
        raise Detail(404, {"reason": "not_found", "message": f"Task group {group_id} not found"})
    return [ti for ti in rows if ti.task_id in names]


class _BatchBody(Body):
    dag_ids: list[str] | None = None
    dag_run_ids: list[str] | None = None
    task_ids: list[str] | None = None
    state: list[TaskInstanceState | None] | None = None


_DATES = ("run_after", "logical_date", "start_date", "end_date")


_BATCH_RANGES: dict[str, Any] = {**dict.fromkeys(_DATES, AwareDatetime), "duration": float}


class TaskInstancesBatchBody(with_ranges("TaskInstancesRanges", _BatchBody, _BATCH_RANGES)):  # type: ignore[misc]
    """Which task instances are asked for."""

    pool: list[str] | None = None
    queue: list[str] | None = None
    executor: list[str] | None = None
    page_offset: Annotated[int, Field(ge=0)] = 0
    page_limit: Annotated[int, Field(ge=0)] = 100
    order_by: str | None = None


_BATCH_ORDERS = ("id", "state", "duration", "start_date", "end_date", "map_index")
_BATCH_FILTERS = {
    "dag_ids": "dag_id",
    "dag_run_ids": "run_id",
    "task_ids": "task_id",
    "state": "state",
    "pool": "pool",
    "queue": "queue",
    "executor": "executor",
}


@operation(
    "POST",
    f"{ALL}/list",
    access=READ,
    body=TaskInstancesBatchBody,
    in_path={"dag_id": TILDE, "dag_run_id": TILDE},
    event=True,
    answer="TaskInstanceCollectionResponse",
)
def get_task_instances_batch(call: Call) -> Answer:
    """List task instances of any DAGs and runs, by a body; its limit is not capped."""
    body, rows = call.body, iter(call.airflow.task_instances)
    found: Iterable[TaskInstance] = rows
    for name, attribute in _BATCH_FILTERS.items():
        wanted = getattr(body, name)
        if wanted:
            found = [ti for ti in found if getattr(ti, attribute) in wanted]
    for name in ("run_after", "logical_date"):
        found = in_body_range(body, found, name, run_value(call, name))
    for name in ("start_date", "end_date", "duration"):
        found = in_body_range(body, found, name, lambda ti, name=name: getattr(ti, name))  # type: ignore[misc]
    permitted = call.permitted_dags("can_read")
    if permitted is not None:
        found = [ti for ti in found if permitted(ti.dag_id)]
    keys = {name: key for name, key in order_keys_of(call).items() if name in _BATCH_ORDERS}
    return list_answer(call, "task_instances", found, keys, "id", lambda ti: id_of(call, ti), task_instance_view)
