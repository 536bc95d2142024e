"""Assets and their events as `/api/v2` tells them."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.api.v2.dag_run_fields import run_view
from mock_airflow.domain.records import DatasetEvent

_OF_CREATED = (
    "run_id",
    "dag_id",
    "logical_date",
    "start_date",
    "end_date",
    "state",
    "data_interval_start",
    "data_interval_end",
    "partition_key",
)


def event_view(call: Call, event: DatasetEvent) -> dict[str, Any]:
    """An event of an asset, with the runs that it helped to start."""
    asset = call.airflow.datasets.get(event.dataset_uri)
    runs = [run for key in event.created_dagruns if (run := call.airflow.dag_runs.get(key)) is not None]
    created = [{"run_id": run.run_id, **run_view(call, run)} for run in runs]
    return {
        "id": event.id,
        "asset_id": event.dataset_id,
        "uri": event.dataset_uri,
        "name": getattr(asset, "name", None) or event.dataset_uri,
        "group": getattr(asset, "group", None) or "asset",
        "extra": event.extra or {},
        "source_task_id": event.source_task_id,
        "source_dag_id": event.source_dag_id,
        "source_run_id": event.source_run_id,
        "source_map_index": event.source_map_index,
        "created_dagruns": [{**{name: told[name] for name in _OF_CREATED}, "triggering": True} for told in created],
        "timestamp": event.timestamp,
        "partition_key": None,
    }
