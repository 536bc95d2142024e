"""Incidents: alerts over their whole life, with what people said."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor.alerts import SEVERITIES, activities, activity_view, latest_first, noted
from mock_airflow.profiles.anomalyarmor.answers import page
from mock_airflow.profiles.anomalyarmor.api import estate_of, fields_of, item_named, one_of, resource
from mock_airflow.profiles.anomalyarmor.records import Item

operation = resource("Incidents")

_STATUSES = {"triggered": "open"}


def incident_view(call: Call, alert: Item) -> dict[str, Any]:
    """An alert as an incident."""
    facts = alert.facts
    asset = estate_of(call).asset(alert.asset_id or "")
    name = "unknown" if asset is None else asset.qualified_name
    return {
        "id": alert.id,
        "event_type": facts["event_type"],
        "severity": facts["severity"],
        "title": f"{name}: {facts['message']}",
        "description": facts["message"],
        "status": _STATUSES.get(facts["status"], facts["status"]),
        "trigger_count": 1,
        "first_detected_at": alert.created_at,
        "last_triggered_at": alert.created_at,
        "acknowledged_at": facts["acknowledged_at"],
        "resolved_at": facts["resolved_at"],
        "context_data": {"asset_id": alert.asset_id, "qualified_name": name},
    }


@operation("GET", "/incidents", "list_incidents")
def list_incidents(call: Call) -> Any:
    """List the incidents, the latest first."""
    query = call.query
    one_of(call.settings, "severity", query.get("severity"), SEVERITIES)
    one_of(call.settings, "status", query.get("status"), ("open", "acknowledged", "resolved", "dismissed", "snoozed"))
    views = [incident_view(call, alert) for alert in latest_first(call)]
    for name in ("status", "severity", "event_type"):
        views = [view for view in views if query.get(name) in (None, view[name])]
    return page(views, dict, query, call.settings, name="incidents")


@operation("GET", "/incidents/{incident_id}", "get_incident")
def get_incident(call: Call) -> Any:
    """Tell of an incident, and of all that happened to it."""
    alert = item_named(call, "alert", "incident_id")
    return {**incident_view(call, alert), "activities": activities(call, alert)}


@operation("POST", "/incidents/{incident_id}/comment", "comment_on_incident", success=201)
def comment_on_incident(call: Call) -> Any:
    """Say something about an incident."""
    alert = item_named(call, "alert", "incident_id")
    comment = fields_of(call, required={"comment": "text"})["comment"]
    return {**activity_view(noted(call, alert, "comment", comment=comment)), "incident_id": alert.id}
