"""The links that operators offer beside a task instance."""

from __future__ import annotations

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import MAP_INDEX, Parameter
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.task_instance_fields import named
from mock_airflow.domain import dags, links

operation = API.tagged("Extra Links")


@operation(
    "GET",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/links",
    access=on_dag("GET", "Task Instances"),
    query=(MAP_INDEX, Parameter("try_number", int)),
    answer="ExtraLinkCollectionResponse",
)
def get_extra_links(call: Call) -> Answer:
    """List the links of a task instance: name to address, or null where there is nothing to point at yet."""
    key, airflow = named(call), call.airflow
    ti = airflow.task_instances.get(key)
    if ti is None:
        raise Detail(404, "TaskInstance not found")
    if key.task_id not in dags.declared(airflow, key.dag_id).tasks:
        raise Detail(404, f"Task with ID = {key.task_id} not found")
    number = call.query["try_number"]
    if number not in (None, ti.try_number) and (key, number) not in airflow.tries:
        raise Detail(404, f"TaskInstanceHistory not found for try_number={number}")
    found = links.of_xcoms(airflow, key)
    return answer({"extra_links": found, "total_entries": len(found)})
