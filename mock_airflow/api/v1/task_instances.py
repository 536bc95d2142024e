"""Task instances: list and read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow2.parameters import (
    LIMIT,
    OFFSET,
    ORDER_BY,
    Query,
    between,
    bounds,
    number_between,
)
from mock_airflow.api.airflow2.problems import Problem, Words, bad_request
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.task_instance_parts import JOB, SLA_MISS, TRIGGER
from mock_airflow.domain import task_instances
from mock_airflow.domain.errors import (
    DagNotFoundError,
    TaskInstanceNotFoundError,
    TaskNotFoundError,
    TaskNotMappedError,
)
from mock_airflow.domain.query import Order
from mock_airflow.domain.records import TaskInstance, TaskInstanceKey

operation = API.tagged("TaskInstance")

TASK_STATE = (
    None,
    "success",
    "running",
    "failed",
    "upstream_failed",
    "skipped",
    "up_for_retry",
    "up_for_reschedule",
    "queued",
    "none",
    "scheduled",
    "deferred",
    "removed",
    "restarting",
)


def _state(ti: TaskInstance) -> str | None:
    """The state in the words of Airflow 2: who waits for an answer, as only Airflow 3 has it, is deferred there."""
    return "deferred" if ti.state == "awaiting_input" else ti.state


TASK_INSTANCE = Schema(
    "TaskInstance",
    Field("task_id"),
    Field("task_display_name"),
    Field("dag_id"),
    Field("dag_run_id", of="run_id"),
    Field("execution_date", format="datetime", of="logical_date"),
    Field("start_date", format="datetime", nullable=True),
    Field("end_date", format="datetime", nullable=True),
    Field("duration", "number", nullable=True),
    Field("state", nullable=True, enum=TASK_STATE, of=_state),
    Field("try_number", "integer"),
    Field("map_index", "integer"),
    Field("max_tries", "integer"),
    Field("hostname"),
    Field("unixname"),
    Field("pool"),
    Field("pool_slots", "integer"),
    Field("queue", nullable=True),
    Field("priority_weight", "integer", nullable=True),
    Field("operator", nullable=True),
    Field("queued_when", nullable=True),
    Field("pid", "integer", nullable=True),
    Field("executor", nullable=True),
    Field("executor_config"),
    Field("sla_miss", "object", shapes=(SLA_MISS,)),
    Field("rendered_map_index", nullable=True),
    Field("rendered_fields", "object"),
    Field("trigger", "object", shapes=(TRIGGER,)),
    Field("triggerer_job", "object", shapes=(JOB,)),
    Field("note", nullable=True),
)
_NAMED = {"dag_ids": "dag_id", "dag_run_ids": "run_id", "task_ids": "task_id"}
_ATTRIBUTES = {"execution_date": "logical_date"}
RANGES = ("execution_date", "start_date", "end_date", "updated_at", "duration")
FILTERS = (
    *between("execution_date"),
    *between("start_date"),
    *between("end_date"),
    *between("updated_at"),
    *number_between("duration"),
    Query("state", "array"),
    Query("pool", "array"),
    Query("queue", "array"),
    Query("executor", "array"),
)
ONE = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}"
MAPPED = ONE + "/{map_index}"
READ = on_dag("GET", "DAG Runs", "Task Instances")


_LIST_FORM = Schema(
    "ListTaskInstanceForm",
    Field("page_offset", "integer", minimum=0),
    Field("page_limit", "integer", minimum=1, default=100),
    Field("dag_ids", "array", items=Field("")),
    Field("dag_run_ids", "array", items=Field("")),
    Field("task_ids", "array", items=Field("")),
    *(
        Field(f"{name}_{end}", format="date-time")
        for name in ("execution_date", "start_date", "end_date")
        for end in ("gte", "lte")
    ),
    Field("duration_gte", "number"),
    Field("duration_lte", "number"),
    Field("state", "array", items=Field("", nullable=True, enum=TASK_STATE)),
    Field("pool", "array", items=Field("")),
    Field("queue", "array", items=Field("")),
    Field("executor", "array", items=Field("")),
)
# The words of the operations that look for exactly one map_index; they never name it (observed)
NOT_FOUND_BY_NAME = {
    TaskInstanceNotFoundError: Words("Task Instance not found for dag_id={dag_id}, run_id={run_id}, task_id={task_id}")
}


def key_of(call: Call) -> TaskInstanceKey:
    """The task instance that path and query name. Raises Oops for a map_index that the database cannot take (code)."""
    map_index: int = call.path.get("map_index", call.query.get("map_index", -1))
    in_64_bits(map_index, "map_index")
    return TaskInstanceKey(call.path["dag_id"], call.path["dag_run_id"], call.path["task_id"], map_index)


def in_64_bits(number: int, name: str) -> int:
    """The number, if the database can take it. Raises Oops."""
    if not -(1 << 63) <= number < 1 << 63:
        raise Oops(f"The database takes no {name} beyond 64 bits.", bare=True)
    return number


def wanted_states(states: Iterable[str | None] | None) -> list[str | None] | None:
    """The states a filter asks for; ``none`` is not a state. An unknown one makes Airflow fail (observed)."""
    if not states:
        return None
    found = [None if state in ("none", None) else state for state in states]
    for state in found:
        if state not in TASK_STATE:
            raise Oops(f"{state!r} is not a state of a task instance.", bare=True)
    return found


def filters(values: Any) -> dict[str, Any]:
    """The filters that a list's parameters, or a form's fields, ask for."""
    states = wanted_states(values.get("state"))
    among = {name: values.get(name) or None for name in ("pool", "queue", "executor")}
    ranges = {_ATTRIBUTES.get(name, name): bounds(values, name) for name in RANGES}
    return {"among": {"state": states, **among}, "ranges": ranges}


@operation(
    "GET",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances",
    access=READ,
    query=(*FILTERS, LIMIT, OFFSET),
    answer=TASK_INSTANCE,
    listed="task_instances",
)
def get_task_instances(call: Call) -> Answer:
    """List the task instances of a run; ``~`` means all DAGs, or all runs. The limit is not capped (observed)."""
    dag_id, run_id = (None if call.path[name] == "~" else call.path[name] for name in ("dag_id", "dag_run_id"))
    page = task_instances.find(
        call.airflow,
        dag_id=dag_id,
        run_id=run_id,
        permitted=call.permitted_dags() if dag_id is None else None,
        **filters(call.query),
        offset=call.offset,
        limit=call.uncapped_limit,
    )
    return call.collection("task_instances", TASK_INSTANCE, page)


@operation("GET", ONE, access=READ, answer=TASK_INSTANCE)
def get_task_instance(call: Call) -> Answer:
    """Read the instance of a task that is not mapped."""
    return call.one(TASK_INSTANCE, task_instances.get(call.airflow, key_of(call)))


@operation("GET", MAPPED, access=READ, answer=TASK_INSTANCE)
def get_mapped_task_instance(call: Call) -> Answer:
    """Read one instance of a mapped task."""
    return call.one(TASK_INSTANCE, task_instances.get(call.airflow, key_of(call)))


@operation(
    "GET",
    f"{ONE}/listMapped",
    access=READ,
    query=(LIMIT, OFFSET, *FILTERS, ORDER_BY),
    answer=TASK_INSTANCE,
    listed="task_instances",
    words={
        DagNotFoundError: Words("DAG {dag_id} not found"),
        TaskNotFoundError: Words("Task id {task_id} not found"),
        TaskNotMappedError: Words("Task id {task_id} is not mapped"),
    },
)
def get_mapped_task_instances(call: Call) -> Answer:
    """List the instances of a mapped task, by map_index unless asked otherwise. The limit is not capped (observed)."""
    chosen, key = filters(call.query), key_of(call)
    task_instances.require_mapped(call.airflow, key)
    page = task_instances.find_mapped(
        call.airflow,
        key,
        **chosen,
        order=_mapped_order(call.query.get("order_by")),
        offset=call.offset,
        limit=call.uncapped_limit,
    )
    return call.collection("task_instances", TASK_INSTANCE, page)


def _mapped_order(text: str | None) -> Order | None:
    """What an ``order_by`` of mapped instances means; ``map_index`` itself, the default, is refused (observed)."""
    if text is None:
        return None
    name = text.removeprefix("-")
    if name not in ("state", "duration", "start_date", "end_date") and text != "-map_index":
        raise bad_request(f"Ordering with '{text}' is not supported")
    return Order(name, text.startswith("-"))


@operation(
    "POST",
    "/dags/~/dagRuns/~/taskInstances/list",
    access=READ,
    body=_LIST_FORM,
    answer=TASK_INSTANCE,
    listed="task_instances",
)
def get_task_instances_batch(call: Call) -> Answer:
    """List task instances by a form; an empty list filters nothing, and its page_limit is not capped (observed)."""
    form = call.load()
    for name in ("duration_gte", "duration_lte"):
        if name in form:
            form[name] = int(form[name])  # Airflow reads a fraction here, and cuts it off (code)
    offset, limit = call.page_of(form)
    permitted, any_dag = _permitted_in_batch(call, form.get("dag_ids"))
    chosen = filters(form)
    page = task_instances.find(
        call.airflow,
        permitted=permitted,
        any_dag=any_dag,
        among={**chosen["among"], **{_NAMED[name]: form.get(name) or None for name in _NAMED}},
        ranges=chosen["ranges"],
        offset=offset,
        limit=limit,
    )
    return call.collection("task_instances", TASK_INSTANCE, page)


def _permitted_in_batch(call: Call, dag_ids: list[str] | None) -> tuple[Callable[[str], bool] | None, bool]:
    """Which DAGs a batch may show, and whether Airflow does not even look at the DAG.

    Raises Problem where a DAG is asked for that may not be read.
    """
    if dag_ids:
        readable = call.permitted_dags("can_read")
        if readable is not None and not all(map(readable, dag_ids)):
            raise Problem(403, "Forbidden", f"User not allowed to access some of these DAGs: {dag_ids}")
        return None, False
    permitted = call.permitted_dags()
    if permitted is None or any(permitted(dag.dag_id) for dag in call.airflow.dags) or not call.settings.airflow_bugs:
        return permitted, False
    return None, True  # Airflow takes "none of them" for "no filter" and shows everything (observed)
