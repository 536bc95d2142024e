"""The attempts of task instances."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.parameters import LIMIT, OFFSET, ORDER_BY
from mock_airflow.api.airflow2.problems import Words
from mock_airflow.api.airflow2.schema import Field, Schema, nested
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.task_instances import MAPPED, ONE, READ, TASK_INSTANCE, in_64_bits, key_of
from mock_airflow.domain import task_instances
from mock_airflow.domain.errors import TryNotFoundError
from mock_airflow.domain.query import Page

operation = API.tagged("TaskInstance")

TRY = TASK_INSTANCE.without(
    "TaskInstanceHistory",
    "execution_date",
    "note",
    "sla_miss",
    "rendered_map_index",
    "rendered_fields",
    "trigger",
    "triggerer_job",
)
# Airflow's document has another name for the list (observed)
_TRIES = Schema(
    "TaskInstanceHistoryCollection",
    nested("task_instances_history", TRY, many=True, answered=False),
    nested("task_instances", TRY, many=True, documented=False),
    Field("total_entries", "integer"),
)
_WORDS = {
    TryNotFoundError: Words(
        "Task instance not found",
        "Task Instance not found for dag_id={dag_id}, run_id={run_id}, task_id={task_id}, map_index={map_index}, "
        "try_number={try_number}.",
    )
}
_LISTING = (LIMIT, OFFSET, ORDER_BY)  # checked, and then without effect (observed)


@operation("GET", f"{ONE}/tries/{{task_try_number}}", access=READ, answer=TRY, words=_WORDS)
def get_task_instance_try_details(call: Call) -> Answer:
    """Read an attempt."""
    number = in_64_bits(call.path["task_try_number"], "try_number")
    return call.one(TRY, task_instances.get_try(call.airflow, key_of(call), number))


@operation("GET", f"{ONE}/tries", access=READ, query=_LISTING, answer=_TRIES)
def get_task_instance_tries(call: Call) -> Answer:
    """List the attempts of a task instance, the current one last."""
    rows = task_instances.tries(call.airflow, key_of(call))
    return call.collection("task_instances", TRY, Page(rows, len(rows)))


@operation("GET", f"{MAPPED}/tries", access=READ, query=_LISTING, answer=_TRIES)
def get_mapped_task_instance_tries(call: Call) -> Answer:
    """List the attempts of one instance of a mapped task."""
    return get_task_instance_tries(call)


@operation("GET", f"{MAPPED}/tries/{{task_try_number}}", access=READ, answer=TRY, words=_WORDS)
def get_mapped_task_instance_try_details(call: Call) -> Answer:
    """Read an attempt of one instance of a mapped task."""
    return get_task_instance_try_details(call)
