"""XComs."""

from __future__ import annotations

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.parameters import PAGE, Query
from mock_airflow.api.airflow2.problems import Words, bad_request
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.task_instances import ONE, in_64_bits, key_of
from mock_airflow.domain import xcoms
from mock_airflow.domain.errors import XComNotFoundError

operation = API.tagged("XCom")

XCOM_ITEM = Schema(
    "XComCollectionItem",
    Field("key"),
    Field("timestamp", format="datetime"),
    Field("execution_date", format="datetime", of="logical_date"),
    Field("map_index", "integer"),
    Field("task_id"),
    Field("dag_id"),
)
XCOM = XCOM_ITEM.extended("XCom", Field("value", "any", nullable=True))
_STRINGIFIED = XCOM.extended(
    "XCom", Field("value", "any", nullable=True, of=lambda xcom: None if xcom.value is None else str(xcom.value))
)
_READ = on_dag("GET", "XComs")


@operation(
    "GET",
    f"{ONE}/xcomEntries",
    access=_READ,
    query=(Query("map_index", "integer"), Query("xcom_key"), *PAGE),
    answer=XCOM_ITEM,
    listed="xcom_entries",
)
def get_xcom_entries(call: Call) -> Answer:
    """List xcoms without their values; ``~`` means all DAGs, runs or tasks."""
    limit = call.limit
    dag_id, run_id, task_id = (
        None if call.path[name] == "~" else call.path[name] for name in ("dag_id", "dag_run_id", "task_id")
    )
    map_index = call.query.get("map_index")
    page = xcoms.find(
        call.airflow,
        dag_id=dag_id,
        run_id=run_id,
        task_id=task_id,
        permitted=call.permitted_dags("can_read") if dag_id is None else None,
        map_index=None if map_index is None else in_64_bits(map_index, "map_index"),
        key=call.query.get("xcom_key"),
        offset=call.offset,
        limit=limit,
    )
    return call.collection("xcom_entries", XCOM_ITEM, page)


@operation(
    "GET",
    f"{ONE}/xcomEntries/{{xcom_key}}",
    access=_READ,
    query=(
        Query("map_index", "integer"),
        Query("deserialize", "boolean", default=False),
        Query("stringify", "boolean", default=True),
    ),
    answer=XCOM,
    words={XComNotFoundError: Words("XCom entry not found")},
)
def get_xcom_entry(call: Call) -> Answer:
    """Read an xcom; its value is a text as Python prints it, unless ``stringify=false`` asks for JSON."""
    if call.query["deserialize"] and not call.settings.enable_xcom_deserialize_support:
        raise bad_request("XCom deserialization is disabled in configuration.")
    xcom = xcoms.get(call.airflow, key_of(call), call.path["xcom_key"])
    return call.one(_STRINGIFIED if call.query["stringify"] else XCOM, xcom)
