"""The links that operators offer beside their task instances."""

from __future__ import annotations

from urllib.parse import urlencode

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.problems import Words
from mock_airflow.api.airflow2.schema import Field, Schema, as_read_only, nested
from mock_airflow.api.operation import Call, json_answer
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.task_instances import ONE, READ, key_of
from mock_airflow.api.v1.tasks import CLASS_REFERENCE
from mock_airflow.domain import links
from mock_airflow.domain.errors import DagNotFoundError, TaskInstanceNotFoundError, TaskNotFoundError

operation = API.tagged("TaskInstance")

# Airflow's document tells of a list; its answers have the links by name (observed)
_LINK = Schema("ExtraLink", nested("class_ref", CLASS_REFERENCE), *as_read_only(Field("name"), Field("href")))
_LINKS = Schema(
    "ExtraLinkCollection",
    nested("extra_links", _LINK, many=True, answered=False),
    more=Field("", nullable=True, description="The link's address, by its name."),
)


@operation(
    "GET",
    f"{ONE}/links",
    access=READ,
    query=(Query("map_index", "integer"),),
    answer=_LINKS,
    words={
        DagNotFoundError: Words("DAG not found", 'DAG with ID = "{dag_id}" not found'),
        TaskNotFoundError: Words("Task not found", 'Task with ID = "{task_id}" not found'),
        # said of the run, whether that is missing or the task instance in it (observed)
        TaskInstanceNotFoundError: Words("DAG Run not found", 'DAG Run with ID = "{run_id}" not found'),
    },
)
def get_extra_links(call: Call) -> Answer:
    """Tell the links of a task instance by name."""
    found = links.of(call.airflow, key_of(call))
    return json_answer({name: _placed(call, address) for name, address in found.items()})


def _placed(call: Call, address: str | links.TriggeredRun | None) -> str | None:
    """The address of a link, below where Airflow is mounted if it leads to a page of Airflow's own."""
    if isinstance(address, links.TriggeredRun):
        query = "" if address.run_id is None else f"?{urlencode({'dag_run_id': address.run_id})}"
        address = f"/dags/{address.dag_id}/grid{query}"
    return f"{call.deployment.mount}{address}" if address and address.startswith("/dags/") else address
