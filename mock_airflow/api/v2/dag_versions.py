"""The versions of DAGs."""

from __future__ import annotations

from collections.abc import Iterable

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import PAGE, Parameter, order_by, order_keys
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.dag_run_fields import version_view
from mock_airflow.api.v2.filters import equal
from mock_airflow.api.v2.lists import listing, ordered
from mock_airflow.domain.records import DagVersion

operation = API.tagged("DagVersion")

READ = on_dag("GET", "DAG Versions")
ORDER_KEYS = order_keys("id", "version_number", "bundle_name", "bundle_version")


@operation("GET", "/dags/{dag_id}/dagVersions/{version_number}", access=READ, answer="DagVersionResponse")
def get_dag_version(call: Call) -> Answer:
    """Read a version of a DAG."""
    dag_id, number = call.path["dag_id"], call.path["version_number"]
    version = call.airflow.dag_versions.get((dag_id, number))
    if version is None:
        raise Detail(404, f"The DagVersion with dag_id: `{dag_id}` and version_number: `{number}` was not found")
    return answer(version_view(call, version))


@operation(
    "GET",
    "/dags/{dag_id}/dagVersions",
    access=READ,
    query=(
        *PAGE,
        Parameter("version_number", int),
        Parameter("bundle_name"),
        Parameter("bundle_version"),
        order_by("id"),
    ),
    answer="DAGVersionCollectionResponse",
)
def get_dag_versions(call: Call) -> Answer:
    """List the versions of a DAG, or of all."""
    dag_id = call.path["dag_id"]
    rows: Iterable[DagVersion] = call.airflow.dag_versions
    if dag_id != "~":
        if dag_id not in call.airflow.dags:
            raise Detail(404, f"The Dag with ID: `{dag_id}` was not found")
        rows = call.airflow.dag_versions.group("dag_id", dag_id).values()
    for name in ("version_number", "bundle_name", "bundle_version"):
        rows = equal(call, rows, name)
    return listing(call, "dag_versions", ordered(call, rows, ORDER_KEYS, "id", lambda row: row.id), version_view)
