"""How many runs a DAG has in each state."""

from __future__ import annotations

from collections import Counter

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import several
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.dag_run_fields import display_name
from mock_airflow.domain.records import RUN_STATES

operation = API.tagged("DagStats")


@operation(
    "GET",
    "/dagStats",
    access=on_dag("GET", "DAG Runs"),
    query=several("dag_ids"),
    answer="DagStatsCollectionResponse",
    refuses=(404,),
)
def get_dag_stats(call: Call) -> Answer:
    """Count the runs of DAGs by their state; DAGs without runs are left out."""
    asked = call.query["dag_ids"]
    counts: dict[str, Counter[str]] = {}
    for run in call.airflow.dag_runs:
        if not asked or run.dag_id in asked:
            counts.setdefault(run.dag_id, Counter())[run.state] += 1
    told = [
        {
            "dag_id": dag_id,
            "dag_display_name": display_name(call.airflow, dag_id),
            "stats": [{"state": state, "count": counts[dag_id][state]} for state in RUN_STATES],
        }
        for dag_id in sorted(counts)
    ]
    return answer({"dags": told, "total_entries": len(told)})
