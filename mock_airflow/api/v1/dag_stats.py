"""How many runs DAGs have in each state."""

from __future__ import annotations

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.schema import Field, Schema, nested
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.domain import dag_stats
from mock_airflow.domain.query import Page

operation = API.tagged("DagStats")

_STATE = Schema(
    "DagStatsStateCollectionItem",
    Field("state", of=lambda counted: counted[0]),
    Field("count", "integer", of=lambda counted: counted[1]),
)
DAG_STATS = Schema("DagStatsCollectionItem", Field("dag_id"), nested("stats", _STATE, many=True, nullable=True))


@operation(
    "GET",
    "/dagStats",
    access=on_dag("GET", "DAG Runs"),
    query=(Query("dag_ids", required=True, description="The DAGs to count, with commas between."),),
    answer=DAG_STATS,
    listed="dags",
)
def get_dag_stats(call: Call) -> Answer:
    """Count runs by state, of those of the DAGs that there are."""
    rows = dag_stats.count(call.airflow, call.query["dag_ids"].split(","), call.permitted_dags("can_read"))
    return call.collection("dags", DAG_STATS, Page(rows, len(rows)))
