"""The attempts of task instances."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import MAP_INDEX
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.task_instance_fields import attempt_view, missing, named
from mock_airflow.api.v2.task_instances import MAPPED, ONE, READ
from mock_airflow.domain import task_instances
from mock_airflow.domain.errors import TryNotFoundError

operation = API.tagged("Task Instance")

_WORDS = {
    TryNotFoundError: (
        "The Task Instance with dag_id: `{dag_id}`, run_id: `{run_id}`, task_id: `{task_id}`, try_number:"
        " `{try_number}` and map_index: `{map_index}` was not found"
    )
}


@operation("GET", f"{ONE}/tries", access=READ, query=(MAP_INDEX,), answer="TaskInstanceHistoryCollectionResponse")
@operation(
    "GET",
    f"{MAPPED}/tries",
    operation_id="get_mapped_task_instance_tries",
    access=READ,
    answer="TaskInstanceHistoryCollectionResponse",
)
def get_task_instance_tries(call: Call) -> Answer:
    """List the attempts of a task instance, the current one last."""
    key = named(call)
    rows = task_instances.tries(call.airflow, key)
    if not rows:
        raise Detail(404, missing(key))
    return answer({"task_instances": [attempt_view(call, row) for row in rows], "total_entries": len(rows)})


@operation(
    "GET",
    f"{ONE}/tries/{{task_try_number}}",
    access=READ,
    query=(MAP_INDEX,),
    words=_WORDS,
    answer="TaskInstanceHistoryResponse",
)
@operation(
    "GET",
    f"{MAPPED}/tries/{{task_try_number}}",
    operation_id="get_mapped_task_instance_try_details",
    access=READ,
    words=_WORDS,
    answer="TaskInstanceHistoryResponse",
)
def get_task_instance_try_details(call: Call) -> Answer:
    """Read an attempt."""
    return answer(attempt_view(call, task_instances.get_try(call.airflow, named(call), call.path["task_try_number"])))
