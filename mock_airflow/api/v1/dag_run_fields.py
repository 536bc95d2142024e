"""The objects that stand for DAG runs in answers and bodies."""

from __future__ import annotations

from msgspec.structs import replace

from mock_airflow.api.airflow2.schema import Field, Schema, nested
from mock_airflow.api.v1.references import REFERENCE
from mock_airflow.api.v1.task_instances import TASK_INSTANCE
from mock_airflow.domain.records import RUN_STATES, DagRun

RUN_TYPES = ("backfill", "manual", "scheduled", "dataset_triggered")
_RUN_TYPES = {"asset_triggered": "dataset_triggered"}  # of Airflow 3; its others were made by a hand or an operator


def _run_type(run: DagRun) -> str:
    """The run's type in the words of Airflow 2."""
    told = _RUN_TYPES.get(run.run_type, run.run_type)
    return told if told in RUN_TYPES else "manual"


DAG_RUN = Schema(
    "DAGRun",
    Field("dag_run_id", nullable=True, load_none=False, max_length=250, of="run_id"),
    Field("dag_id", read_only=True),
    Field("logical_date", nullable=True, load_none=False, format="date-time"),
    Field("execution_date", nullable=True, format="date-time", deprecated=True, of="logical_date"),
    Field("start_date", format="date-time", read_only=True, nullable=True),
    Field("end_date", format="date-time", read_only=True, nullable=True),
    Field("data_interval_start", format="date-time", nullable=True),
    Field("data_interval_end", format="date-time", nullable=True),
    Field("last_scheduling_decision", format="date-time", read_only=True, nullable=True),
    Field("run_type", read_only=True, enum=RUN_TYPES, of=_run_type),
    Field("state", read_only=True, enum=RUN_STATES),
    Field("external_trigger", "boolean", read_only=True),
    Field("conf", "object"),
    Field("note", nullable=True, max_length=1000),
)
# Airflow's document tells of whole task instances; its answers only name them (observed)
CLEARED = Schema(
    "ClearedTaskInstances",
    nested(
        "task_instances",
        Schema(
            "ClearedTaskInstance",
            *(replace(field, answered=name in REFERENCE.fields) for name, field in TASK_INSTANCE.fields.items()),
        ),
        many=True,
    ),
    Field("total_entries", "integer", answered=False),
)
STATE_FORM = Schema("UpdateDagRunState", Field("state", enum=("success", "failed", "queued")))
CLEAR_FORM = Schema("ClearDagRun", Field("dry_run", "boolean", default=True))
NOTE_FORM = Schema("SetDagRunNote", Field("note", max_length=1000))
LIST_FORM = Schema(
    "ListDagRunsForm",
    Field("order_by"),
    Field("page_offset", "integer", minimum=0),
    Field("page_limit", "integer", minimum=1, default=100),
    Field("dag_ids", "array", items=Field("")),
    Field("states", "array", items=Field("")),
    *(
        Field(f"{name}_{end}", format="date-time")
        for name in ("execution_date", "start_date", "end_date")
        for end in ("gte", "lte")
    ),
)
# Airflow reads these too, which its document does not know, and then does nothing with them (observed)
LIST_FORM_AS_READ = LIST_FORM.extended(
    LIST_FORM.name, *(Field(f"updated_at_{end}", "any", load_none=True) for end in ("gte", "lte"))
)
