"""Tasks and their instances: every attribute of the object, printed."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.api.experimental import dag_runs_by_date
from mock_airflow.api.experimental.answers import TextProblem, told
from mock_airflow.api.experimental.api import API
from mock_airflow.api.experimental.dag_runs import date_of
from mock_airflow.api.experimental.dags import known
from mock_airflow.api.experimental.instance_attributes import instance_attributes
from mock_airflow.api.experimental.task_attributes import task_attributes
from mock_airflow.api.operation import Call
from mock_airflow.domain import dags
from mock_airflow.domain.errors import TaskInstanceIsMappedError, TaskInstanceNotFoundError
from mock_airflow.journal.why import Why

operation = API.tagged("Task")


@operation("GET", "/dags/{dag_id}/tasks/{task_id}", access=None)
def task_info(call: Call) -> Answer:
    """Read a task."""
    dag = known(call)
    return told(task_attributes(call.airflow, dag, dags.get_task(call.airflow, dag.dag_id, call.path["task_id"])))


@operation("GET", "/dags/{dag_id}/dag_runs/{execution_date}/tasks/{task_id}", access=None)
def task_instance_info(call: Call) -> Answer:
    """Read the instance of a task in the run of a date; one that is mapped cannot be named here."""
    date, dag, task_id = date_of(call), known(call), call.path["task_id"]
    dags.get_task(call.airflow, dag.dag_id, task_id)
    run = dag_runs_by_date.get(call.airflow, dag.dag_id, date)
    try:
        ti = dag_runs_by_date.task_instance(call.airflow, run.key, task_id)
    except (TaskInstanceNotFoundError, TaskInstanceIsMappedError) as error:
        text = f"Task {task_id} instance for date {date.isoformat(' ')} not found"
        raise TextProblem(404, text, Why(str(error))) from None
    return told(instance_attributes(call.airflow, run, ti))
