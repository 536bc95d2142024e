"""How a list of touched task instances names them."""

from __future__ import annotations

from mock_airflow.api.schema import Field, Schema

REFERENCE = Schema(
    "TaskInstanceReference",
    Field("task_id"),
    Field("dag_id"),
    Field("execution_date", format="datetime", of="logical_date"),
    Field("dag_run_id", of="run_id"),
)
