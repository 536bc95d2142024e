"""Asking for a DAG file to be parsed again."""

from __future__ import annotations

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.problems import Detail, unique_violation
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.domain import dag_files, event_logs
from mock_airflow.domain.errors import DagFileNotFoundError
from mock_airflow.journal.why import Why

operation = API.tagged("DAG Parsing")


@operation("PUT", "/parseDagFile/{file_token}", access=on("GET"), success=201, refuses=(404, 409))
def reparse_dag_file(call: Call) -> Answer:
    """Ask for a DAG file to be parsed again; a token that stands for none is a 404 for everybody (observed)."""
    token = call.path["file_token"]
    try:
        path = dag_files.with_dags(call.airflow, token)
    except DagFileNotFoundError:
        raise Detail(404, "File not found") from None
    permitted = call.permitted_dags("can_edit")
    refused = [dag_id for dag_id in dag_files.dag_ids(call.airflow, path) if permitted and not permitted(dag_id)]
    if refused:
        raise Detail(403, "Forbidden", why=Why(f"can_edit on DAG:{refused[0]}, which is in the file, is needed."))
    if not dag_files.ask_to_parse(call.airflow, path):
        raise unique_violation(call, f"A new parse of {path} is already requested.")
    extra = f'{{"file_token": "{token}", "method": "PUT"}}'
    event_logs.record(call.airflow, "reparse_dag_file", owner=call.principal.name, extra=extra)
    return answer(None, 201)
