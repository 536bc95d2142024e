"""Coverage, how much of an asset is watched, and recommendations of what to watch, how often, with which thresholds."""

from __future__ import annotations

from typing import Any

from mock_airflow.profiles.anomalyarmor.api import Ask, resource
from mock_airflow.profiles.anomalyarmor.estate import WatchedAsset
from mock_airflow.profiles.anomalyarmor.resources.checks import METRICS
from mock_airflow.profiles.anomalyarmor.resources.freshness import SCHEDULES

operation = resource("Coverage")
recommendations = resource("Recommendations")

_WEIGHTS = {"freshness": 0.4, "metrics": 0.2, "schema_drift": 0.2, "validity": 0.2}
TYPES = tuple(_WEIGHTS)
_TIERS = ((80, "gold", "Gold"), (50, "silver", "Silver"), (20, "bronze", "Bronze"), (0, "none", "Not covered"))
_FREQUENCIES = ((1, "hourly", "1h"), (24, "daily", "6h"), (168, "weekly", "1d"), (float("inf"), "irregular", "1d"))


def _watching(ask: Ask, asset: WatchedAsset) -> dict[str, dict[str, bool]]:
    """Which table of an asset is watched how, by the table's path."""
    sources = [one.id for one in ask.estate.assets() if one.source == asset.source]
    watched = {
        kind: {item.facts["table_path"] for one in sources for item in ask.estate.items(of, one)}
        for kind, of in (("freshness", "schedule"), ("metrics", "metric"), ("validity", "validity_rule"))
    }
    drift = any(ask.estate.items("schema_monitoring", one) for one in sources)
    return {
        table.path: {
            kind: bool({table.path, table.qualified_name} & watched[kind]) if kind in watched else drift
            for kind in TYPES
        }
        for table in ask.estate.tables_of(asset)
    }


def _gaps(ask: Ask, asset: WatchedAsset, limit: int) -> dict[str, Any]:
    """The tables that are not watched in every way, the most important first, and how many are in some."""
    tables, watching = {table.path: table for table in ask.estate.tables_of(asset)}, _watching(ask, asset)
    most = max((table.row_count for table in tables.values()), default=0) or 1
    found = [
        {
            "table_path": path,
            "importance_score": round(tables[path].row_count / most, 3),
            "row_count": tables[path].row_count,
            "column_count": len(tables[path].columns),
            "suggested_monitoring": [kind for kind in TYPES if not how[kind]],
            "reasoning": f"{path} has {tables[path].row_count} rows and is not watched in every way.",
            "currently_monitored": how,
        }
        for path, how in watching.items()
        if not all(how.values())
    ]
    found.sort(key=lambda gap: (-float(str(gap["importance_score"])), str(gap["table_path"])))
    some, total = sum(any(how.values()) for how in watching.values()), len(watching)
    percent = round(100 * some / total, 1) if total else 0.0
    return {
        "recommendations": found[:limit],
        "total_tables": total,
        "monitored_tables": some,
        "coverage_percentage": percent,
    }


def _score(ask: Ask, asset: WatchedAsset) -> dict[str, Any]:
    hows = list(_watching(ask, asset).values())
    counts, total = {kind: sum(how[kind] for how in hows) for kind in TYPES}, len(hows)
    score = round(100 * sum(_WEIGHTS[kind] * counts[kind] / total for kind in TYPES)) if total else 0
    name, label = next((name, label) for least, name, label in _TIERS if score >= least)
    above = next((tier for tier in reversed(_TIERS) if tier[0] > score), None)
    following = None
    if above is not None:
        following = {"next_tier": above[1], "next_tier_label": above[2], "next_threshold": above[0]} | {
            "points_needed": above[0] - score,
            "actions": [f"Watch {kind} of more tables" for kind in TYPES if counts[kind] < total],
        }
    return {
        "score": score,
        "tier": name,
        "tier_label": label,
        "tier_badge": None if name == "none" else label,
        "total_tables": total,
        "breakdown": {
            kind: {"count": count, "total": total, "pct": round(count / total, 3) if total else 0.0}
            for kind, count in counts.items()
        },
        "next_tier_info": following,
        "recommendation": None if above is None else f"Watch more tables to reach {above[2]}.",
    }


@operation("GET", "/coverage/company")
def get_company_coverage(ask: Ask) -> Any:
    """Show how much of every data source is watched."""
    each = []
    for asset in (asset for asset in ask.estate.assets() if asset.asset_type == "database"):
        scored = _score(ask, asset)
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


@operation("GET", "/coverage/{asset_id}")
def get_coverage(ask: Ask) -> Any:
    """Show how much of an asset is watched."""
    asset = ask.asset()
    return {"asset_id": asset.id, **_score(ask, asset)}


@operation("GET", "/coverage/{asset_id}/gaps")
def get_coverage_gaps(ask: Ask) -> Any:
    """List the tables that are not watched in every way."""
    asset = ask.asset()
    return {"asset_id": asset.id, **_gaps(ask, asset, ask.number("limit", 20, 1, 100))}


