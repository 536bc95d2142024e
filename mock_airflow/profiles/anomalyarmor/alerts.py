"""Alerts: what was found wrong, and what people did about it. An incident is the same seen over its life.

The documentation's fields and the package's stand side by side, as do three names for the same condition: an alert that
is ``triggered`` is ``new`` in the inbox and ``open`` as an incident.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import moment, page
from mock_airflow.profiles.anomalyarmor.api import (
    asset_named,
    estate_of,
    fields_of,
    item_named,
    one_of,
    resource,
)
from mock_airflow.profiles.anomalyarmor.records import Item
from mock_airflow.settings.values import moment as read_moment

operation = resource("Alerts")

STATUSES = ("triggered", "acknowledged", "resolved", "dismissed", "snoozed")
SEVERITIES = ("info", "warning", "critical")
ALERT_TYPES = {"freshness_stale": "freshness", "schema_drift": "schema_change", "metric_anomaly": "row_count"}
INBOX_STATES = {"triggered": "new"}
PERIODS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
_RESOLUTION = (
    "action_category",
    "action_detail",
    "root_cause_category",
    "root_cause_detail",
    "pr_url",
    "job_run_id",
    "external_link",
)


def alert_view(call: Call, alert: Item) -> dict[str, Any]:
    """An alert as lists show it."""
    estate, facts = estate_of(call), alert.facts
    asset = estate.asset(alert.asset_id or "")
    rule = estate.item("rule", alert.parent_id or "")
    return {
        "id": alert.id,
        "alert_type": ALERT_TYPES.get(facts["event_type"], facts["event_type"]),
        "event_type": facts["event_type"],
        "rule_id": alert.parent_id,
        "rule_name": None if rule is None else rule.facts["name"],
        "asset_id": alert.asset_id,
        "qualified_name": None if asset is None else asset.qualified_name,
        "severity": facts["severity"],
        "status": facts["status"],
        "message": facts["message"],
        "triggered_at": alert.created_at,
        "acknowledged_at": facts["acknowledged_at"],
        "resolved_at": facts["resolved_at"],
        "details": {
            "last_updated": None if asset is None else asset.last_update_time,
            "threshold_hours": None if asset is None else asset.threshold_hours,
        },
    }


def latest_first(call: Call) -> list[Item]:
    """All alerts, the latest first."""
    return sorted(estate_of(call).items("alert"), key=lambda alert: (alert.created_at, alert.number), reverse=True)


def _moment_asked(call: Call, name: str) -> datetime | None:
    text = call.query.get(name)
    if not text:
        return None
    try:
        return read_moment(text)
    except ValueError:
        raise answers.invalid(
            call.settings, f"{name} must be a time such as 2026-01-01T00:00:00Z", field=name
        ) from None


def chosen(call: Call, query: Mapping[str, str | None]) -> list[Item]:
    """The alerts that a list's filters leave."""
    settings = call.settings
    one_of(settings, "status", query.get("status"), STATUSES)
    one_of(settings, "severity", query.get("severity"), SEVERITIES)
    since, until = _moment_asked(call, "from_date") or _moment_asked(call, "since"), _moment_asked(call, "to_date")
    wanted = query.get("asset_id")
    within = None if not wanted else {asset.id for asset in estate_of(call).tables_of(asset_named(call, wanted))}
    kind = query.get("alert_type")
    return [
        alert
        for alert in latest_first(call)
        if query.get("status") in (None, alert.facts["status"])
        and query.get("severity") in (None, alert.facts["severity"])
        and (not kind or kind in (alert.facts["event_type"], ALERT_TYPES.get(alert.facts["event_type"])))
        and (within is None or alert.asset_id in within)
        and (since is None or alert.created_at >= since)
        and (until is None or alert.created_at <= until)
    ]


def unresolved(alert: Item) -> bool:
    """Whether somebody has to do something about it."""
    return alert.facts["status"] in ("triggered", "acknowledged")


