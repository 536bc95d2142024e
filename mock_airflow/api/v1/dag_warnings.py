"""Warnings about DAGs."""

from __future__ import annotations

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.parameters import ORDER_BY, PAGE, Query
from mock_airflow.api.airflow2.schema import Field, Schema, as_read_only
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.domain import dag_warnings

operation = API.tagged("DagWarning")

DAG_WARNING = Schema(
    "DagWarning",
    *as_read_only(Field("dag_id"), Field("warning_type"), Field("message"), Field("timestamp", format="datetime")),
)
_FILTERS = (
    Query("dag_id", description="The DAG that the warnings are about."),
    Query("warning_type", description="The kind of warning."),
)


@operation(
    "GET",
    "/dagWarnings",
    access=on_dag("GET", "DAG Warnings"),
    query=(*_FILTERS, *PAGE, ORDER_BY),
    answer=DAG_WARNING,
    listed="dag_warnings",
)
def get_dag_warnings(call: Call) -> Answer:
    """List warnings about DAGs."""
    rows = dag_warnings.find(
        call.airflow,
        dag_id=call.query.get("dag_id"),
        warning_type=call.query.get("warning_type"),
        permitted=call.permitted_dags(),
    )
    return call.collection("dag_warnings", DAG_WARNING, call.page(rows, "timestamp", DAG_WARNING.fields))