@operation("POST", "/coverage/{asset_id}/apply")
def apply_coverage(ask: Ask) -> Any:
    """Have tables watched as their gaps suggest."""
    asset, estate = ask.asset(), ask.estate
    fields = ask.fields("types:list? table_paths:list?")
    types = fields.get("types") or [kind for kind in TYPES if kind != "validity"]
    if unknown := [kind for kind in types if kind not in TYPES]:
        raise ask.invalid(f"There is no monitoring type {unknown[0]!r}", field="types")
    paths, known = fields.get("table_paths"), _watching(ask, asset)
    failed = [{"table_path": path, "error": "Table not found"} for path in paths or () if path not in known]
    applied = []
    wanted = [(path, kind) for path in known if paths is None or path in paths for kind in types]
    for path, kind in (one for one in wanted if not known[one[0]][one[1]]):
        if kind == "validity":
            failed.append({"table_path": path, "error": "A validity rule needs a column"})
            continue
        if kind == "freshness":
            SCHEDULES.add(ask, {"table_path": path, "check_interval": "1d"}, asset)
        elif kind == "metrics":
            METRICS.add(ask, {"table_path": path, "metric_type": "row_count", "sensitivity": 3}, asset)
        elif not estate.items("schema_monitoring", asset.id):
            estate.add("schema_monitoring", asset_id=asset.id, schedule_type="daily")
        applied.append({"table_path": path, "type": kind})
    return {"applied": applied, "failed": failed, "applied_count": len(applied), "failed_count": len(failed)}


# ---------------------------------------------------------------------------------------------------- recommendations


def _asked(ask: Ask, limit: int) -> tuple[WatchedAsset, int]:
    """The asset and the limit that the query names."""
    return ask.asset(ask.query.get("asset_id", "")), ask.number("limit", limit, 1, 100)


def _least_confidence(ask: Ask) -> float:
    try:
        value = float(ask.query.get("min_confidence", "0.5"))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ask.invalid("min_confidence must be between 0 and 1", field="min_confidence")
    return value


@recommendations("GET", "/recommendations/freshness")
def recommend_freshness(ask: Ask) -> Any:
    """Say how often to check each table that is not checked."""
    asset, limit = _asked(ask, 20)
    tables, watching, confidence = ask.estate.tables_of(asset), _watching(ask, asset), 0.9
    found = []
    for table in tables:
        every = table.every_hours
        if every is None or (watching[table.path]["freshness"] and not ask.flag("include_monitored")):
            continue
        _, frequency, interval = next(one for one in _FREQUENCIES if every <= one[0])
        told = {"table_path": table.path, "suggested_check_interval": interval, "suggested_threshold_hours": 2 * every}
        told |= {"detected_frequency": frequency, "confidence": confidence}
        found.append({**told, "reasoning": f"Data arrives every {every:g} hours.", "data_points": 30})
    found = [one for one in found if confidence >= _least_confidence(ask)][:limit]
    counts = {"tables_analyzed": len(tables), "tables_with_recommendations": len(found)}
    return {"recommendations": found, "asset_id": asset.id, **counts}


@recommendations("GET", "/recommendations/metrics")
def recommend_metrics(ask: Ask) -> Any:
    """Say which columns are worth a rule or a metric."""
    asset, limit = _asked(ask, 50)
    path, least = ask.query.get("table_path"), _least_confidence(ask)
    tables = [table for table in ask.estate.tables_of(asset) if path in (None, table.path)]
    columns = [(table, column) for table in tables for column in table.columns]
    found = []
    for table, column in columns:
        metric, check, confidence = "distinct_count", "validity", 0.9
        reasoning = "It may not be empty."
        if column.nullable:
            metric, check, confidence = "null_percent", "metric", 0.6
            reasoning = "It may be empty, and should not often be."
        if confidence >= least:
            told = {"table_path": table.path, "column_name": column.name, "suggested_metric_type": metric}
            found.append({**told, "suggested_check_type": check, "reasoning": reasoning, "confidence": confidence})
    counts = {"columns_analyzed": len(columns), "columns_with_recommendations": len(found[:limit])}
    return {"recommendations": found[:limit], "asset_id": asset.id, **counts}


@recommendations("GET", "/recommendations/coverage")
def recommend_coverage(ask: Ask) -> Any:
    """List the tables that are not watched in every way."""
    asset, limit = _asked(ask, 20)
    gaps = _gaps(ask, asset, limit)
    return {"recommendations": gaps.pop("recommendations"), "asset_id": asset.id, **gaps}


@recommendations("GET", "/recommendations/thresholds")
def recommend_thresholds(ask: Ask) -> Any:
    """Say which thresholds to raise so that fewer alerts come."""
    asset, limit = _asked(ask, 10)
    tables = ask.estate.tables_of(asset)
    found = []
    for table in tables:
        alerts = [one for one in ask.estate.items("alert", table.id) if one.facts["event_type"] == "freshness_stale"]
        if alerts and table.threshold_hours is not None:
            found.append(
                {
                    "table_path": table.path,
                    "metric_type": "freshness",
                    "current_threshold": float(table.threshold_hours),
                    "suggested_threshold": 1.5 * table.threshold_hours,
                    "direction": "increase",
                    "reasoning": "Its data is often a little late.",
                    "confidence": 0.7,
                    "historical_alerts": len(alerts),
                    "projected_reduction": "80%",
                }
            )
    counts = {"monitored_items_analyzed": len(tables), "items_with_recommendations": len(found[:limit])}
    return {"recommendations": found[:limit], "asset_id": asset.id, **counts}
