"""Schema drift: changes that were found, baselines, monitoring, and a look on demand.

The package of 0.6.0 has no call for the look on demand that the documentation's scopes speak of; ``POST
/schema/{id}/refresh`` stands for it, after the one for freshness (assumed).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import flag, page
from mock_airflow.profiles.anomalyarmor.api import (
    asset_named,
    estate_of,
    fields_of,
    item_named,
    one_of,
    resource,
)
from mock_airflow.profiles.anomalyarmor.assets import columns_view
from mock_airflow.profiles.anomalyarmor.jobs import start
from mock_airflow.profiles.anomalyarmor.records import Asset, Item

operation = resource("Schema")

SEVERITIES = ("info", "warning", "critical")
_SCHEDULES = {"5m": 1 / 12, "1h": 1, "hourly": 1, "6h": 6, "1d": 24, "daily": 24, "1w": 168, "weekly": 168}


def change_view(call: Call, change: Item) -> dict[str, Any]:
    """A change that was found."""
    asset = estate_of(call).asset(change.asset_id or "")
    facts = change.facts
    return {
        "id": change.id,
        "asset_id": change.asset_id,
        "qualified_name": "" if asset is None else asset.qualified_name,
        "change_type": facts["change_type"],
        "severity": facts["severity"],
        "column_name": facts["column_name"],
        "old_value": facts["old_value"],
        "new_value": facts["new_value"],
        "detected_at": change.created_at,
        "acknowledged": facts["acknowledged"],
    }


def summary_of(call: Call) -> dict[str, Any]:
    """How many changes were found, by severity."""
    changes = estate_of(call).items("schema_change")
    severities = [change.facts["severity"] for change in changes]
    return {
        "total_changes": len(changes),
        "unacknowledged": sum(not change.facts["acknowledged"] for change in changes),
        **{f"{severity}_count": severities.count(severity) for severity in SEVERITIES},
        "last_check": max((asset.updated_at for asset in estate_of(call).assets()), default=None),
    }


@operation("GET", "/schema/summary", "get_schema_summary", documented=True)
def get_schema_summary(call: Call) -> Any:
    """Tell how many changes were found."""
    return summary_of(call)


@operation("GET", "/schema/changes", "list_schema_changes", documented=True)
def list_schema_changes(call: Call) -> Any:
    """List the changes that were found, latest first."""
    estate, query = estate_of(call), call.query
    one_of(call.settings, "severity", query.get("severity"), SEVERITIES)
    wanted = query.get("asset_id")
    within = None if not wanted else {asset.id for asset in estate.tables_of(asset_named(call, wanted))}
    changes = [
        change
        for change in reversed(estate.items("schema_change"))
        if (within is None or change.asset_id in within)
        and query.get("severity") in (None, change.facts["severity"])
        and not (flag(query, "unacknowledged_only") and change.facts["acknowledged"])
    ]
    return page(changes, lambda change: change_view(call, change), query, call.settings)


@operation("POST", "/schema/changes/{change_id}/acknowledge", "acknowledge_schema_change")
def acknowledge_schema_change(call: Call) -> Any:
    """Note that a change is known."""
    return change_view(call, estate_of(call).change(item_named(call, "schema_change", "change_id"), acknowledged=True))


@operation("POST", "/schema/dry-run", "dry_run_schema")
def dry_run_schema(call: Call) -> Any:
    """Tell what a look would find, and change nothing."""
    fields = fields_of(
        call,
        required={"asset_id": "text"},
        optional={"table_path": "text", "lookback_days": "number", "schedule_type": "text"},
    )
    estate = estate_of(call)
    asset = asset_named(call, fields["asset_id"])
    tables = estate.tables_of(asset)
    if "table_path" in fields:
        one = estate.table(asset, fields["table_path"])
        if one is None:
            raise answers.not_found(call.settings, "table", fields["table_path"])
        tables = [one]
    found = [
        {
            "change_type": "column_added",
            "table_name": table.name,
            "column_name": column.name,
            "old_value": None,
            "new_value": column.type,
            "severity": "info",
        }
        for table in tables
        for column in table.undiscovered
    ]
    return {
        "asset_id": asset.id,
        "schedule_type": fields.get("schedule_type", "daily"),
        "baseline_exists": bool(estate.items("baseline", asset.id)),
        "tables_in_baseline": len(tables),
        "tables_in_current": len(tables),
        "changes_detected": bool(found),
        "changes_summary": {"column_added": len(found)} if found else {},
        "total_changes": len(found),
        "sample_changes": found[:5],
        "estimated_alerts_per_week": len(found),
        "recommendation": "A look would alert." if found else "Nothing has changed.",
    }


@operation("GET", "/schema/{asset_id}", "get_schema", documented=True)
def get_schema(call: Call) -> Any:
    """Tell of an asset's tables and columns, of its monitoring, and of changes to it."""
    estate, asset = estate_of(call), asset_named(call)
    tables = estate.tables_of(asset)
    changes = [change for table in tables for change in estate.items("schema_change", table.id)]
    return {
        **_monitoring(call, asset),
        "qualified_name": asset.qualified_name,
        "columns": columns_view(asset),
        "tables": [{"name": table.name, "path": table.path, "columns": columns_view(table)} for table in tables],
        "recent_changes": [change_view(call, change) for change in changes[-10:]],
        "total_changes": len(changes),
    }