def summary_of(call: Call) -> dict[str, Any]:
    """How many alerts there are, by status and kind, and how many rules."""
    estate, now = estate_of(call), call.airflow.now()
    alerts, rules = estate.items("alert"), estate.items("rule")
    statuses = [alert.facts["status"] for alert in alerts]
    kinds = [ALERT_TYPES.get(alert.facts["event_type"], alert.facts["event_type"]) for alert in alerts]
    ages = [now - alert.created_at for alert in alerts]
    return {
        "total": len(alerts),
        "by_status": {status: statuses.count(status) for status in STATUSES[:3]},
        "by_type": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        "triggered_last_24h": sum(age <= timedelta(days=1) for age in ages),
        "triggered_last_7d": sum(age <= timedelta(days=7) for age in ages),
        "total_rules": len(rules),
        "active_rules": sum(rule.facts["is_active"] for rule in rules),
        "recent_alerts": sum(age <= timedelta(days=7) for age in ages),
        "unresolved_alerts": sum(map(unresolved, alerts)),
    }


@operation("GET", "/alerts/summary", "get_alerts_summary", documented=True)
def get_alerts_summary(call: Call) -> Any:
    """Tell how many alerts there are."""
    return summary_of(call)


@operation("GET", "/alerts", "list_alerts", documented=True)
def list_alerts(call: Call) -> Any:
    """List the alerts, the latest first."""
    return page(chosen(call, call.query), lambda alert: alert_view(call, alert), call.query, call.settings)


def _inbox_view(call: Call, alert: Item) -> dict[str, Any]:
    view, facts = alert_view(call, alert), alert.facts
    status = facts["status"]
    asset = estate_of(call).asset(alert.asset_id or "")
    return {
        "id": alert.id,
        "title": facts["message"],
        "description": None,
        "severity": facts["severity"],
        "alert_state": INBOX_STATES.get(status, status),
        "event_type": facts["event_type"],
        "created_at": alert.created_at,
        "acknowledged_at": facts["acknowledged_at"],
        "resolved_at": facts["resolved_at"],
        "dismissed_at": facts.get("dismissed_at"),
        "notes": facts.get("notes"),
        "rule_name": view["rule_name"],
        "asset_name": None if asset is None else asset.name,
        "destination_name": None,
    }


@operation("GET", "/alerts/inbox", "list_inbox_alerts")
def list_inbox_alerts(call: Call) -> Any:
    """List the alerts as an inbox."""
    views = [_inbox_view(call, alert) for alert in chosen(call, {**call.query, "status": None})]
    state, kind = call.query.get("state"), call.query.get("event_type")
    left = [view for view in views if state in (None, view["alert_state"]) and kind in (None, view["event_type"])]
    return page(left, dict, call.query, call.settings, name="alerts")


@operation("GET", "/alerts/trends", "get_alert_trends")
def get_alert_trends(call: Call) -> Any:
    """Tell how many alerts each day had."""
    period = call.query.get("period", "7d")
    one_of(call.settings, "period", period, tuple(PERIODS))
    today, alerts = call.airflow.now().date(), estate_of(call).items("alert")
    days = [today - timedelta(days=ago) for ago in range(PERIODS[period] - 1, -1, -1)]
    dates = [alert.created_at.date() for alert in alerts]
    recent = [alert for alert in alerts if alert.created_at.date() >= days[0]]
    return {
        "period": period,
        "total": len(recent),
        "trends": [{"date": day.isoformat(), "count": dates.count(day)} for day in days],
        "by_severity": {name: sum(alert.facts["severity"] == name for alert in recent) for name in SEVERITIES},
    }


@operation("POST", "/alerts/preview", "preview_alerts")
def preview_alerts(call: Call) -> Any:
    """Tell which alerts of the last days a rule would have sent on."""
    fields = fields_of(
        call,
        required={},
        optional={"rule_id": "text", "event_types": "list", "severities": "list", "lookback_days": "number"},
    )
    estate = estate_of(call)
    kinds, severities = fields.get("event_types"), fields.get("severities")
    if "rule_id" in fields:
        rule = estate.item("rule", fields["rule_id"])
        if rule is None:
            raise answers.not_found(call.settings, "rule", fields["rule_id"])
        kinds, severities = kinds or rule.facts.get("event_types"), severities or rule.facts.get("severities")
    days = int(fields.get("lookback_days", 7))
    since = call.airflow.now() - timedelta(days=min(days, 3650))
    matching = [
        alert
        for alert in latest_first(call)
        if alert.created_at >= since
        and (not kinds or alert.facts["event_type"] in kinds)
        and (not severities or alert.facts["severity"] in severities)
    ]
    by_type = [alert.facts["event_type"] for alert in matching]
    by_severity = [alert.facts["severity"] for alert in matching]
    samples = [
        {
            "id": alert.id,
            "message": alert.facts["message"],
            "severity": alert.facts["severity"],
            "triggered_at": alert.created_at,
            "asset_name": alert_view(call, alert)["qualified_name"],
        }
        for alert in matching[:5]
    ]
    return {
        "lookback_hours": days * 24,
        "alerts_would_match": len(matching),
        "alerts_by_type": {kind: by_type.count(kind) for kind in dict.fromkeys(by_type)},
        "alerts_by_severity": {kind: by_severity.count(kind) for kind in dict.fromkeys(by_severity)},
        "sample_alerts": samples,
        "recommendation": f"The rule would have sent {len(matching)} alerts in {days} days.",
    }


