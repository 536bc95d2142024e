"""Freshness: how old data is by the latest check, checks on demand, and schedules.

An asset that is an Airflow dataset is updated by that dataset's events; a check sees the latest of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import flag, page
from mock_airflow.profiles.anomalyarmor.api import (
    asset_named,
    body_of,
    estate_of,
    fields_of,
    item_named,
    one_of,
    resource,
)
from mock_airflow.profiles.anomalyarmor.jobs import start
from mock_airflow.profiles.anomalyarmor.records import Asset, Item

operation = resource("Freshness")

INTERVALS = ("5m", "15m", "30m", "1h", "3h", "6h", "12h", "1d", "1w", "hourly", "daily", "weekly")
STATUSES = ("fresh", "stale", "unknown", "disabled")
_HOURS = {"5m": 1 / 12, "15m": 0.25, "30m": 0.5, "1h": 1, "3h": 3, "6h": 6, "12h": 12, "1d": 24, "1w": 168}
_MODES = ("auto_learn", "explicit")


def freshness_view(call: Call, asset: Asset) -> dict[str, Any]:
    """How fresh an asset is; the documented fields and the package's."""
    now = call.airflow.now()
    age, status = asset.age(now), asset.freshness(now)
    return {
        "asset_id": asset.id,
        "qualified_name": asset.qualified_name,
        "status": status,
        "is_fresh": status == "fresh",
        "is_stale": status == "stale",
        "last_updated": asset.last_update_time,
        "last_update_time": asset.last_update_time,
        "threshold_hours": asset.threshold_hours,
        "staleness_threshold_hours": asset.threshold_hours,
        "hours_since_update": None if age is None else round(age, 2),
        "checked_at": asset.checked_at,
    }


def watched(call: Call) -> list[Asset]:
    """Everything whose freshness may be asked about."""
    return [asset for asset in estate_of(call).assets() if asset.asset_type != "database"]


def summary_of(call: Call) -> dict[str, Any]:
    """How many assets are fresh, stale and so on."""
    now = call.airflow.now()
    statuses = [(asset.source_type, asset.freshness(now)) for asset in watched(call)]
    counts = {status: sum(found == status for _, found in statuses) for status in STATUSES}
    known = counts["fresh"] + counts["stale"]
    rate = round(100 * counts["fresh"] / known, 1) if known else 100.0
    sources = dict.fromkeys(source for source, _ in statuses)
    return {
        "total_assets": len(statuses),
        **{status: counts[status] for status in STATUSES},
        **{f"{status}_count": counts[status] for status in STATUSES},
        "fresh_percentage": rate,
        "freshness_rate": rate,
        "by_source": {
            source: {
                "total": sum(of == source for of, _ in statuses),
                "fresh": statuses.count((source, "fresh")),
                "stale": statuses.count((source, "stale")),
            }
            for source in sources
        },
    }


@operation("GET", "/freshness/summary", "get_freshness_summary", documented=True)
def get_freshness_summary(call: Call) -> Any:
    """Tell how many assets are fresh, stale and so on."""
    return summary_of(call)


@operation("GET", "/freshness", "list_freshness", documented=True)
def list_freshness(call: Call) -> Any:
    """List how fresh each asset is."""
    status, source = call.query.get("status"), call.query.get("source")
    one_of(call.settings, "status", status, STATUSES)
    within = None if not call.query.get("asset_id") else asset_named(call, call.query["asset_id"]).source
    views = [
        freshness_view(call, asset)
        for asset in watched(call)
        if (not source or asset.source_type == source) and (within is None or asset.source == within)
    ]
    return page((view for view in views if status in (None, view["status"])), dict, call.query, call.settings)


# ---------------------------------------------------------------------------------------------------------- schedules


