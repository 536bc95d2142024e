"""Coverage, how much of an asset is watched, and recommendations of what to watch, how often, with which thresholds."""

from __future__ import annotations

from typing import Any

from mock_airflow.profiles.anomalyarmor.estate import WatchedAsset
from mock_airflow.profiles.anomalyarmor.resource import ArmorResource, Facts, get, post
from mock_airflow.profiles.anomalyarmor.resources.checks import MetricChecks
from mock_airflow.profiles.anomalyarmor.resources.freshness import Schedules

_WEIGHTS = {"freshness": 0.4, "metrics": 0.2, "schema_drift": 0.2, "validity": 0.2}
_TYPES = tuple(_WEIGHTS)
_TIERS = ((80, "gold", "Gold"), (50, "silver", "Silver"), (20, "bronze", "Bronze"), (0, "none", "Not covered"))
_ADVICE = {  # of columns that may be empty, and of those that may not: metric, check, why, how sure
    True: ("null_percent", "metric", "It may be empty, and should not often be.", 0.6),
    False: ("distinct_count", "validity", "It may not be empty.", 0.9),
}
_FREQUENCIES = ((1, "hourly", "1h"), (24, "daily", "6h"), (168, "weekly", "1d"), (float("inf"), "irregular", "1d"))


class CoverageResource(ArmorResource):
    """What coverage and recommendations have in common."""

    def watching(self, asset: WatchedAsset) -> dict[str, dict[str, bool]]:
        """Which table of an asset is watched how, by the table's path."""
        sources = [one.id for one in self.estate.assets if one.source == asset.source]
        watched = {
            kind: {item["table_path"] for one in sources for item in self.estate.items(of, one)}
            for kind, of in (("freshness", "schedule"), ("metrics", "metric"), ("validity", "validity_rule"))
        }
        drift = any(self.estate.items("schema_monitoring", one) for one in sources)
        return {
            table.path: {
                kind: bool({table.path, table.qualified_name} & watched[kind]) if kind in watched else drift
                for kind in _TYPES
            }
            for table in self.estate.tables_of(asset)
        }

    def gaps(self, asset: WatchedAsset, limit: int) -> Facts:
        """The tables that are not watched in every way, the most important first, and how many are in some."""
        tables, watching = {table.path: table for table in self.estate.tables_of(asset)}, self.watching(asset)
        most = max((table.row_count for table in tables.values()), default=0) or 1
        found: list[Facts] = [
            {
                "table_path": path,
                "importance_score": round(table.row_count / most, 3),
                "row_count": table.row_count,
                "column_count": len(table.columns),
                "suggested_monitoring": [kind for kind in _TYPES if not how[kind]],
                "reasoning": f"{path} has {table.row_count} rows and is not watched in every way.",
                "currently_monitored": how,
            }
            for path, table in tables.items()
            if not all((how := watching[path]).values())
        ]
        found.sort(key=lambda gap: (-gap["importance_score"], gap["table_path"]))
        some, total = sum(any(how.values()) for how in watching.values()), len(watching)
        percent = round(100 * some / total, 1) if total else 0.0
        counts = {"total_tables": total, "monitored_tables": some, "coverage_percentage": percent}
        return {"recommendations": found[:limit], **counts}


class Coverage(CoverageResource):
    """How much is watched."""

    tag = "Coverage"

    def _score(self, asset: WatchedAsset) -> Facts:
        hows = list(self.watching(asset).values())
        counts, total = {kind: sum(how[kind] for how in hows) for kind in _TYPES}, len(hows)
        shares = {kind: count / total if total else 0.0 for kind, count in counts.items()}
        score = round(100 * sum(_WEIGHTS[kind] * counts[kind] / total for kind in _TYPES)) if total else 0
        name, label = next((name, label) for least, name, label in _TIERS if score >= least)
        following, advice = None, None
        if above := next((tier for tier in reversed(_TIERS) if tier[0] > score), None):
            least, higher, higher_label = above
            following = {"next_tier": higher, "next_tier_label": higher_label, "next_threshold": least} | {
                "points_needed": least - score,
                "actions": [f"Watch {kind} of more tables" for kind in _TYPES if counts[kind] < total],
            }
            advice = f"Watch more tables to reach {higher_label}."
        return {
            "score": score,
            "tier": name,
            "tier_label": label,
            "tier_badge": None if name == "none" else label,
            "total_tables": total,
            "breakdown": {
                kind: {"count": counts[kind], "total": total, "pct": round(share, 3)} for kind, share in shares.items()
            },
            "next_tier_info": following,
            "recommendation": advice,
        }

    @get("/coverage/company")
    def get_company_coverage(self) -> Any:
        """Show how much of every data source is watched."""
        each = []
        for asset in (asset for asset in self.estate.assets if asset.asset_type == "database"):
            scored = self._score(asset)
            kept = {name: scored[name] for name in ("score", "tier", "tier_label")}
            each.append({"asset_id": asset.id, "asset_name": asset.name, **kept})
        tiers = [one["tier"] for one in each]
        return {
            "company_score": round(sum(one["score"] for one in each) / len(each)) if each else 0,
            "asset_count": len(each),
            "per_asset": each,
            "tier_distribution": {tier: tiers.count(tier) for tier in dict.fromkeys(tiers)},
            "lowest_coverage": sorted(each, key=lambda one: one["score"])[:5],
        }

    @get("/coverage/{asset_id}")
    def get_coverage(self, asset: WatchedAsset) -> Any:
        """Show how much of an asset is watched."""
        return {"asset_id": asset.id, **self._score(asset)}

    @get("/coverage/{asset_id}/gaps")
    def get_coverage_gaps(self, asset: WatchedAsset) -> Any:
        """List the tables that are not watched in every way."""
        return {"asset_id": asset.id, **self.gaps(asset, self.number("limit", 20, 1, 100))}

    @post("/coverage/{asset_id}/apply", "types:list? table_paths:list?")
    def apply_coverage(self, asset: WatchedAsset, types: list[Any] | None, table_paths: list[Any] | None) -> Any:
        """Have tables watched as their gaps suggest."""
        types = types or [kind for kind in _TYPES if kind != "validity"]
        if unknown := [kind for kind in types if kind not in _TYPES]:
            raise self.invalid(f"There is no monitoring type {unknown[0]!r}", field="types")
        known = self.watching(asset)
        failed = [{"table_path": path, "error": "Table not found"} for path in table_paths or () if path not in known]
        applied = []
        wanted = [(path, kind) for path in known if table_paths is None or path in table_paths for kind in types]
        for path, kind in (one for one in wanted if not known[one[0]][one[1]]):
            if kind == "validity":
                failed.append({"table_path": path, "error": "A validity rule needs a column"})
                continue
            if kind == "freshness":
                Schedules(self.call).add({"table_path": path, "check_interval": "1d"}, asset)
            elif kind == "metrics":
                MetricChecks(self.call).add({"table_path": path, "metric_type": "row_count", "sensitivity": 3}, asset)
            elif not self.estate.items("schema_monitoring", asset.id):
                self.estate.add("schema_monitoring", asset_id=asset.id, schedule_type="daily")
            applied.append({"table_path": path, "type": kind})
        return {"applied": applied, "failed": failed, "applied_count": len(applied), "failed_count": len(failed)}


