"""Coverage: how much of an asset is watched, and what is not."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import number
from mock_airflow.profiles.anomalyarmor.api import asset_named, estate_of, fields_of, resource
from mock_airflow.profiles.anomalyarmor.records import Asset

operation = resource("Coverage")

TYPES = ("freshness", "metrics", "schema_drift", "validity")
_WEIGHTS = {"freshness": 0.4, "metrics": 0.2, "schema_drift": 0.2, "validity": 0.2}
_TIERS = ((80, "gold", "Gold"), (50, "silver", "Silver"), (20, "bronze", "Bronze"), (0, "none", "Not covered"))


def watching(call: Call, asset: Asset) -> dict[str, dict[str, bool]]:
    """Which table of an asset is watched how, by the table's path."""
    estate = estate_of(call)
    tables = estate.tables_of(asset)
    sources = [one for one in estate.assets() if one.source == asset.source]
    watched: dict[str, set[str]] = {
        kind: {item.facts["table_path"] for one in sources for item in estate.items(of, one.id)}
        for kind, of in (("freshness", "schedule"), ("metrics", "metric"), ("validity", "validity_rule"))
    }
    drift = any(estate.items("schema_monitoring", one.id) for one in sources)
    return {
        table.path: {
            "freshness": bool({table.path, table.qualified_name} & watched["freshness"]),
            "metrics": bool({table.path, table.qualified_name} & watched["metrics"]),
            "schema_drift": drift,
            "validity": bool({table.path, table.qualified_name} & watched["validity"]),
        }
        for table in tables
    }


def gaps_of(call: Call, asset: Asset) -> list[dict[str, Any]]:
    """The tables that are not watched in every way, the most important first."""
    tables = {table.path: table for table in estate_of(call).tables_of(asset)}
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
        for path, how in watching(call, asset).items()
        if not all(how.values())
    ]
    return sorted(found, key=lambda gap: (-float(gap["importance_score"]), str(gap["table_path"])))


def covered(call: Call, asset: Asset) -> tuple[int, int, float]:
    """How many tables an asset has, how many are watched in some way, and their share in percent."""
    hows = watching(call, asset).values()
    some = sum(any(how.values()) for how in hows)
    return len(hows), some, round(100 * some / len(hows), 1) if hows else 0.0


def _score(call: Call, asset: Asset) -> dict[str, Any]:
    hows = list(watching(call, asset).values())
    counts = {kind: sum(how[kind] for how in hows) for kind in TYPES}
    total = len(hows)
    score = round(100 * sum(_WEIGHTS[kind] * counts[kind] / total for kind in TYPES)) if total else 0
    name, label = next((name, label) for least, name, label in _TIERS if score >= least)
    above = next((tier for tier in reversed(_TIERS) if tier[0] > score), None)
    return {
        "score": score,
        "tier": name,
        "tier_label": label,
        "tier_badge": None if name == "none" else label,
        "total_tables": total,
        "breakdown": {
            kind: {"count": counts[kind], "total": total, "pct": round(counts[kind] / total, 3) if total else 0.0}
            for kind in TYPES
        },
        "next_tier_info": None
        if above is None
        else {
            "next_tier": above[1],
            "next_tier_label": above[2],
            "next_threshold": above[0],
            "points_needed": above[0] - score,
            "actions": [f"Watch {kind} of more tables" for kind in TYPES if counts[kind] < total],
        },
        "recommendation": None if above is None else f"Watch more tables to reach {above[2]}.",
    }


@operation("GET", "/coverage/company", "get_company_coverage")
def get_company_coverage(call: Call) -> Any:
    """Tell how much of every data source is watched."""
    sources = [asset for asset in estate_of(call).assets() if asset.asset_type == "database"]
    each = []
    for asset in sources:
        scored = _score(call, asset)
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


@operation("GET", "/coverage/{asset_id}", "get_coverage")
def get_coverage(call: Call) -> Any:
    """Tell how much of an asset is watched."""
    asset = asset_named(call)
    return {"asset_id": asset.id, **_score(call, asset)}


@operation("GET", "/coverage/{asset_id}/gaps", "get_coverage_gaps")
def get_coverage_gaps(call: Call) -> Any:
    """List the tables that are not watched in every way."""
    asset = asset_named(call)
    limit = number(call.query, "limit", 20, 1, 100, call.settings)
    total, some, percent = covered(call, asset)
    found = gaps_of(call, asset)[:limit]
    told = {"total_tables": total, "monitored_tables": some, "coverage_percentage": percent}
    return {"asset_id": asset.id, "recommendations": found, **told}


@operation("POST", "/coverage/{asset_id}/apply", "apply_coverage")
def apply_coverage(call: Call) -> Any:
    """Have tables watched as their gaps suggest."""
    asset, estate = asset_named(call), estate_of(call)
    fields = fields_of(call, required={}, optional={"types": "list", "table_paths": "list"})
    types = fields.get("types") or [kind for kind in TYPES if kind != "validity"]
    if unknown := [kind for kind in types if kind not in TYPES]:
        raise answers.invalid(call.settings, f"There is no monitoring type {unknown[0]!r}", field="types")
    paths = fields.get("table_paths")
    known = watching(call, asset)
    failed = [{"table_path": path, "error": "Table not found"} for path in paths or () if path not in known]
    applied = []
    for path, how in known.items():
        for kind in types if paths is None or path in paths else ():
            if how[kind]:
                continue
            if kind == "freshness":
                mode: dict[str, Any] = {"check_interval": "1d", "monitoring_mode": "auto_learn", "is_active": True}
                estate.add("schedule", asset_id=asset.id, table_path=path, **mode)
            elif kind == "metrics":
                mode = {"metric_type": "row_count", "capture_interval": "daily", "sensitivity": 3, "is_active": True}
                estate.add("metric", asset_id=asset.id, table_path=path, **mode)
            elif kind == "schema_drift" and not estate.items("schema_monitoring", asset.id):
                estate.add("schema_monitoring", asset_id=asset.id, schedule_type="daily")
            elif kind == "validity":
                failed.append({"table_path": path, "error": "A validity rule needs a column"})
                continue
            applied.append({"table_path": path, "type": kind})
    return {"applied": applied, "failed": failed, "applied_count": len(applied), "failed_count": len(failed)}