def schedule_view(call: Call, schedule: Item) -> dict[str, Any]:
    """A schedule of checks."""
    facts, now = schedule.facts, call.airflow.now()
    hours = timedelta(hours=_HOURS.get(facts["check_interval"], 24))
    checks = max(0, (now - schedule.created_at) // hours)
    last = schedule.created_at + checks * hours if checks and facts["is_active"] else None
    following = schedule.created_at + (checks + 1) * hours if facts["is_active"] else None
    return {
        "id": schedule.id,
        "asset_id": schedule.asset_id,
        "table_path": facts["table_path"],
        "check_interval": facts["check_interval"],
        "freshness_column": facts.get("freshness_column"),
        "expected_interval_hours": facts.get("expected_interval_hours"),
        "expected_update_time": None,
        "monitoring_mode": facts["monitoring_mode"],
        "is_active": facts["is_active"],
        "last_check": last,
        "next_check": following,
        "created_at": schedule.created_at,
        "updated_at": schedule.updated_at,
    }


_CHANGEABLE = {
    "check_interval": "text",
    "expected_interval_hours": "number",
    "freshness_column": "text",
    "monitoring_mode": "text",
    "is_active": "yes or no",
}


def _checked(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    one_of(call.settings, "check_interval", fields.get("check_interval"), INTERVALS)
    one_of(call.settings, "monitoring_mode", fields.get("monitoring_mode"), _MODES)
    return fields


@operation("GET", "/freshness/schedules", "list_freshness_schedules")
def list_freshness_schedules(call: Call) -> Any:
    """List the schedules, of one asset if it is named."""
    wanted = call.query.get("asset_id")
    items = estate_of(call).items("schedule", asset_named(call, wanted).id if wanted else None)
    if flag(call.query, "active_only"):
        items = [item for item in items if item.facts["is_active"]]
    return page(items, lambda item: schedule_view(call, item), call.query, call.settings)


def _scheduled(call: Call, asset: Asset, fields: dict[str, Any]) -> Item:
    _checked(call, fields)
    if fields.get("monitoring_mode") == "explicit" and fields.get("expected_interval_hours") is None:
        raise answers.invalid(
            call.settings, "expected_interval_hours is required in explicit mode", field="expected_interval_hours"
        )
    whole = {"monitoring_mode": "auto_learn", "is_active": True, **fields}
    return estate_of(call).add("schedule", asset_id=asset.id, **whole)


@operation("POST", "/freshness/schedules", "create_freshness_schedule", success=201)
def create_freshness_schedule(call: Call) -> Any:
    """Have a table checked at an interval."""
    fields = fields_of(
        call, required={"asset_id": "text", "table_path": "text", "check_interval": "text"}, optional=_CHANGEABLE
    )
    asset = asset_named(call, fields.pop("asset_id"))
    return schedule_view(call, _scheduled(call, asset, fields))


@operation("POST", "/freshness/schedules/bulk", "create_freshness_schedules")
def create_freshness_schedules(call: Call) -> Any:
    """Have several tables of an asset checked; tells of each whether that was possible."""
    fields = fields_of(call, required={"asset_id": "text", "schedules": "list"})
    asset = asset_named(call, fields["asset_id"])
    created: list[Any] = []
    failed: list[Any] = []
    for wanted in fields["schedules"]:
        usable = isinstance(wanted, dict) and isinstance(wanted.get("table_path"), str)
        interval = wanted.get("check_interval", "1h") if isinstance(wanted, dict) else None
        if not usable or interval not in INTERVALS:
            failed.append({"schedule": wanted, "error": "table_path and a known check_interval are required"})
            continue
        known = {name: wanted[name] for name in ("table_path", *_CHANGEABLE) if wanted.get(name) is not None}
        created.append(schedule_view(call, _scheduled(call, asset, {"check_interval": interval, **known})))
    return {"created": created, "failed": failed, "created_count": len(created), "failed_count": len(failed)}


@operation("PATCH", "/freshness/schedules/{schedule_id}", "update_freshness_schedule")
def update_freshness_schedule(call: Call) -> Any:
    """Change a schedule."""
    schedule = item_named(call, "schedule", "schedule_id")
    fields = _checked(call, fields_of(call, required={}, optional=_CHANGEABLE))
    return schedule_view(call, estate_of(call).change(schedule, **fields))


@operation("DELETE", "/freshness/schedules/{schedule_id}", "delete_freshness_schedule")
def delete_freshness_schedule(call: Call) -> Any:
    """Have a table no longer checked."""
    schedule = item_named(call, "schedule", "schedule_id")
    estate_of(call).remove([schedule])
    return {"id": schedule.id, "deleted": True}


@operation("POST", "/freshness/dry-run", "dry_run_freshness")
def dry_run_freshness(call: Call) -> Any:
    """Tell how often a threshold would have alerted, had it been checked every hour."""
    fields = fields_of(
        call,
        required={"asset_id": "text", "table_path": "text", "expected_interval_hours": "number"},
        optional={"lookback_days": "number"},
    )
    asset = asset_named(call, fields["asset_id"])
    table = estate_of(call).table(asset, fields["table_path"])
    if table is None:
        raise answers.not_found(call.settings, "table", fields["table_path"])
    now, days = call.airflow.now(), int(fields.get("lookback_days", 7))
    threshold = float(fields["expected_interval_hours"])
    samples = []
    for hours in range(days * 24, 0, -1):
        at = now - timedelta(hours=hours)
        last = estate_of(call).latest_update(table, at)
        age = None if last is None or last > at else (at - last) / timedelta(hours=1)
        if age is not None and age > threshold:
            samples.append({"timestamp": answers.moment(at), "hours_since_update": round(age, 2)})
    total, current = days * 24, table.age(now)
    return {
        "table_path": fields["table_path"],
        "threshold_hours": threshold,
        "lookback_days": days,
        "total_checks": total,
        "would_alert_count": len(samples),
        "alert_rate_percent": round(100 * len(samples) / total, 1) if total else 0.0,
        "current_age_hours": None if current is None else round(current, 2),
        "would_alert_now": current is not None and current > threshold,
        "sample_alerts": samples[:5],
        "recommendation": "The threshold is quiet." if not samples else "Raise the threshold to have fewer alerts.",
    }


# ---------------------------------------------------------------------------------------------------------- one asset


@operation("GET", "/freshness/{asset_id}", "get_freshness", documented=True)
def get_freshness(call: Call) -> Any:
    """Tell how fresh an asset is."""
    return freshness_view(call, asset_named(call))


@operation("POST", "/freshness/{asset_id}/refresh", "refresh_freshness", documented=True)
def refresh_freshness(call: Call) -> Any:
    """Start a check; what it finds is there once its job is completed."""
    body_of(call)
    job = start(call, "freshness_check", asset_named(call))
    return {
        "job_id": job.id,
        "asset_id": job.asset_id,
        "status": "queued",
        "message": "Freshness check queued",
        "created_at": job.created_at,
    }
