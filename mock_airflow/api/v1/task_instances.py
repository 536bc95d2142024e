"""Task instances: list and read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mock_airflow.access.permissions import on_dag
from mock_airflow.api.operation import Answer, Call
from mock_airflow.api.parameters import LIMIT, OFFSET, Query, between, bounds, number_between
from mock_airflow.api.problems import Oops
from mock_airflow.api.schema import Field, Schema
from mock_airflow.api.v1 import API
from mock_airflow.api.v1.common import TASK_STATE
from mock_airflow.domain import task_instances
from mock_airflow.domain.records import TaskInstanceKey

operation = API.tagged("TaskInstance")

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
    Field("state", nullable=True, enum=TASK_STATE),
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
    Field("sla_miss", "object", nullable=True),
    Field("rendered_map_index", nullable=True),
    Field("rendered_fields", "object"),
    Field("trigger", "object", nullable=True),
    Field("triggerer_job", "object", nullable=True),
    Field("note", nullable=True),
)
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
READ = on_dag("GET", "Task Instances")


def key_of(call: Call) -> TaskInstanceKey:
    """The task instance that the path names."""
    return TaskInstanceKey(
        call.path["dag_id"], call.path["dag_run_id"], call.path["task_id"], call.path.get("map_index", -1)
    )


def wanted_states(states: Iterable[str | None] | None) -> list[str | None] | None:
    """The states a filter asks for; ``none`` is no state. One that Airflow does not know makes it fail (observed)."""
    if not states:
        return None
    found = [None if state in ("none", None) else state for state in states]
    for state in found:
        if state not in TASK_STATE:
            raise Oops(f"{state!r} is not a state of a task instance.", bare=True)
    return found


def filters(values: Any) -> dict[str, Any]:
    """The filters that a list's parameters, or a form's fields, ask for."""
    return {
        "states": wanted_states(values.get("state")),
        "pools": values.get("pool"),
        "queues": values.get("queue"),
        "executors": values.get("executor"),
        **{name: bounds(values, name) for name in RANGES},
    }


@operation(
    "GET",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances",
    "get_task_instances",
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
        limit=call.query["limit"],
    )
    return call.collection("task_instances", TASK_INSTANCE, page)


@operation("GET", ONE, "get_task_instance", access=READ, answer=TASK_INSTANCE)
def get_task_instance(call: Call) -> Answer:
    """Read the instance of a task that is not mapped."""
    return call.one(TASK_INSTANCE, task_instances.get(call.airflow, key_of(call)))
