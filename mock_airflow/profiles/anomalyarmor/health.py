"""Everything at a glance: the health summary and the day's briefing."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import alerts, freshness, schema
from mock_airflow.profiles.anomalyarmor.api import estate_of, resource

operation = resource("Health")


def _attention(call: Call) -> list[dict[str, Any]]:
    estate = estate_of(call)
    found = []
    for alert in filter(alerts.unresolved, alerts.latest_first(call)):
        asset = estate.asset(alert.asset_id or "")
        found.append(
            {
                "type": "alert",
                "severity": alert.facts["severity"],
                "title": alert.facts["message"],
                "asset_id": alert.asset_id,
                "asset_name": None if asset is None else asset.name,
            }
        )
    return sorted(found, key=lambda item: -alerts.SEVERITIES.index(str(item["severity"])))


def _health(call: Call) -> dict[str, Any]:
    attention = _attention(call)
    fresh = freshness.summary_of(call)
    critical = any(item["severity"] == "critical" for item in attention)
    status = "critical" if critical else "warning" if attention or fresh["stale"] else "healthy"
    return {
        "overall_status": status,
        "alerts": alerts.summary_of(call),
        "freshness": fresh,
        "schema_drift": schema.summary_of(call),
        "needs_attention": attention[:10],
        "generated_at": call.airflow.now(),
    }


@operation("GET", "/health/summary", "get_health_summary")
def get_health_summary(call: Call) -> Any:
    """Tell whether the data is well, and what needs somebody's attention."""
    return _health(call)


@operation("GET", "/briefings/today", "get_todays_briefing")
def get_todays_briefing(call: Call) -> Any:
    """Tell the day's news."""
    health, now = _health(call), call.airflow.now()
    return {
        "id": estate_of(call).named_id(f"briefing {now.date().isoformat()}"),
        "date": now.date().isoformat(),
        "title": f"Data health on {now.date().isoformat()}: {health['overall_status']}",
        "sections": [
            {"title": "Alerts", "content": f"{health['alerts']['unresolved_alerts']} alerts are unresolved."},
            {"title": "Freshness", "content": f"{health['freshness']['stale']} assets are stale."},
            {"title": "Schema", "content": f"{health['schema_drift']['unacknowledged']} changes are unacknowledged."},
        ],
        "insights": [item["title"] for item in health["needs_attention"]],
        "generated_at": now,
    }
