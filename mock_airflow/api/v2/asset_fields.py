"""Assets and their events as `/api/v2` tells them."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.api.v2.dag_run_fields import display_name, run_view
from mock_airflow.domain.masking import masked_in_3 as masked
from mock_airflow.domain.records import Asset, AssetAlias, AssetEvent, AssetReference, QueuedEvent

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


def asset_view(call: Call, asset: Asset) -> dict[str, Any]:
    """An asset, with who waits for it and who changes it."""
    events = call.airflow.asset_events.group("asset", asset.id).values()
    last = max(events, key=lambda event: (event.timestamp, event.id), default=None)
    return {
        "id": asset.id,
        "name": asset.asset_name,
        "uri": asset.uri,
        "group": asset.group,
        "extra": masked(asset.extra or {}),
        "created_at": asset.created_at,
        "updated_at": asset.updated_at,
        "scheduled_dags": [_without_task(each) for each in asset.consuming_dags],
        "producing_tasks": [_with_task(each) for each in asset.producing_tasks],
        "consuming_tasks": [_with_task(each) for each in asset.consuming_tasks],
        "aliases": [{"group": "asset", **alias} for alias in _aliases(asset)],
        "watchers": list(asset.watchers) if _is_watched(call, asset) else [],
        "last_asset_event": {"id": last and last.id, "timestamp": last and last.timestamp},
    }


def _is_watched(call: Call, asset: Asset) -> bool:
    """Whether a DAG that is not paused waits for it; only then are there watchers (observed)."""
    dags = (call.airflow.dags.get(each.dag_id) for each in asset.consuming_dags)
    return any(dag is not None and not dag.rests for dag in dags)


def _aliases(asset: Asset) -> list[dict[str, Any]]:
    return [{name: alias.get(name, "asset") for name in ("id", "name", "group")} for alias in asset.aliases]


def _without_task(reference: AssetReference) -> dict[str, Any]:
    return {"dag_id": reference.dag_id, "created_at": reference.created_at, "updated_at": reference.updated_at}


def _with_task(reference: AssetReference) -> dict[str, Any]:
    told = _without_task(reference)
    return {"dag_id": told.pop("dag_id"), "task_id": reference.task_id, **told}


def alias_view(call: Call, alias: AssetAlias) -> dict[str, Any]:
    """An alias of assets."""
    return {"id": alias.id, "name": alias.name, "group": alias.group}


def event_view(call: Call, event: AssetEvent) -> dict[str, Any]:
    """An event of an asset, with the runs that it helped to start."""
    asset = call.airflow.assets.lookup("uri", event.asset_uri)
    runs = [run for key in event.created_dagruns if (run := call.airflow.dag_runs.get(key)) is not None]
    created = [
        {
            **{name: told[name] for name in _OF_CREATED},
            "triggering": event.id == max(run.consumed_event_ids, default=event.id),
        }
        for run in runs
        for told in ({"run_id": run.run_id, **run_view(call, run)},)
    ]
    return {
        "id": event.id,
        "asset_id": event.asset_id,
        "uri": event.asset_uri,
        "name": asset.asset_name if asset is not None else event.asset_uri,
        "group": asset.group if asset is not None else "asset",
        "extra": masked(event.extra or {}),
        "source_task_id": event.source_task_id,
        "source_dag_id": event.source_dag_id,
        "source_run_id": event.source_run_id,
        "source_map_index": event.source_map_index,
        "created_dagruns": created,
        "timestamp": event.timestamp,
        "partition_key": event.partition_key,
    }


def queued_event_view(call: Call, event: QueuedEvent) -> dict[str, Any]:
    """An event that a DAG has not answered yet."""
    asset = call.airflow.assets.lookup("uri", event.uri)
    return {
        "dag_id": event.dag_id,
        "asset_id": asset.id if asset is not None else None,
        "created_at": event.created_at,
        "dag_display_name": display_name(call.airflow, event.dag_id),
    }
