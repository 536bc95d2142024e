"""Schema drift: changes that were found, baselines, monitoring, and a look on demand.

The package of 0.6.0 has no call for the look on demand that the documentation's scopes speak of; ``POST
/schema/{id}/refresh`` stands for it, after the one for freshness (assumed).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mock_airflow.profiles.anomalyarmor.api import Ask, Shape, resource
from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset
from mock_airflow.profiles.anomalyarmor.resources.assets import columns_view
from mock_airflow.profiles.anomalyarmor.resources.jobs import start, started

operation = resource("Schema")

SEVERITIES = ("info", "warning", "critical")
_SCHEDULES = {"5m": 1 / 12, "1h": 1, "hourly": 1, "6h": 6, "1d": 24, "daily": 24, "1w": 168, "weekly": 168}


def _qualified_name(ask: Ask, change: Item) -> str:
    asset = ask.estate.asset(change.asset_id or "")
    return "" if asset is None else asset.qualified_name


change_view = Shape(
    "id asset_id qualified_name change_type severity column_name old_value new_value detected_at=created_at"
    " acknowledged",
    qualified_name=_qualified_name,
)
baseline_view = Shape("id asset_id table_count column_count captured_at=created_at description")


@operation("GET", "/schema/summary", documented=True)
def get_schema_summary(ask: Ask) -> dict[str, Any]:
    """Count the changes that were found, by severity."""
    changes = ask.estate.items("schema_change")
    severities = [change.facts["severity"] for change in changes]
    return {
        "total_changes": len(changes),
        "unacknowledged": sum(not change.facts["acknowledged"] for change in changes),
        **{f"{severity}_count": severities.count(severity) for severity in SEVERITIES},
        "last_check": max((asset.updated_at for asset in ask.estate.assets()), default=None),
    }


@operation("GET", "/schema/changes", documented=True)
def list_schema_changes(ask: Ask) -> Any:
    """List the changes that were found, the latest first."""
    severity, wanted = ask.choice("severity", SEVERITIES), ask.query.get("asset_id")
    within = {asset.id for asset in ask.estate.tables_of(ask.asset(wanted))} if wanted else None
    changes = [
        change
        for change in reversed(ask.estate.items("schema_change"))
        if (within is None or change.asset_id in within)
        and severity in ("", change.facts["severity"])
        and not (ask.flag("unacknowledged_only") and change.facts["acknowledged"])
    ]
    return ask.page(changes, change_view)


@operation("POST", "/schema/changes/{change_id}/acknowledge")
def acknowledge_schema_change(ask: Ask) -> Any:
    """Note that a change is known."""
    return change_view(ask, ask.estate.change(ask.item("schema_change"), acknowledged=True))


@operation("POST", "/schema/dry-run")
def dry_run_schema(ask: Ask) -> Any:
    """Show what a look would find, and change nothing."""
    fields = ask.fields("asset_id table_path? lookback_days:number? schedule_type?")
    asset = ask.asset(fields["asset_id"])
    tables = ask.estate.tables_of(asset)
    if "table_path" in fields:
        tables = [ask.table(asset, fields["table_path"])]
    found = [
        {"change_type": "column_added", "table_name": table.name, "column_name": column.name, "old_value": None}
        | {"new_value": column.type, "severity": "info"}
        for table in tables
        for column in table.undiscovered
    ]
    return {
        "asset_id": asset.id,
        "schedule_type": fields.get("schedule_type", "daily"),
        "baseline_exists": bool(ask.estate.items("baseline", asset.id)),
        "tables_in_baseline": len(tables),
        "tables_in_current": len(tables),
        "changes_detected": bool(found),
        "changes_summary": {"column_added": len(found)} if found else {},
        "total_changes": len(found),
        "sample_changes": found[:5],
        "estimated_alerts_per_week": len(found),
        "recommendation": "A look would alert." if found else "Nothing has changed.",
    }


@operation("GET", "/schema/{asset_id}", documented=True)
def get_schema(ask: Ask) -> Any:
    """Show an asset's tables and columns, its monitoring, and changes to it."""
    asset = ask.asset()
    tables = ask.estate.tables_of(asset)
    changes = [change for table in tables for change in ask.estate.items("schema_change", table.id)]
    return {
        **_monitoring(ask, asset),
        "qualified_name": asset.qualified_name,
        "columns": columns_view(asset),
        "tables": [{"name": table.name, "path": table.path, "columns": columns_view(table)} for table in tables],
        "recent_changes": [change_view(ask, change) for change in changes[-10:]],
        "total_changes": len(changes),
    }


@operation("POST", "/schema/{asset_id}/refresh", documented=True)
def refresh_schema(ask: Ask) -> Any:
    """Start a look at an asset's columns; the changes are there once its job is completed."""
    return started(start(ask, "schema_refresh", ask.asset()), "queued", "Schema refresh queued")


@operation("POST", "/schema/{asset_id}/baseline", success=201)
def create_schema_baseline(ask: Ask) -> Any:
    """Keep an asset's columns of now, for later looks to compare with."""
    fields = ask.fields("description?")
    return baseline_view(ask, _new_baseline(ask, ask.asset(), fields.get("description")))


def _new_baseline(ask: Ask, asset: WatchedAsset, description: str | None = None) -> Item:
    tables = ask.estate.tables_of(asset)
    facts: dict[str, Any] = {"table_count": len(tables), "column_count": sum(len(table.columns) for table in tables)}
    return ask.estate.add("baseline", asset_id=asset.id, **facts, description=description)


def _monitoring(ask: Ask, asset: WatchedAsset) -> dict[str, Any]:
    on = next(iter(ask.estate.items("schema_monitoring", asset.id)), None)
    baseline = next(reversed(ask.estate.items("baseline", asset.id)), None)
    schedule = None if on is None else on.facts["schedule_type"]
    return {
        "asset_id": asset.id,
        "monitoring_enabled": on is not None,
        "schedule_type": schedule,
        "schedule_label": None if schedule is None else schedule.capitalize(),
        "next_check_at": None if on is None else on.created_at + timedelta(hours=_SCHEDULES[on.facts["schedule_type"]]),
        "last_check_at": None,
        "baseline_id": None if baseline is None else baseline.id,
        "baseline_captured_at": None if baseline is None else baseline.created_at,
    }


@operation("POST", "/schema/{asset_id}/monitoring")
def enable_schema_monitoring(ask: Ask) -> Any:
    """Have an asset's columns looked at on a schedule."""
    asset, estate = ask.asset(), ask.estate
    fields = ask.fields("schedule_type? auto_create_baseline:flag?", schedule_type=tuple(_SCHEDULES))
    estate.remove(estate.items("schema_monitoring", asset.id))
    estate.add("schema_monitoring", asset_id=asset.id, schedule_type=fields.get("schedule_type", "daily"))
    if fields.get("auto_create_baseline", True) and not estate.items("baseline", asset.id):
        _new_baseline(ask, asset)
    return _monitoring(ask, asset)


@operation("DELETE", "/schema/{asset_id}/monitoring")
def disable_schema_monitoring(ask: Ask) -> Any:
    """Have an asset's columns no longer looked at; its baseline stays."""
    asset = ask.asset()
    ask.estate.remove(ask.estate.items("schema_monitoring", asset.id))
    return _monitoring(ask, asset)
