"""Recommendations: what to watch, how often, and with which thresholds."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import flag, number
from mock_airflow.profiles.anomalyarmor.api import asset_named, estate_of, resource
from mock_airflow.profiles.anomalyarmor.coverage import covered, gaps_of, watching
from mock_airflow.profiles.anomalyarmor.records import Asset

operation = resource("Recommendations")

_FREQUENCIES = ((1, "hourly", "1h"), (24, "daily", "6h"), (168, "weekly", "1d"), (float("inf"), "irregular", "1d"))


def _asked(call: Call) -> Asset:
    return asset_named(call, call.query.get("asset_id", ""))


def _confidence_asked(call: Call) -> float:
    text = call.query.get("min_confidence", "0.5")
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise answers.invalid(call.settings, "min_confidence must be between 0 and 1", field="min_confidence")
    return value


@operation("GET", "/recommendations/freshness", "recommend_freshness")
def recommend_freshness(call: Call) -> Any:
    """Tell how often to check each table that is not checked."""
    asset, limit = _asked(call), number(call.query, "limit", 20, 1, 100, call.settings)
    tables, how = estate_of(call).tables_of(asset), watching(call, asset)
    found = []
    for table in tables:
        if table.every_hours is None or (how[table.path]["freshness"] and not flag(call.query, "include_monitored")):
            continue
        _, frequency, interval = next(
            one for one in (*_FREQUENCIES, (1e9, "irregular", "1d")) if table.every_hours <= one[0]
        )
        found.append(
            {
                "table_path": table.path,
                "suggested_check_interval": interval,
                "suggested_threshold_hours": 2 * table.every_hours,
                "detected_frequency": frequency,
                "confidence": 0.9,
                "reasoning": f"Data arrives every {table.every_hours:g} hours.",
                "data_points": 30,
            }
        )
    found = [one for one in found if float(str(one["confidence"])) >= _confidence_asked(call)][:limit]
    counts = {"tables_analyzed": len(tables), "tables_with_recommendations": len(found)}
    return {"recommendations": found, "asset_id": asset.id, **counts}


@operation("GET", "/recommendations/metrics", "recommend_metrics")
def recommend_metrics(call: Call) -> Any:
    """Tell which columns are worth a rule or a metric."""
    asset, limit = _asked(call), number(call.query, "limit", 50, 1, 100, call.settings)
    path, least = call.query.get("table_path"), _confidence_asked(call)
    columns = [
        (table, column)
        for table in estate_of(call).tables_of(asset)
        if path in (None, table.path)
        for column in table.columns
    ]
    found = []
    for table, column in columns:
        is_key = not column.nullable
        confidence = 0.9 if is_key else 0.6
        if confidence >= least:
            found.append(
                {
                    "table_path": table.path,
                    "column_name": column.name,
                    "suggested_metric_type": "distinct_count" if is_key else "null_percent",
                    "suggested_check_type": "validity" if is_key else "metric",
                    "reasoning": "It may not be empty." if is_key else "It may be empty, and should not often be.",
                    "confidence": confidence,
                }
            )
    counts = {"columns_analyzed": len(columns), "columns_with_recommendations": len(found[:limit])}
    return {"recommendations": found[:limit], "asset_id": asset.id, **counts}


@operation("GET", "/recommendations/coverage", "recommend_coverage")
def recommend_coverage(call: Call) -> Any:
    """List the tables that are not watched in every way."""
    asset, limit = _asked(call), number(call.query, "limit", 20, 1, 100, call.settings)
    total, some, percent = covered(call, asset)
    told = {"total_tables": total, "monitored_tables": some, "coverage_percentage": percent}
    return {"recommendations": gaps_of(call, asset)[:limit], "asset_id": asset.id, **told}


@operation("GET", "/recommendations/thresholds", "recommend_thresholds")
def recommend_thresholds(call: Call) -> Any:
    """Tell which thresholds to raise so that fewer alerts come."""
    asset, estate = _asked(call), estate_of(call)
    limit = number(call.query, "limit", 10, 1, 100, call.settings)
    tables = estate.tables_of(asset)
    found = []
    for table in tables:
        alerts = [one for one in estate.items("alert", table.id) if one.facts["event_type"] == "freshness_stale"]
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