@operation("GET", "/alerts/{alert_id}", "get_alert")
def get_alert(call: Call) -> Any:
    """Tell of an alert."""
    return alert_view(call, item_named(call, "alert", "alert_id"))


@operation("GET", "/alerts/{alert_id}/history", "get_alert_history")
def get_alert_history(call: Call) -> Any:
    """Tell what happened to an alert, oldest first."""
    alert = item_named(call, "alert", "alert_id")
    return {"alert_id": alert.id, "history": activities(call, alert)}


def activities(call: Call, alert: Item) -> list[dict[str, Any]]:
    """What happened to an alert, oldest first; that it was detected comes first."""
    first: dict[str, Any] = {
        "id": alert.id,
        "activity_type": "detected",
        "actor_type": "system",
        "actor_name": None,
        "metadata": {},
        "created_at": alert.created_at,
    }
    return [first, *(activity_view(item) for item in estate_of(call).children("activity", alert.id))]


def activity_view(item: Item) -> dict[str, Any]:
    """One thing that happened to an alert."""
    return {"id": item.id, **item.facts, "created_at": item.created_at}


def noted(call: Call, alert: Item, what: str, **metadata: Any) -> Item:
    """Note what somebody did about an alert."""
    return estate_of(call).add(
        "activity",
        parent_id=alert.id,
        activity_type=what,
        actor_type="api",
        actor_name=call.principal.name,
        metadata=metadata,
    )


def _moved(call: Call, status: str, **facts: Any) -> dict[str, Any]:
    """An alert that somebody has brought into another status."""
    alert = item_named(call, "alert", "alert_id")
    given = fields_of(call, required={}, optional=dict.fromkeys(("notes", *_RESOLUTION), "text"))
    given.setdefault("notes", alert.facts.get("notes"))
    told: dict[str, Any] = {"status": status, f"{status}_at": moment(call.airflow.now()), **given, **facts}
    moved = estate_of(call).change(alert, **told)
    noted(call, moved, status, **{name: value for name, value in given.items() if value is not None})
    return {**alert_view(call, moved), **{name: moved.facts.get(name) for name in ("notes", "snoozed_until")}}


@operation("POST", "/alerts/{alert_id}/acknowledge", "acknowledge_alert")
def acknowledge_alert(call: Call) -> Any:
    """Note that somebody knows of an alert."""
    return _moved(call, "acknowledged")


@operation("POST", "/alerts/{alert_id}/resolve", "resolve_alert")
def resolve_alert(call: Call) -> Any:
    """Note that what an alert tells of is over."""
    return _moved(call, "resolved")


@operation("POST", "/alerts/{alert_id}/dismiss", "dismiss_alert")
def dismiss_alert(call: Call) -> Any:
    """Note that an alert does not matter."""
    return _moved(call, "dismissed")


@operation("POST", "/alerts/{alert_id}/snooze", "snooze_alert")
def snooze_alert(call: Call) -> Any:
    """Put an alert off for some hours, up to 30 days."""
    hours = fields_of(call, required={"duration_hours": "number"})["duration_hours"]
    if not 1 <= hours <= 720:
        raise answers.invalid(call.settings, "duration_hours must be between 1 and 720", field="duration_hours")
    return _moved(call, "snoozed", snoozed_until=moment(call.airflow.now() + timedelta(hours=hours)))