@operation("POST", "/schema/{asset_id}/refresh", "refresh_schema", documented=True)
def refresh_schema(call: Call) -> Any:
    """Start a look at an asset's columns; the changes are there once its job is completed."""
    job = start(call, "schema_refresh", asset_named(call))
    told = {"job_id": job.id, "asset_id": job.asset_id, "status": "queued", "message": "Schema refresh queued"}
    return {**told, "created_at": job.created_at}


@operation("POST", "/schema/{asset_id}/baseline", "create_schema_baseline", success=201)
def create_schema_baseline(call: Call) -> Any:
    """Keep an asset's columns of now, for later looks to compare with."""
    fields = fields_of(call, required={}, optional={"description": "text"})
    return baseline_view(_new_baseline(call, asset_named(call), fields.get("description")))


def _new_baseline(call: Call, asset: Asset, description: str | None) -> Item:
    tables = estate_of(call).tables_of(asset)
    return estate_of(call).add(
        "baseline",
        asset_id=asset.id,
        table_count=len(tables),
        column_count=sum(len(table.columns) for table in tables),
        description=description,
    )


def baseline_view(baseline: Item) -> dict[str, Any]:
    """A baseline."""
    facts = baseline.facts
    return {
        "id": baseline.id,
        "asset_id": baseline.asset_id,
        "table_count": facts["table_count"],
        "column_count": facts["column_count"],
        "captured_at": baseline.created_at,
        "description": facts["description"],
    }


def _monitoring(call: Call, asset: Asset) -> dict[str, Any]:
    estate = estate_of(call)
    on = next(iter(estate.items("schema_monitoring", asset.id)), None)
    baseline = next(reversed(estate.items("baseline", asset.id)), None)
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


@operation("POST", "/schema/{asset_id}/monitoring", "enable_schema_monitoring")
def enable_schema_monitoring(call: Call) -> Any:
    """Have an asset's columns looked at on a schedule."""
    asset = asset_named(call)
    fields = fields_of(call, required={}, optional={"schedule_type": "text", "auto_create_baseline": "yes or no"})
    schedule = fields.get("schedule_type", "daily")
    one_of(call.settings, "schedule_type", schedule, tuple(_SCHEDULES))
    estate = estate_of(call)
    estate.remove(estate.items("schema_monitoring", asset.id))
    estate.add("schema_monitoring", asset_id=asset.id, schedule_type=schedule)
    if fields.get("auto_create_baseline", True) and not estate.items("baseline", asset.id):
        _new_baseline(call, asset, None)
    return _monitoring(call, asset)


@operation("DELETE", "/schema/{asset_id}/monitoring", "disable_schema_monitoring")
def disable_schema_monitoring(call: Call) -> Any:
    """Have an asset's columns no longer looked at; its baseline stays."""
    asset = asset_named(call)
    estate_of(call).remove(estate_of(call).items("schema_monitoring", asset.id))
    return _monitoring(call, asset)
