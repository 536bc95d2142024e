"""Schema drift: changes that were found, baselines, monitoring, and a look on demand.

The package of 0.6.0 has no call for the look on demand that the documentation's scopes speak of; ``POST
/schema/{id}/refresh`` stands for it, after the one for freshness (assumed).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset
from mock_airflow.profiles.anomalyarmor.items import Items
from mock_airflow.profiles.anomalyarmor.resource import Facts, delete, get, post

SEVERITIES = ("info", "warning", "critical")
_HOURS = {"5m": 1 / 12, "1h": 1, "hourly": 1, "6h": 6, "1d": 24, "daily": 24, "1w": 168, "weekly": 168}


class SchemaChanges(Items):
    """Tables, columns, and what changed about them."""

    tag, kind, noun, where, one, verbs = (
        "Schema",
        "schema_change",
        "schema_change",
        "/schema/changes",
        "change_id",
        "list",
    )
    documented = True
    filters = f"severity:{'|'.join(SEVERITIES)}"
    view = (
        'id asset_id qualified_name=asset.qualified_name|"" change_type severity column_name old_value new_value'
        " detected_at=created_at acknowledged"
    )
    dry_run_view = (
        "asset_id schedule_type baseline_exists tables_in_baseline=tables tables_in_current=tables changes_detected"
        " changes_summary total_changes=changes sample_changes estimated_alerts_per_week=changes recommendation"
    )
    monitoring_view = (
        "asset_id monitoring_enabled schedule_type schedule_label next_check_at last_check_at baseline_id=baseline.id"
        " baseline_captured_at=baseline.created_at"
    )

    def chosen(self, filters: str | None = None) -> list[Item]:
        """The changes that a list's filters leave, the latest first."""
        found, within, unacknowledged = super().chosen(), self.tables_asked_for(), self.flag("unacknowledged_only")
        return [
            change
            for change in reversed(found)
            if (within is None or change.asset_id in within) and not (unacknowledged and change["acknowledged"])
        ]

    @get("/schema/summary", documented=True)
    def get_schema_summary(self) -> Facts:
        """Count the changes that were found, by severity."""
        changes = self.estate.items("schema_change")
        severities = [change["severity"] for change in changes]
        return {
            "total_changes": len(changes),
            "unacknowledged": sum(not change["acknowledged"] for change in changes),
            **{f"{severity}_count": severities.count(severity) for severity in SEVERITIES},
            "last_check": max((asset.updated_at for asset in self.estate.assets), default=None),
        }

    @post("/schema/dry-run", "asset_id table_path? lookback_days:number? schedule_type=daily")
    def dry_run_schema(self, asset: WatchedAsset, table_path: str | None, schedule_type: str) -> Any:
        """Show what a look would find, and change nothing."""
        tables = self.estate.tables_of(asset) if table_path is None else [self.table(asset, table_path)]
        found = [
            {"change_type": "column_added", "table_name": table.name, "column_name": column.name, "old_value": None}
            | {"new_value": column.type, "severity": "info"}
            for table in tables
            for column in table.undiscovered
        ]
        told = {"asset_id": asset.id, "schedule_type": schedule_type, "tables": len(tables), "changes": len(found)}
        told |= {"baseline_exists": bool(self.estate.items("baseline", asset.id)), "sample_changes": found[:5]}
        told |= {"changes_detected": bool(found), "changes_summary": {"column_added": len(found)} if found else {}}
        told["recommendation"] = "A look would alert." if found else "Nothing has changed."
        return self.shown(told, self.dry_run_view)

    @get("/schema/{asset_id}", documented=True)
    def get_schema(self, asset: WatchedAsset) -> Any:
        """Show an asset's tables and columns, its monitoring, and changes to it."""
        tables = self.estate.tables_of(asset)
        changes = [change for table in tables for change in self.estate.items("schema_change", table.id)]
        return {
            **self._monitoring(asset),
            "qualified_name": asset.qualified_name,
            "columns": asset.columns_as_json,
            "tables": [{"name": one.name, "path": one.path, "columns": one.columns_as_json} for one in tables],
            "recent_changes": [self.shown(change) for change in changes[-10:]],
            "total_changes": len(changes),
        }

    @post("/schema/{asset_id}/refresh", documented=True)
    def refresh_schema(self, asset: WatchedAsset) -> Any:
        """Start a look at an asset's columns; the changes are there once its job is completed."""
        return self.started("schema_refresh", asset, "queued", "Schema refresh queued")

    @post("/schema/{asset_id}/baseline", "description?", success=201)
    def create_schema_baseline(self, description: str | None, asset: WatchedAsset) -> Any:
        """Keep an asset's columns of now, for later looks to compare with."""
        baseline = self._new_baseline(asset, description)
        return self.shown(baseline, "id asset_id table_count column_count captured_at=created_at description")

    def _new_baseline(self, asset: WatchedAsset, description: str | None = None) -> Item:
        tables = self.estate.tables_of(asset)
        columns = sum(len(table.columns) for table in tables)
        counts: Facts = {"table_count": len(tables), "column_count": columns}
        return self.estate.add("baseline", asset_id=asset.id, description=description, **counts)

    def _monitoring(self, asset: WatchedAsset) -> Facts:
        on = next(iter(self.estate.items("schema_monitoring", asset.id)), None)
        baseline = next(reversed(self.estate.items("baseline", asset.id)), None)
        told: Facts = {"asset_id": asset.id, "baseline": baseline, "monitoring_enabled": on is not None}
        if on is not None:
            every = on["schedule_type"]
            told |= {"schedule_type": every, "schedule_label": every.capitalize()}
            told["next_check_at"] = on.created_at + timedelta(hours=_HOURS[every])
        return self.shown(told, self.monitoring_view)

    @post("/schema/{asset_id}/monitoring", f"schedule_type:{'|'.join(_HOURS)}=daily auto_create_baseline:flag=true")
    def enable_schema_monitoring(self, asset: WatchedAsset, schedule_type: str, auto_create_baseline: bool) -> Any:
        """Have an asset's columns looked at on a schedule."""
        self.estate.remove(self.estate.items("schema_monitoring", asset.id))
        self.estate.add("schema_monitoring", asset_id=asset.id, schedule_type=schedule_type)
        if auto_create_baseline and not self.estate.items("baseline", asset.id):
            self._new_baseline(asset)
        return self._monitoring(asset)

    @delete("/schema/{asset_id}/monitoring")
    def disable_schema_monitoring(self, asset: WatchedAsset) -> Any:
        """Have an asset's columns no longer looked at; its baseline stays."""
        self.estate.remove(self.estate.items("schema_monitoring", asset.id))
        return self._monitoring(asset)
