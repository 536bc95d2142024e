"""The tasks of a DAG, as its file declares them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import Parameter
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.dag_fields import param_view
from mock_airflow.domain import dags
from mock_airflow.domain.dags import declared
from mock_airflow.domain.module_paths import in_airflow_3
from mock_airflow.domain.query import nulls_first
from mock_airflow.domain.records import ORDERED_TASKS, Dag, Task

operation = API.tagged("Task")

_READ = on_dag("GET", "Task Instances")
_ORDERS = {*ORDERED_TASKS, "weight_rule"}


def _span(span: timedelta | None) -> dict[str, Any] | None:
    if span is None:
        return None
    return {"__type": "TimeDelta", "days": span.days, "seconds": span.seconds, "microseconds": span.microseconds}


def _view(dag: Dag, task: Task) -> dict[str, Any]:
    return {
        "task_id": task.task_id,
        "task_display_name": task.task_display_name,
        "owner": task.owner,
        "start_date": task.start_date or dag.start_date,
        "end_date": task.end_date or dag.end_date,
        "trigger_rule": task.trigger_rule,
        "depends_on_past": task.depends_on_past,
        "wait_for_downstream": task.wait_for_downstream,
        "retries": float(task.retries),
        "queue": task.queue,
        "pool": task.pool,
        "pool_slots": float(task.pool_slots),
        "execution_timeout": _span(task.execution_timeout),
        "retry_delay": _span(task.retry_delay),
        "retry_exponential_backoff": float(task.retry_exponential_backoff),
        "priority_weight": float(task.priority_weight),
        "weight_rule": task.weight_rule,
        "ui_color": task.ui_color,
        "ui_fgcolor": task.ui_fgcolor,
        "template_fields": list(task.template_fields),
        "downstream_task_ids": list(task.downstream_task_ids),
        "doc_md": task.doc_md,
        "operator_name": task.operator_name,
        "params": {name: param_view(param) for name, param in task.params.items()},
        "class_ref": {"module_path": in_airflow_3(task.module_path), "class_name": task.class_name},
        "is_mapped": task.is_mapped,
        "extra_links": [],  # always, whatever the operator offers (observed)
    }


@operation(
    "GET",
    "/dags/{dag_id}/tasks",
    access=_READ,
    query=(Parameter("order_by", default="task_id"),),
    answer="TaskCollectionResponse",
)
def get_tasks(call: Call) -> Answer:
    """List the tasks of a DAG, all of them."""
    dag = declared(call.airflow, call.path["dag_id"])
    order_by: str = call.query["order_by"]
    name = order_by.lstrip("-")
    if name not in _ORDERS:
        raise Detail(400, f"Ordering with '{name}' is disallowed or the attribute does not exist on the model")
    rows = sorted(dag.tasks.values(), key=_nulls_last(name), reverse=order_by[:1] == "-")
    return answer({"tasks": [_view(dag, task) for task in rows], "total_entries": len(rows)})


def _nulls_last(name: str) -> Callable[[Task], Any]:
    def key(task: Task) -> Any:
        there, value = nulls_first(getattr(task, name))
        return (not there, value)

    return key


@operation("GET", "/dags/{dag_id}/tasks/{task_id}", access=_READ, answer="TaskResponse")
def get_task(call: Call) -> Answer:
    """Read a task."""
    dag = declared(call.airflow, call.path["dag_id"])
    return answer(_view(dag, dags.get_task(call.airflow, dag.dag_id, call.path["task_id"])))
