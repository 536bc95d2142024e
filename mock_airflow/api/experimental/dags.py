"""DAGs: paused or not, their code, and deleting them."""

from __future__ import annotations

from mock_airflow.answers import HTML, Answer, Oops
from mock_airflow.api.experimental import row_counts
from mock_airflow.api.experimental.answers import TextProblem, told
from mock_airflow.api.experimental.api import API
from mock_airflow.api.operation import Call
from mock_airflow.domain import dag_files, dags
from mock_airflow.domain.errors import DagNotFoundError
from mock_airflow.domain.records import Dag
from mock_airflow.journal.why import Why

operation = API.tagged("DAG")


def known(call: Call) -> Dag:
    """The DAG that the path names. Raises TextProblem for one that is remembered but no longer in any file (code)."""
    dag = dags.get(call.airflow, call.path["dag_id"])
    if not dag.is_active:
        raise TextProblem(404, f"Dag id {dag.dag_id} not found")
    return dag


def _remembered(call: Call) -> Dag:
    """The DAG, also one without a file; Airflow does not expect it to be missing here (observed). Raises Oops."""
    try:
        return dags.get(call.airflow, call.path["dag_id"])
    except DagNotFoundError as error:
        raise Oops(str(error)) from None


@operation("GET", "/dags/{dag_id}/paused", access=None)
def dag_is_paused(call: Call) -> Answer:
    """Tell whether a DAG is paused."""
    return told({"is_paused": _remembered(call).is_paused})


@operation("GET", "/dags/{dag_id}/paused/{paused}", access=None)
def dag_paused(call: Call) -> Answer:
    """Pause a DAG with ``true``; anything else unpauses it."""
    dags.set_paused(call.airflow, _remembered(call).dag_id, call.path["paused"] == "true")
    return told({"response": "ok"})


@operation("GET", "/dags/{dag_id}/code", access=None, media=("text/html",))
def get_dag_code(call: Call) -> Answer:
    """Read the file that declares a DAG; as a page, although it is none."""
    dag = known(call)
    return Answer(dag_files.source(call.airflow, dag.fileloc), content_type=HTML)


@operation("DELETE", "/dags/{dag_id}", access=None)
def delete_dag(call: Call) -> Answer:
    """Delete a DAG with all that hangs on it, and tell how many rows that were."""
    count = row_counts.of_dag(call.airflow, call.path["dag_id"])
    try:
        dags.delete(call.airflow, call.path["dag_id"])
    except DagNotFoundError as error:
        raise TextProblem(404, f"Dag id {call.path['dag_id']} not found", Why(str(error))) from None
    return told({"message": f"Removed {count} record(s)", "count": count})
