"""Investigations: why an asset is as it is, put together from its alerts, its schema changes and its lineage."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor.api import (
    asset_named,
    estate_of,
    fields_of,
    item_named,
    one_of,
    resource,
)
from mock_airflow.profiles.anomalyarmor.records import Asset

operation = resource("Investigations")

_EVENTS = ("anomaly", "freshness", "schema_change", "validity")


def _evidence(event_type: str, summary: str, source: str, source_id: str, at: Any, confidence: float) -> dict[str, Any]:
    told = {"event_type": event_type, "confidence": confidence, "timestamp": at, "summary": summary, "details": {}}
    return {**told, "source": source, "source_id": source_id}


def _triggers(call: Call, asset: Asset) -> list[dict[str, Any]]:
    estate = estate_of(call)
    tables = estate.tables_of(asset)
    alerts = [
        _evidence(alert.facts["event_type"], alert.facts["message"], "alert", alert.id, alert.created_at, 0.9)
        for table in tables
        for alert in estate.items("alert", table.id)
    ]
    changes = [
        _evidence(
            "schema_change",
            f"{change.facts['change_type']} {change.facts['column_name']}",
            "schema_change",
            change.id,
            change.created_at,
            0.7,
        )
        for table in tables
        for change in estate.items("schema_change", table.id)
    ]
    return alerts + changes


def _findings(call: Call, asset: Asset) -> dict[str, Any]:
    estate, now = estate_of(call), call.airflow.now()
    triggers = _triggers(call, asset)
    _, down = estate.neighbours()
    fed = [found for target in down.get(asset.id, ()) if (found := estate.asset(target)) is not None]
    return {
        "root_cause_hypothesis": triggers[0]["summary"] if triggers else None,
        "triggers": triggers,
        "consequences": [
            _evidence("downstream", f"{one.qualified_name} reads it", "lineage", one.id, now, 0.5) for one in fed
        ],
        "confidence": max((one["confidence"] for one in triggers), default=0.1),
        "suggested_fix": "Look at the pipeline that loads it." if triggers else None,
    }


@operation("POST", "/alerts/investigations/explain", "explain_asset")
def explain_asset(call: Call) -> Any:
    """Tell what may be wrong with an asset, with evidence."""
    fields = fields_of(call, required={"asset_id": "text"}, optional={"question": "text", "event_type": "text"})
    event = fields.get("event_type", "anomaly")
    one_of(call.settings, "event_type", event, _EVENTS)
    asset = asset_named(call, fields["asset_id"])
    question = fields.get("question") or f"Why is there a {event} event on {asset.qualified_name}?"
    return {"investigation_id": None, "question": question, **_findings(call, asset), "open_questions": []}


@operation("GET", "/alerts/investigations/{investigation_id}", "get_investigation")
def get_investigation(call: Call) -> Any:
    """Tell of the investigation that an alert set off; it goes by the alert's id."""
    alert = item_named(call, "alert", "investigation_id")
    found = _findings(call, asset_named(call, alert.asset_id or ""))
    return {
        "id": alert.id,
        "alert_id": alert.id,
        "status": "completed",
        "correlated_events": found.pop("triggers"),
        "affected_downstream": found.pop("consequences"),
        **found,
        "created_at": alert.created_at,
    }
