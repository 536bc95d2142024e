"""Jobs: what a refresh, a discovery or an export starts, and what it leaves when it ends.

What a job does is done at its end, whenever somebody next looks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from mock_airflow.profiles.anomalyarmor.answers import moment
from mock_airflow.profiles.anomalyarmor.estate import ArmorEstate, Item, WatchedAsset


def settle(estate: ArmorEstate) -> None:
    """Take in new datasets, and do what the jobs do that have ended."""
    estate.take_in_datasets()
    now = estate.airflow.now()
    for job in estate.items("job"):
        if job.done_at is None and job.ends_at is not None and job.ends_at <= now and not job["cancelled"]:
            _end(estate, estate.change(job, done_at=job.ends_at), job.ends_at)


def _end(estate: ArmorEstate, job: Item, at: datetime) -> None:
    asset, workflow = None if job.asset_id is None else estate.asset(job.asset_id), job["workflow"]
    if asset is None:
        return
    if workflow == "intelligence_generation":
        estate.add("knowledge", asset_id=asset.id, at=at, schemas=job["schemas"])
    for table in estate.tables_of(asset):
        if workflow == "freshness_check":
            check_freshness(estate, table, at)
        elif workflow in ("schema_refresh", "asset_discovery") and table.undiscovered:
            discover(estate, table, at)


def check_freshness(estate: ArmorEstate, asset: WatchedAsset, at: datetime) -> None:
    """Look when data last arrived. What turns out stale is alerted once; what is fresh again resolves its alert."""
    checked = replace(asset, last_update_time=estate.latest_update(asset, at), checked_at=at, updated_at=at)
    estate.assets.put(checked)
    alerts = [one for one in estate.items("alert", asset.id) if one["event_type"] == "freshness_stale"]
    open_alerts, status = [one for one in alerts if one["status"] != "resolved"], checked.freshness(at)
    if status == "stale" and not open_alerts:
        message = f"Data is {checked.age(at) or 0:.0f} hours stale (threshold: {checked.threshold_hours} hours)"
        _alert(estate, checked, "freshness_stale", "warning", message, at)
    for one in open_alerts if status == "fresh" else ():
        estate.change(one, status="resolved", resolved_at=moment(at))


def discover(estate: ArmorEstate, asset: WatchedAsset, at: datetime) -> None:
    """Look at a table's columns; each that is new is a change."""
    found = replace(asset, columns=(*asset.columns, *asset.undiscovered), undiscovered=(), updated_at=at)
    estate.assets.put(found)
    for column in asset.undiscovered:
        facts: dict[str, Any] = {"change_type": "column_added", "severity": "info", "acknowledged": False}
        facts |= {"column_name": column.name, "old_value": None, "new_value": column.type}
        estate.add("schema_change", asset_id=asset.id, at=at, **facts)
        _alert(estate, found, "schema_drift", "info", f"Column {column.name} was added", at)


def _alert(
    estate: ArmorEstate, asset: WatchedAsset, event_type: str, severity: str, message: str, at: datetime
) -> None:
    """Alert, by the first active rule that is for such events."""
    active = [rule for rule in estate.items("rule") if rule["is_active"]]
    rule = next((one.id for one in active if event_type in (one["event_types"] or [event_type])), None)
    facts: dict[str, Any] = {"event_type": event_type, "severity": severity, "status": "triggered", "message": message}
    estate.add("alert", asset_id=asset.id, parent_id=rule, at=at, **facts)
