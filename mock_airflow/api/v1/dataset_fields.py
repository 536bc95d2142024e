"""The objects that stand for datasets and their events in answers."""

from __future__ import annotations

from mock_airflow.api.airflow2.schema import Field, Schema, nested
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import RUN_STATES, AssetEvent, DagRun

_CONSUMER = Schema(
    "DagScheduleDatasetReference", Field("dag_id", nullable=True), Field("created_at"), Field("updated_at")
)
_PRODUCER = Schema(
    "TaskOutletDatasetReference",
    Field("dag_id", nullable=True),
    Field("task_id", nullable=True),
    Field("created_at"),
    Field("updated_at"),
)
_ALIAS = Schema("DatasetAlias", Field("id", "integer", of=lambda a: a["id"]), Field("name", of=lambda a: a["name"]))
DATASET = Schema(
    "Dataset",
    Field("id", "integer"),
    Field("uri"),
    Field("extra", "object", nullable=True, of=lambda dataset: dataset.extra or {}),
    Field("created_at"),
    Field("updated_at"),
    nested("consuming_dags", _CONSUMER, many=True),
    nested("producing_tasks", _PRODUCER, many=True),
    nested("aliases", _ALIAS, many=True, documented=False),
)
_BASIC_RUN = Schema(
    "BasicDAGRun",
    Field("run_id", answered=False),
    Field("dag_run_id", of="run_id", documented=False),
    Field("dag_id", read_only=True),
    Field("logical_date", format="date-time"),
    Field("start_date", format="date-time", read_only=True, nullable=True),
    Field("end_date", format="date-time", read_only=True, nullable=True),
    Field("data_interval_start", format="date-time", read_only=True, nullable=True),
    Field("data_interval_end", format="date-time", read_only=True, nullable=True),
    Field("state", read_only=True, enum=RUN_STATES),
)


def _created(event: AssetEvent, airflow: Airflow) -> list[DagRun]:
    return [run for key in event.created_dagruns if (run := airflow.dag_runs.get(key)) is not None]


DATASET_EVENT = Schema(
    "DatasetEvent",
    Field("id", "integer", documented=False),
    Field("dataset_id", "integer", of="asset_id"),
    Field("dataset_uri", of="asset_uri"),
    Field("extra", "object", nullable=True, of=lambda event: event.extra or {}),
    Field("source_dag_id", nullable=True),
    Field("source_task_id", nullable=True),
    Field("source_run_id", nullable=True),
    Field("source_map_index", "integer", nullable=True),
    nested("created_dagruns", _BASIC_RUN, many=True, of=_created, computed=True),
    Field("timestamp"),
)
CREATE_EVENT = Schema(
    "CreateDatasetEvent",
    Field("dataset_uri"),
    Field("extra", "object", nullable=True, load_none=False),
    required=("dataset_uri",),
)
