"""What keeps task instances from being scheduled."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import MAP_INDEX
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.unmet_dependencies import worded
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.task_instance_fields import missing, named
from mock_airflow.api.v2.task_instances import MAPPED, ONE, READ
from mock_airflow.domain import dependencies

operation = API.tagged("Task Instance")


@operation(
    "GET",
    f"{MAPPED}/dependencies",
    operation_id="get_task_instance_dependencies_by_map_index",
    access=READ,
    answer="TaskDependencyCollectionResponse",
)
@operation("GET", f"{ONE}/dependencies", access=READ, query=(MAP_INDEX,), answer="TaskDependencyCollectionResponse")
def get_task_instance_dependencies(call: Call) -> Answer:
    """List the dependencies of a task instance that are not met; none unless it waits to be scheduled."""
    key = named(call)
    if key not in call.airflow.task_instances:
        raise Detail(404, [missing(key)])  # a list of one sentence (observed)
    return answer({"dependencies": [one._asdict() for one in worded(dependencies.unmet(call.airflow, key))]})
