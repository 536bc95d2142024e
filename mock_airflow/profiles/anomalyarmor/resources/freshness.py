"""Freshness: how old data is by the latest check, checks on demand, and schedules.

An asset that is an Airflow dataset is updated by that dataset's events; a check sees the latest of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mock_airflow.profiles.anomalyarmor.answers import moment
from mock_airflow.profiles.anomalyarmor.api import Ask, Shape, declared, resource
from mock_airflow.profiles.anomalyarmor.collection import Fields, ItemCollection
from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset
from mock_airflow.profiles.anomalyarmor.resources.jobs import start, started

operation = resource("Freshness")

INTERVALS = ("5m", "15m", "30m", "1h", "3h", "6h", "12h", "1d", "1w", "hourly", "daily", "weekly")
STATUSES = ("fresh", "stale", "unknown", "disabled")
_HOURS = {"5m": 1 / 12, "15m": 0.25, "30m": 0.5, "1h": 1, "3h": 3, "6h": 6, "12h": 12, "1d": 24, "1w": 168}


def _age(ask: Ask, asset: WatchedAsset) -> float | None:
    age = asset.age(ask.now)
    return None if age is None else round(age, 2)


freshness_view = Shape(  # the documented fields and the package's
    "asset_id=id qualified_name status is_fresh is_stale last_updated=last_update_time last_update_time threshold_hours"
    " staleness_threshold_hours=threshold_hours hours_since_update checked_at",
    status=lambda ask, asset: asset.freshness(ask.now),
    is_fresh=lambda ask, asset: asset.freshness(ask.now) == "fresh",
    is_stale=lambda ask, asset: asset.freshness(ask.now) == "stale",
    hours_since_update=_age,
)


def _watched(ask: Ask) -> list[WatchedAsset]:
    """Everything whose freshness may be asked about."""
    return [asset for asset in ask.estate.assets() if asset.asset_type != "database"]


@operation("GET", "/freshness/summary", documented=True)
def get_freshness_summary(ask: Ask) -> dict[str, Any]:
    """Count the assets that are fresh, stale and so on."""
    statuses = [(asset.source_type, asset.freshness(ask.now)) for asset in _watched(ask)]
    counts = {status: sum(found == status for _, found in statuses) for status in STATUSES}
    known = counts["fresh"] + counts["stale"]
    rate = round(100 * counts["fresh"] / known, 1) if known else 100.0
    sources: dict[str, dict[str, int]] = {}
    for source, status in statuses:
        one = sources.setdefault(source, {"total": 0, "fresh": 0, "stale": 0})
        for name in {"total", status} & set(one):
            one[name] += 1
    counted = {**counts, **{f"{status}_count": count for status, count in counts.items()}}
    told = {"total_assets": len(statuses), **counted, "fresh_percentage": rate, "freshness_rate": rate}
    return {**told, "by_source": sources}


@operation("GET", "/freshness", documented=True)
def list_freshness(ask: Ask) -> Any:
    """List how fresh each asset is."""
    status, source = ask.choice("status", STATUSES), ask.query.get("source")
    within = ask.asset(ask.query["asset_id"]).source if ask.query.get("asset_id") else None
    found = [
        asset
        for asset in _watched(ask)
        if (not source or asset.source_type == source)
        and within in (None, asset.source)
        and status in ("", asset.freshness(ask.now))
    ]
    return ask.page(found, freshness_view)


# ---------------------------------------------------------------------------------------------------------- schedules


def _check_at(ask: Ask, schedule: Item, following: int) -> datetime | None:
    """When a schedule's last check was, or when the following one is."""
    interval = timedelta(hours=_HOURS.get(schedule.facts["check_interval"], 24))
    checks = max(0, (ask.now - schedule.created_at) // interval) + following
    return schedule.created_at + checks * interval if checks and schedule.facts["is_active"] else None


def _explicit(ask: Ask, fields: Fields, schedule: Item | None) -> Fields:
    name = "expected_interval_hours"
    if schedule is None and fields.get("monitoring_mode") == "explicit" and fields.get(name) is None:
        raise ask.invalid(f"{name} is required in explicit mode", field=name)
    return fields


SCHEDULES = ItemCollection(
    tag="Freshness",
    kind="schedule",
    noun="freshness_schedule",
    path="/freshness/schedules",
    one="schedule_id",
    view=Shape(
        "id asset_id table_path check_interval freshness_column expected_interval_hours expected_update_time"
        " monitoring_mode is_active last_check next_check created_at updated_at",
        last_check=lambda ask, schedule: _check_at(ask, schedule, 0),
        next_check=lambda ask, schedule: _check_at(ask, schedule, 1),
    ),
    required="asset_id table_path check_interval",
    changeable="check_interval expected_interval_hours:number freshness_column monitoring_mode is_active:flag",
    defaults={"monitoring_mode": "auto_learn", "is_active": True},
    choices={"check_interval": INTERVALS, "monitoring_mode": ("auto_learn", "explicit")},
    check=_explicit,
    asset_filter="optional",
    keep=lambda ask, schedule: schedule.facts["is_active"] or not ask.flag("active_only"),
    verbs="list create update delete",
)


@operation("POST", "/freshness/schedules/bulk")
def create_freshness_schedules(ask: Ask) -> Any:
    """Have several tables of an asset checked; says of each whether that was possible."""
    fields = ask.fields("asset_id schedules:list")
    asset = ask.asset(fields["asset_id"])
    created: list[Any] = []
    failed: list[Any] = []
    for wanted in fields["schedules"]:
        usable = isinstance(wanted, dict) and isinstance(wanted.get("table_path"), str)
        interval = wanted.get("check_interval", "1h") if isinstance(wanted, dict) else None
        if not usable or interval not in INTERVALS:
            failed.append({"schedule": wanted, "error": "table_path and a known check_interval are required"})
            continue
        names = ("table_path", *(one.name for one in declared(SCHEDULES.changeable)))
        known = {name: wanted[name] for name in names if wanted.get(name) is not None}
        created.append(SCHEDULES.view(ask, SCHEDULES.add(ask, {"check_interval": interval, **known}, asset)))
    return {"created": created, "failed": failed, "created_count": len(created), "failed_count": len(failed)}


@operation("POST", "/freshness/dry-run")
def dry_run_freshness(ask: Ask) -> Any:
    """Count how often a threshold would have alerted, had it been checked every hour."""
    fields = ask.fields("asset_id table_path expected_interval_hours:number lookback_days:number?")
    table = ask.table(ask.asset(fields["asset_id"]), fields["table_path"])
    days, threshold = int(fields.get("lookback_days", 7)), float(fields["expected_interval_hours"])
    samples = []
    for hours in range(days * 24, 0, -1):
        at = ask.now - timedelta(hours=hours)
        last = ask.estate.latest_update(table, at)
        age = None if last is None or last > at else (at - last) / timedelta(hours=1)
        if age is not None and age > threshold:
            samples.append({"timestamp": moment(at), "hours_since_update": round(age, 2)})
    total, current = days * 24, table.age(ask.now)
    return {
        "table_path": fields["table_path"],
        "threshold_hours": threshold,
        "lookback_days": days,
        "total_checks": total,
        "would_alert_count": len(samples),
        "alert_rate_percent": round(100 * len(samples) / total, 1) if total else 0.0,
        "current_age_hours": _age(ask, table),
        "would_alert_now": current is not None and current > threshold,
        "sample_alerts": samples[:5],
        "recommendation": "The threshold is quiet." if not samples else "Raise the threshold to have fewer alerts.",
    }


@operation("GET", "/freshness/{asset_id}", documented=True)
def get_freshness(ask: Ask) -> Any:
    """Show how fresh an asset is."""
    return freshness_view(ask, ask.asset())


@operation("POST", "/freshness/{asset_id}/refresh", documented=True)
def refresh_freshness(ask: Ask) -> Any:
    """Start a check; what it finds is there once its job is completed."""
    ask.body()
    return started(start(ask, "freshness_check", ask.asset()), "queued", "Freshness check queued")
