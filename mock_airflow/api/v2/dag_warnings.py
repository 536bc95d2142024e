"""Warnings about DAGs."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.parameters import PAGE, Parameter, order_by, order_keys
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.dag_run_fields import display_name
from mock_airflow.api.v2.filters import equal
from mock_airflow.api.v2.lists import listing, ordered
from mock_airflow.domain.records import DagWarning

operation = API.tagged("DagWarning")

ORDER_KEYS = order_keys("dag_id", "warning_type", "message", "timestamp")


class DagWarningType(str, Enum):
    """What a warning is about."""

    asset_conflict = "asset conflict"
    non_existent_pool = "non-existent pool"
    runtime_varying_value = "runtime varying value"


def _view(call: Call, warning: DagWarning) -> dict[str, Any]:
    return {
        "dag_id": warning.dag_id,
        "warning_type": warning.warning_type,
        "message": warning.message,
        "timestamp": warning.timestamp,
        "dag_display_name": display_name(call.airflow, warning.dag_id),
    }


@operation(
    "GET",
    "/dagWarnings",
    access=on_dag("GET", "DAG Warnings"),
    query=(Parameter("dag_id"), Parameter("warning_type", DagWarningType), *PAGE, order_by("dag_id")),
    answer="DAGWarningCollectionResponse",
)
def list_dag_warnings(call: Call) -> Answer:
    """List warnings about DAGs."""
    permitted = call.permitted_dags("can_read")
    rows: Iterable[DagWarning] = call.airflow.dag_warnings
    rows = [row for row in rows if permitted is None or permitted(row.dag_id)]
    for name in ("dag_id", "warning_type"):
        rows = equal(call, rows, name)
    found = ordered(call, rows, ORDER_KEYS, "dag_id", lambda row: (row.dag_id, row.warning_type))
    return listing(call, "dag_warnings", found, _view)
