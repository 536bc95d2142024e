"""What keeps task instances from being scheduled."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.schema import Field, Schema, nested
from mock_airflow.api.operation import Call
from mock_airflow.api.unmet_dependencies import worded
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.task_instances import MAPPED, NOT_FOUND_BY_NAME, ONE, READ, key_of
from mock_airflow.domain import dependencies

operation = API.tagged("TaskInstance")

_DEPENDENCY = Schema("TaskFailedDependency", Field("name"), Field("reason"))
_DEPENDENCIES = Schema(
    "TaskInstanceDependencyCollection", nested("dependencies", _DEPENDENCY, many=True, of=lambda unmet: unmet)
)


@operation("GET", f"{ONE}/dependencies", access=READ, answer=_DEPENDENCIES, words=NOT_FOUND_BY_NAME)
def get_task_instance_dependencies(call: Call) -> Answer:
    """Tell what keeps a task instance from being scheduled."""
    return call.one(_DEPENDENCIES, worded(dependencies.unmet(call.airflow, key_of(call))))


@operation("GET", f"{MAPPED}/dependencies", access=READ, answer=_DEPENDENCIES, words=NOT_FOUND_BY_NAME)
def get_mapped_task_instance_dependencies(call: Call) -> Answer:
    """Tell what keeps an instance of a mapped task from being scheduled."""
    return call.one(_DEPENDENCIES, worded(dependencies.unmet(call.airflow, key_of(call))))
