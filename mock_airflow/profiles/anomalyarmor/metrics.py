"""Metrics: numbers that are captured of a table or column, such as how many rows it has."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import flag, number
from mock_airflow.profiles.anomalyarmor.api import asset_named, estate_of, fields_of, one_of, resource
from mock_airflow.profiles.anomalyarmor.checks import INTERVALS, check_named, chosen, listed, table_of
from mock_airflow.profiles.anomalyarmor.records import Asset, Item

operation = resource("Metrics")

_CHANGEABLE = {"is_active": "yes or no", "capture_interval": "text", "sensitivity": "number"}


def metric_view(metric: Item) -> dict[str, Any]:
    """A metric. Its sensitivity is a whole number, since the package reads it as one."""
    facts = metric.facts
    return {
        "id": metric.id,
        "internal_id": metric.number,
        "asset_id": metric.asset_id,
        "table_path": facts["table_path"],
        "column_name": facts.get("column_name"),
        "metric_type": facts["metric_type"],
        "capture_interval": facts["capture_interval"],
        "sensitivity": max(1, round(facts["sensitivity"])),
        "is_active": facts["is_active"],
        "group_by_columns": facts.get("group_by_columns"),
        "percentile_value": facts.get("percentile_value"),
        "created_at": metric.created_at,
    }


def snapshot_view(metric: Item, snapshot: Item) -> dict[str, Any]:
    """One number that was captured."""
    told = {"id": snapshot.number, "metric_definition_id": metric.number, "value": snapshot.facts["value"]}
    more = {"group_values": None, "is_anomaly": False, "z_score": 0.0, "status": "pass"}
    return {**told, **more, "captured_at": snapshot.created_at}


def measured(call: Call, asset: Asset, metric: Item) -> float:
    """What a capture finds: the rows of the table, or a share of them that belongs to the metric."""
    table = table_of(call, asset, metric.facts["table_path"])
    rows = 1000 if table is None else table.row_count
    if metric.facts["metric_type"] == "row_count":
        return float(rows)
    return round(5 * estate_of(call).share(f"{metric.facts['metric_type']} {metric.id}"), 3)


def _checked(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    one_of(call.settings, "capture_interval", fields.get("capture_interval"), INTERVALS)
    return fields


@operation("GET", "/metrics/{asset_id}/summary", "get_metrics_summary")
def get_metrics_summary(call: Call) -> Any:
    """Tell how many metrics an asset has."""
    metrics = chosen(call, "metric")
    active = sum(metric.facts["is_active"] for metric in metrics)
    failing = {"failing": 0, "warning": 0, "error": 0, "health_percentage": 100.0}
    return {
        "total_metrics": len(metrics),
        "active_metrics": active,
        "total_checks": active,
        "passing": active,
        **failing,
    }


@operation("GET", "/metrics/{asset_id}", "list_metrics")
def list_metrics(call: Call) -> Any:
    """List an asset's metrics."""
    return listed(call, map(metric_view, chosen(call, "metric", "metric_type")))


@operation("POST", "/metrics/dry-run", "dry_run_metric")
def dry_run_metric(call: Call) -> Any:
    """Tell what a metric would have measured each day, and when it would have alerted."""
    fields = fields_of(
        call,
        required={"asset_id": "text", "table_path": "text", "metric_type": "text"},
        optional={"column_name": "text", "sensitivity": "number", "lookback_days": "number"},
    )
    asset = asset_named(call, fields["asset_id"])
    table = table_of(call, asset, fields["table_path"])
    if table is None:
        raise answers.not_found(call.settings, "table", fields["table_path"])
    days = int(fields.get("lookback_days", 30))
    value = float(table.row_count) if fields["metric_type"] == "row_count" else 2.5
    return {
        "metric_id": "dry-run",
        "metric_type": fields["metric_type"],
        "threshold_type": "anomaly",
        "threshold_value": float(fields.get("sensitivity", 1.0)),
        "lookback_days": days,
        "total_snapshots": days,
        "would_alert_count": 0,
        "alert_rate_percent": 0.0,
        "avg_value": value,
        "min_value": value,
        "max_value": value,
        "sample_alerts": [],
        "recommendation": "The metric would have been quiet.",
    }


@operation("POST", "/metrics/{asset_id}", "create_metric", success=201)
def create_metric(call: Call) -> Any:
    """Make a metric."""
    fields = _checked(
        call,
        fields_of(
            call,
            required={"metric_type": "text", "table_path": "text"},
            optional={**_CHANGEABLE, "column_name": "text", "group_by_columns": "list", "percentile_value": "number"},
        ),
    )
    whole = {"capture_interval": "daily", "sensitivity": 1.0, "is_active": True, **fields}
    return metric_view(estate_of(call).add("metric", asset_id=asset_named(call).id, **whole))


@operation("GET", "/metrics/{asset_id}/{metric_id}", "get_metric")
def get_metric(call: Call) -> Any:
    """Tell of a metric, with its latest numbers."""
    metric = check_named(call, "metric", "metric_id")
    view = metric_view(metric)
    if flag(call.query, "include_snapshots") is not False:
        limit = number(call.query, "snapshot_limit", 30, 1, 1000, call.settings)
        snapshots = reversed(estate_of(call).children("metric_snapshot", metric.id))
        view["snapshots"] = [snapshot_view(metric, snapshot) for snapshot in snapshots][:limit]
    return view


@operation("PATCH", "/metrics/{asset_id}/{metric_id}", "update_metric")
def update_metric(call: Call) -> Any:
    """Change a metric; what is left out stays."""
    metric = check_named(call, "metric", "metric_id")
    fields = _checked(call, fields_of(call, required={}, optional=_CHANGEABLE))
    return metric_view(estate_of(call).change(metric, **fields))


@operation("DELETE", "/metrics/{asset_id}/{metric_id}", "delete_metric")
def delete_metric(call: Call) -> Any:
    """Forget a metric and its numbers."""
    metric, estate = check_named(call, "metric", "metric_id"), estate_of(call)
    estate.remove([metric, *estate.children("metric_snapshot", metric.id)])
    return {"id": metric.id, "deleted": True}


@operation("POST", "/metrics/{asset_id}/{metric_id}/capture", "capture_metric")
def capture_metric(call: Call) -> Any:
    """Measure now."""
    metric = check_named(call, "metric", "metric_id")
    value = measured(call, asset_named(call), metric)
    snapshot = estate_of(call).add("metric_snapshot", parent_id=metric.id, value=value)
    told = {"metric_id": metric.id, "snapshot_count": 1, "captured_at": snapshot.created_at}
    return {**told, "snapshots": [snapshot_view(metric, snapshot)]}


@operation("GET", "/metrics/{asset_id}/{metric_id}/snapshots", "list_metric_snapshots")
def list_metric_snapshots(call: Call) -> Any:
    """List what was measured, the latest first."""
    metric = check_named(call, "metric", "metric_id")
    snapshots = reversed(estate_of(call).children("metric_snapshot", metric.id))
    return listed(call, (snapshot_view(metric, snapshot) for snapshot in snapshots), default=100)
