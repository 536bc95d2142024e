"""The text that a version of a DAG was read from."""

from __future__ import annotations

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import JSON, Answer
from mock_airflow.api.airflow3.accept import TEXT, accept, accepted
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import Parameter
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.dag_run_fields import display_name
from mock_airflow.domain import dag_files
from mock_airflow.domain.records import DagCode

operation = API.tagged("DagSource")

_REDACTED = "REDACTED - you do not have read permission on all Dags in the file"


@operation(
    "GET",
    "/dagSources/{dag_id}",
    access=on_dag("GET", "DAG Code"),
    query=(Parameter("version_number", int),),
    media=(JSON, TEXT),
    headers=(accept(JSON, TEXT),),
    answer="DAGSourceResponse",
    refuses=(404, 406),
)
def get_dag_source(call: Call) -> Answer:
    """Read the source of a DAG's version, the newest unless another is named, as JSON or text."""
    dag_id, number = call.path["dag_id"], call.query["version_number"]
    kind = accepted(call)
    code = dag_files.code(call.airflow, dag_id, number or None)  # 0 is the newest too (observed)
    if code is None:
        raise Detail(404, f"The source code of the Dag {dag_id}, version_number {number} was not found")
    source = code.source if _may_read_all(call, code) else _REDACTED
    if kind == TEXT:
        return Answer(source, content_type="text/plain; charset=utf-8")
    return answer(
        {
            "content": source,
            "dag_id": dag_id,
            "version_number": code.version_number,
            "dag_display_name": display_name(call.airflow, dag_id),
        }
    )


def _may_read_all(call: Call, code: DagCode) -> bool:
    """Whether every DAG of the file may be read."""
    permitted, dag = call.permitted_dags("can_read"), call.airflow.dags.get(code.dag_id)
    if permitted is None or dag is None:
        return True
    return all(map(permitted, dag_files.dag_ids(call.airflow, dag.fileloc)))
