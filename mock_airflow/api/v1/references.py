"""How a list of touched task instances names them."""

from __future__ import annotations

from mock_airflow.api.airflow2.schema import Field, Schema, as_read_only, nested

REFERENCE = Schema(
    "TaskInstanceReference",
    *as_read_only(
        Field("task_id"),
        Field("dag_id"),
        Field("execution_date", format="datetime", of="logical_date"),
        Field("dag_run_id", of="run_id"),
    ),
)
REFERENCES = Schema("TaskInstanceReferenceCollection", nested("task_instances", REFERENCE, many=True))