class Recommendations(CoverageResource):
    """What to watch."""

    tag = "Recommendations"

    def _asked(self, limit: int) -> tuple[WatchedAsset, int]:
        """The asset and the limit that the query names."""
        asset = self.asset(self.query.get("asset_id", ""))
        return asset, self.number("limit", limit, 1, 100)

    def _least_confidence(self) -> float:
        try:
            value = float(self.query.get("min_confidence", "0.5"))
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1:
            raise self.invalid("min_confidence must be between 0 and 1", field="min_confidence")
        return value

    @get("/recommendations/freshness")
    def recommend_freshness(self) -> Any:
        """Say how often to check each table that is not checked."""
        asset, limit = self._asked(20)
        tables, watching, confidence = self.estate.tables_of(asset), self.watching(asset), 0.9
        found = []
        for table in tables:
            every = table.every_hours
            if every is None or (watching[table.path]["freshness"] and not self.flag("include_monitored")):
                continue
            _, frequency, interval = next(one for one in _FREQUENCIES if every <= one[0])
            told: Facts = {"table_path": table.path, "suggested_check_interval": interval}
            told |= {"suggested_threshold_hours": 2 * every, "detected_frequency": frequency, "confidence": confidence}
            found.append({**told, "reasoning": f"Data arrives every {every:g} hours.", "data_points": 30})
        found = [one for one in found if confidence >= self._least_confidence()][:limit]
        counts = {"tables_analyzed": len(tables), "tables_with_recommendations": len(found)}
        return {"recommendations": found, "asset_id": asset.id, **counts}

    @get("/recommendations/metrics")
    def recommend_metrics(self) -> Any:
        """Say which columns are worth a rule or a metric."""
        asset, limit = self._asked(50)
        path, least = self.query.get("table_path"), self._least_confidence()
        tables = [table for table in self.estate.tables_of(asset) if path in (None, table.path)]
        columns = [(table.path, column) for table in tables for column in table.columns]
        names = ("suggested_metric_type", "suggested_check_type", "reasoning", "confidence")
        found = [
            {"table_path": path, "column_name": column.name, **dict(zip(names, advice, strict=True))}
            for path, column in columns
            if (advice := _ADVICE[column.nullable])[-1] >= least
        ][:limit]
        counts = {"columns_analyzed": len(columns), "columns_with_recommendations": len(found)}
        return {"recommendations": found, "asset_id": asset.id, **counts}

    @get("/recommendations/coverage")
    def recommend_coverage(self) -> Any:
        """List the tables that are not watched in every way."""
        asset, limit = self._asked(20)
        gaps = self.gaps(asset, limit)
        return {"recommendations": gaps.pop("recommendations"), "asset_id": asset.id, **gaps}

    @get("/recommendations/thresholds")
    def recommend_thresholds(self) -> Any:
        """Say which thresholds to raise so that fewer alerts come."""
        asset, limit = self._asked(10)
        found: list[Facts] = []
        for table in (tables := self.estate.tables_of(asset)):
            late = sum(alert["event_type"] == "freshness_stale" for alert in self.estate.items("alert", table.id))
            if late and table.threshold_hours is not None:
                told: Facts = {"table_path": table.path, "metric_type": "freshness"}
                told |= {"current_threshold": float(table.threshold_hours)}
                told |= {"suggested_threshold": 1.5 * table.threshold_hours, "direction": "increase"}
                told |= {"reasoning": "Its data is often a little late.", "confidence": 0.7}
                found.append({**told, "historical_alerts": late, "projected_reduction": "80%"})
        counts = {"monitored_items_analyzed": len(tables), "items_with_recommendations": len(found[:limit])}
        return {"recommendations": found[:limit], "asset_id": asset.id, **counts}
