"""DAG files: reading the source of one, and asking for one to be parsed again."""

from __future__ import annotations

import json

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import HTML, JSON, Answer, Refusal
from mock_airflow.api.airflow2.accept import best_match
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.domain import dag_files
from mock_airflow.journal.why import Why

operation = API.tagged("DAG")

TEXT = "text/plain"
DAG_SOURCE = Schema("DagSource", Field("content"))


@operation("GET", "/dagSources/{file_token}", access=on_dag("GET", "DAG Code"), answer=DAG_SOURCE, media=(TEXT, JSON))
def get_dag_source(call: Call) -> Answer:
    """Read the source of a DAG file, as text or JSON; JSON stands on one line here."""
    path = dag_files.located(call.airflow, call.path["file_token"])
    _demand_all_dags(call, path, "can_read")
    content = dag_files.source(call.airflow, path)
    kind = best_match(call.headers.get("Accept"), (TEXT, JSON))
    if kind is None:
        raise Refusal(
            status=406,
            body="Not Allowed Accept Header",
            content_type=HTML,
            why=Why(
                "A source comes as text/plain or application/json; the Accept header takes neither.",
                would_pass="the header Accept: application/json",
            ),
        )
    return Answer(content if kind == TEXT else json.dumps({"content": content}), content_type=kind)


@operation("PUT", "/parseDagFile/{file_token}", access=on_dag("PUT"), success=201)
def reparse_dag_file(call: Call) -> Answer:
    """Ask for a DAG file to be parsed again."""
    path = dag_files.with_dags(call.airflow, call.path["file_token"])
    _demand_all_dags(call, path, "can_edit")
    asked = dag_files.ask_to_parse(call.airflow, path)
    return Answer("" if asked else "Duplicate request", 201, HTML)


def _demand_all_dags(call: Call, path: str, action: str) -> None:
    """See that every DAG of the file is permitted. Raises Problem (403)."""
    permitted = call.permitted_dags(action)
    for dag_id in dag_files.dag_ids(call.airflow, path):
        if permitted is not None and not permitted(dag_id):
            raise Problem(403, "Forbidden", why=Why(f"{action} on DAG:{dag_id}, which is in the same file, is needed."))
