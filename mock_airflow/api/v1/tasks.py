"""The tasks of a DAG, as its file declares them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.problems import Words, bad_request
from mock_airflow.api.airflow2.schema import Field, Schema, as_read_only, nested
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.dags import DAG
from mock_airflow.api.v1.schedule_fields import TIME_DELTA, time_delta
from mock_airflow.domain import dags
from mock_airflow.domain.errors import DagNotFoundError, TaskNotFoundError
from mock_airflow.domain.query import Page
from mock_airflow.domain.records import ORDERED_TASKS, Dag, Task

operation = API.tagged("DAG")

TRIGGER_RULES = (
    "all_success",
    "all_failed",
    "all_done",
    "all_done_setup_success",
    "one_success",
    "one_failed",
    "one_done",
    "none_failed",
    "none_skipped",
    "none_failed_or_skipped",
    "none_failed_min_one_success",
    "dummy",
    "all_skipped",
    "always",
)
CLASS_REFERENCE = Schema("ClassReference", *as_read_only(Field("module_path"), Field("class_name")))
# Airflow's document puts the class of a link one level deeper than its answers do (observed)
_EXTRA_LINK = Schema(
    "TaskExtraLink",
    nested("class_ref", CLASS_REFERENCE, answered=False),
    Field("class_name", documented=False),
    Field("module_path", documented=False),
)
_COLOR = "^#[a-fA-F0-9]{3,6}$"
TASK = Schema(
    "Task",
    nested("class_ref", CLASS_REFERENCE, of=lambda task: task),
    *as_read_only(
        Field("operator_name", documented=False),
        Field("task_id"),
        Field("task_display_name"),
        Field("owner"),
        Field("start_date", format="date-time", nullable=True),
        Field("end_date", format="date-time", nullable=True),
    ),
    Field("trigger_rule", enum=TRIGGER_RULES),
    *as_read_only(
        Field("extra_links", "array", items=Field("", "object", shapes=(_EXTRA_LINK,))),
        Field("depends_on_past", "boolean"),
        Field("is_mapped", "boolean"),
        Field("wait_for_downstream", "boolean"),
        Field("retries", "number", of=lambda task: float(task.retries)),
        Field("queue", nullable=True),
        Field("executor", nullable=True, answered=False),
        Field("pool"),
        Field("pool_slots", "number", of=lambda task: float(task.pool_slots)),
    ),
    Field("execution_timeout", "object", shapes=(TIME_DELTA,), of=lambda task: time_delta(task.execution_timeout)),
    Field("retry_delay", "object", shapes=(TIME_DELTA,), of=lambda task: time_delta(task.retry_delay)),
    *as_read_only(
        Field("retry_exponential_backoff", "boolean"),
        Field("priority_weight", "number", of=lambda task: float(task.priority_weight)),
    ),
    Field("weight_rule"),
    Field("ui_color", pattern=_COLOR),
    Field("ui_fgcolor", pattern=_COLOR),
    Field("template_fields", "array", items=Field(""), read_only=True),
    Field("sub_dag", "object", shapes=(DAG,), answered=False),
    *as_read_only(
        Field("downstream_task_ids", "array", items=Field("")),
        Field("params", "object", documented=False),
        Field("doc_md", nullable=True),
    ),
)
# The count is not in Airflow's document (observed)
_TASKS = Schema("TaskCollection", nested("tasks", TASK, many=True), Field("total_entries", "integer", documented=False))
_WORDS = {DagNotFoundError: Words("DAG not found"), TaskNotFoundError: Words("Task not found")}
_ACCESS = on_dag("GET", "Task Instances")  # Airflow asks for task instances, not for a resource of its own (code)


@operation("GET", "/dags/{dag_id}/tasks", access=_ACCESS, query=(Query("order_by"),), answer=_TASKS, words=_WORDS)
def get_tasks(call: Call) -> Answer:
    """List the tasks of a DAG, by any attribute of them."""
    dag = dags.declared(call.airflow, call.path["dag_id"])
    rows = _ordered(dag, call.query.get("order_by", "task_id"))
    return call.collection("tasks", TASK, Page(rows, len(rows)))


# What Airflow sorts by is any attribute of its operator object. These are the ones that tasks here have as well; a
# function gives what the attribute holds there. Values that cannot be compared make it fail (observed).
_ATTRIBUTES: dict[str, Callable[[Task, Dag], Any]] = {
    **{
        name: lambda task, dag, name=name: getattr(task, name)  # type: ignore[misc]
        for name in (*ORDERED_TASKS, "template_fields", "doc_md", "params")
    },
    "node_id": lambda task, dag: task.task_id,
    "label": lambda task, dag: task.task_id.rsplit(".", 1)[-1],
    "task_type": lambda task, dag: task.class_name,
    "dag_id": lambda task, dag: dag.dag_id,
    "dag": lambda task, dag: dag.dag_id,
    "extra_links": lambda task, dag: [link["class_name"] for link in task.extra_links if "class_name" in link],
    "downstream_task_ids": lambda task, dag: frozenset(task.downstream_task_ids),  # sets there too, so a subset is less
    "upstream_task_ids": lambda task, dag: frozenset(dags.upstream_of(dag)[task.task_id]),
    "weight_rule": lambda task, dag: object(),  # a strategy object there
    "__class__": lambda task, dag: type,
}


def _ordered(dag: Dag, order_by: str) -> list[Task]:
    name = order_by.lstrip("-")
    value = _ATTRIBUTES.get(name)
    tasks = list(dag.tasks.values())
    if value is None and tasks:
        kind = "MappedOperator" if tasks[0].is_mapped else "SerializedBaseOperator"
        raise bad_request(f"{kind!r} object has no attribute {name!r}")
    try:
        return sorted(tasks, key=lambda task: value(task, dag) if value else 0, reverse=order_by[:1] == "-")
    except TypeError:
        raise Oops(f"The tasks cannot be ordered by {name!r}: not all of their values can be compared.") from None


@operation("GET", "/dags/{dag_id}/tasks/{task_id}", access=_ACCESS, answer=TASK, words=_WORDS)
def get_task(call: Call) -> Answer:
    """Read a task."""
    return call.one(TASK, dags.get_task(call.airflow, call.path["dag_id"], call.path["task_id"]))
