"""Freshness: how old data is by the latest check, checks on demand, and schedules.

An asset that is an Airflow dataset is updated by that dataset's events; a check sees the latest of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mock_airflow.profiles.anomalyarmor.answers import moment
from mock_airflow.profiles.anomalyarmor.declared import declared
from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset
from mock_airflow.profiles.anomalyarmor.items import Items
from mock_airflow.profiles.anomalyarmor.resource import ArmorResource, Facts, get, post

STATUSES = ("fresh", "stale", "unknown", "disabled")
_INTERVALS = "5m|15m|30m|1h|3h|6h|12h|1d|1w|hourly|daily|weekly"
_HOURS = {"5m": 1 / 12, "15m": 0.25, "30m": 0.5, "1h": 1, "3h": 3, "6h": 6, "12h": 12, "1d": 24, "1w": 168}


class Schedules(Items):
    """When tables are checked."""

    tag, kind, noun = "Freshness", "schedule", "freshness_schedule"
    where, one, verbs = "/freshness/schedules", "schedule_id", "list create update delete"
    takes = (
        f"asset_id table_path check_interval:{_INTERVALS} expected_interval_hours:number? freshness_column?"
        " monitoring_mode:auto_learn|explicit=auto_learn is_active:flag=true"
    )
    fixed, asset_filter, active_only = "asset_id table_path", "optional", "active_only"
    view = (
        "id asset_id table_path check_interval freshness_column expected_interval_hours expected_update_time"
        " monitoring_mode is_active last_check next_check created_at updated_at"
    )

    def check(self, fields: Facts, schedule: Item | None) -> Facts:
        """A new schedule in explicit mode says how old data may be."""
        name = "expected_interval_hours"
        if schedule is None and fields.get("monitoring_mode") == "explicit" and fields.get(name) is None:
            raise self.invalid(f"{name} is required in explicit mode", field=name)
        return fields

    def _last_check(self, schedule: Item) -> datetime | None:
        return self._check_at(schedule, 0)

    def _next_check(self, schedule: Item) -> datetime | None:
        return self._check_at(schedule, 1)

    def _check_at(self, schedule: Item, following: int) -> datetime | None:
        """When a schedule's last check was, or when the following one is."""
        interval = timedelta(hours=_HOURS.get(schedule["check_interval"], 24))
        checks = max(0, (self.now - schedule.created_at) // interval) + following
        return schedule.created_at + checks * interval if checks and schedule["is_active"] else None

    @post("/freshness/schedules/bulk", "asset_id schedules:list")
    def create_freshness_schedules(self, asset: WatchedAsset, schedules: list[Any]) -> Any:
        """Have several tables of an asset checked; says of each whether that was possible."""
        created: list[Any] = []
        failed: list[Any] = []
        names = [one.name for one in declared(self.takes) if one.name != "asset_id"]
        for wanted in schedules:
            given = {"check_interval": "1h", **wanted} if isinstance(wanted, dict) else {}
            if not isinstance(given.get("table_path"), str) or given["check_interval"] not in _INTERVALS.split("|"):
                failed.append({"schedule": wanted, "error": "table_path and a known check_interval are required"})
                continue
            known = {name: given[name] for name in names if given.get(name) is not None}
            created.append(self.shown(self.add(known, asset)))
        return {"created": created, "failed": failed, "created_count": len(created), "failed_count": len(failed)}


class Freshness(ArmorResource):
    """How old data is."""

    tag = "Freshness"
    view = (  # the documented fields and the package's
        "asset_id=id qualified_name status is_fresh is_stale last_updated=last_update_time last_update_time"
        " threshold_hours staleness_threshold_hours=threshold_hours hours_since_update checked_at"
    )

    def _status(self, asset: WatchedAsset) -> str:
        return asset.freshness(self.now)

    def _is_fresh(self, asset: WatchedAsset) -> bool:
        return self._status(asset) == "fresh"

    def _is_stale(self, asset: WatchedAsset) -> bool:
        return self._status(asset) == "stale"

    def _hours_since_update(self, asset: WatchedAsset) -> float | None:
        age = asset.age(self.now)
        return None if age is None else round(age, 2)

    def _watched(self) -> list[WatchedAsset]:
        """Everything whose freshness may be asked about."""
        return [asset for asset in self.estate.assets if asset.asset_type != "database"]

    @get("/freshness/summary", documented=True)
    def get_freshness_summary(self) -> Facts:
        """Count the assets that are fresh, stale and so on."""
        assets = self._watched()
        counts, total = self._counts(assets), len(assets)
        known = counts["fresh"] + counts["stale"]
        rate = round(100 * counts["fresh"] / known, 1) if known else 100.0
        sources = dict.fromkeys(asset.source_type for asset in assets)
        same = {f"{status}_count": count for status, count in counts.items()}
        by_source = {source: self._of_source(assets, source) for source in sources}
        rates = {"fresh_percentage": rate, "freshness_rate": rate}
        return {"total_assets": total, **counts, **same, **rates, "by_source": by_source}

    def _counts(self, assets: list[WatchedAsset]) -> dict[str, int]:
        found = [self._status(asset) for asset in assets]
        return {status: found.count(status) for status in STATUSES}

    def _of_source(self, assets: list[WatchedAsset], source: str) -> dict[str, int]:
        own = [asset for asset in assets if asset.source_type == source]
        counts = self._counts(own)
        return {"total": len(own), "fresh": counts["fresh"], "stale": counts["stale"]}

    @get("/freshness", documented=True)
    def list_freshness(self) -> Any:
        """List how fresh each asset is."""
        status, source = self.choice("status", STATUSES), self.query.get("source")
        within = self.asset(self.query["asset_id"]).source if self.query.get("asset_id") else None
        return self.page(
            asset
            for asset in self._watched()
            if (not source or asset.source_type == source)
            and within in (None, asset.source)
            and status in (None, self._status(asset))
        )

    @post("/freshness/dry-run", "asset_id table_path expected_interval_hours:number lookback_days:number=7")
    def dry_run_freshness(self, asset: WatchedAsset, fields: Facts) -> Any:
        """Count how often a threshold would have alerted, had it been checked every hour."""
        table, days = self.table(asset, fields["table_path"]), int(fields["lookback_days"])
        threshold, total, samples = float(fields["expected_interval_hours"]), days * 24, []
        for hours in range(total, 0, -1):
            at = self.now - timedelta(hours=hours)
            last = self.estate.latest_update(table, at)
            age = None if last is None or last > at else (at - last) / timedelta(hours=1)
            if age is not None and age > threshold:
                samples.append({"timestamp": moment(at), "hours_since_update": round(age, 2)})
        current = table.age(self.now)
        return {
            "table_path": fields["table_path"],
            "threshold_hours": threshold,
            "lookback_days": days,
            "total_checks": total,
            "would_alert_count": len(samples),
            "alert_rate_percent": round(100 * len(samples) / total, 1) if total else 0.0,
            "current_age_hours": self._hours_since_update(table),
            "would_alert_now": current is not None and current > threshold,
            "sample_alerts": samples[:5],
            "recommendation": "Raise the threshold to have fewer alerts." if samples else "The threshold is quiet.",
        }

    @get("/freshness/{asset_id}", documented=True)
    def get_freshness(self, asset: WatchedAsset) -> Any:
        """Show how fresh an asset is."""
        return self.shown(asset)

    @post("/freshness/{asset_id}/refresh", documented=True)
    def refresh_freshness(self, fields: Facts, asset: WatchedAsset) -> Any:
        """Start a check; what it finds is there once its job is completed."""
        return self.started("freshness_check", asset, "queued", "Freshness check queued")
