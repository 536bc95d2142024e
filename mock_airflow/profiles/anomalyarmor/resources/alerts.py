"""Alerts: what was found wrong, and what people did about it. An incident is the same seen over its life.

The documentation's fields and the package's stand side by side, as do three names for the same condition: an alert that
is ``triggered`` is ``new`` in the inbox and ``open`` as an incident.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from mock_airflow.profiles.anomalyarmor.answers import moment
from mock_airflow.profiles.anomalyarmor.api import Ask, Shape, resource
from mock_airflow.profiles.anomalyarmor.estate import Item
from mock_airflow.profiles.anomalyarmor.resources.schema import SEVERITIES
from mock_airflow.settings.values import moment as read_moment

operation = resource("Alerts")
incidents = resource("Incidents")

STATUSES = ("triggered", "acknowledged", "resolved", "dismissed", "snoozed")
_TYPES = {"freshness_stale": "freshness", "schema_drift": "schema_change", "metric_anomaly": "row_count"}
_PERIODS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
_RESOLUTION = (
    "notes? action_category? action_detail? root_cause_category? root_cause_detail? pr_url? job_run_id? external_link?"
)


def _of_asset(name: str, default: Any = None) -> Any:
    """What an attribute of an alert's asset is."""

    def made(ask: Ask, alert: Item) -> Any:
        asset = ask.estate.asset(alert.asset_id or "")
        return default if asset is None else getattr(asset, name)

    return made


def _rule_name(ask: Ask, alert: Item) -> str | None:
    rule = ask.estate.item("rule", alert.parent_id or "")
    return None if rule is None else str(rule.facts["name"])


def _type(alert: Item) -> str:
    event_type = str(alert.facts["event_type"])
    return _TYPES.get(event_type, event_type)


def _state(word: str) -> Any:
    """An alert's status, where ``triggered`` has another name."""
    return lambda ask, alert: {"triggered": word}.get(alert.facts["status"], alert.facts["status"])


_details = Shape(
    "last_updated threshold_hours",
    last_updated=_of_asset("last_update_time"),
    threshold_hours=_of_asset("threshold_hours"),
)
alert_view = Shape(
    "id alert_type event_type rule_id=parent_id rule_name asset_id qualified_name severity status message"
    " triggered_at=created_at acknowledged_at resolved_at details",
    alert_type=lambda ask, alert: _type(alert),
    rule_name=_rule_name,
    qualified_name=_of_asset("qualified_name"),
    details=_details,
)
_moved_view = Shape("notes snoozed_until")
_inbox_view = Shape(
    "id title=message description severity alert_state event_type created_at acknowledged_at resolved_at dismissed_at"
    " notes rule_name asset_name destination_name",
    description=None,
    alert_state=_state("new"),
    rule_name=_rule_name,
    asset_name=_of_asset("name"),
)
_context = Shape("asset_id qualified_name", qualified_name=_of_asset("qualified_name", "unknown"))
incident_view = Shape(
    "id event_type severity title description=message status trigger_count first_detected_at=created_at"
    " last_triggered_at=created_at acknowledged_at resolved_at context_data",
    title=lambda ask, alert: f"{_of_asset('qualified_name', 'unknown')(ask, alert)}: {alert.facts['message']}",
    status=_state("open"),
    trigger_count=1,
    context_data=_context,
)
_activity_view = Shape("id activity_type actor_type actor_name metadata created_at")


def latest_first(ask: Ask) -> list[Item]:
    """All alerts, the latest first."""
    return sorted(ask.estate.items("alert"), key=lambda alert: (alert.created_at, alert.number), reverse=True)


def unresolved(alert: Item) -> bool:
    """Whether somebody has to do something about it."""
    return alert.facts["status"] in ("triggered", "acknowledged")


def _moment(ask: Ask, name: str) -> datetime | None:
    """A time of the query."""
    try:
        return read_moment(ask.query[name]) if ask.query.get(name) else None
    except ValueError:
        raise ask.invalid(f"{name} must be a time such as 2026-01-01T00:00:00Z", field=name) from None


def _chosen(ask: Ask) -> list[Item]:
    """The alerts that the filters of each list leave."""
    severity = ask.choice("severity", SEVERITIES)
    since, until = _moment(ask, "from_date") or _moment(ask, "since"), _moment(ask, "to_date")
    wanted, kind = ask.query.get("asset_id"), ask.query.get("alert_type")
    within = {asset.id for asset in ask.estate.tables_of(ask.asset(wanted))} if wanted else None
    return [
        alert
        for alert in latest_first(ask)
        if severity in ("", alert.facts["severity"])
        and (not kind or kind in (alert.facts["event_type"], _type(alert)))
        and (within is None or alert.asset_id in within)
        and (since is None or alert.created_at >= since)
        and (until is None or alert.created_at <= until)
    ]


def _counted(words: Iterable[str]) -> dict[str, int]:
    """How often each word occurs, in the order of their first."""
    found = list(words)
    return {word: found.count(word) for word in dict.fromkeys(found)}


@operation("GET", "/alerts/summary", documented=True)
def get_alerts_summary(ask: Ask) -> dict[str, Any]:
    """Count the alerts, by status and kind, and the rules."""
    alerts, rules = ask.estate.items("alert"), ask.estate.items("rule")
    statuses = [alert.facts["status"] for alert in alerts]
    lately, in_a_week = (sum(ask.now - alert.created_at <= timedelta(days=days) for alert in alerts) for days in (1, 7))
    return {
        "total": len(alerts),
        "by_status": {status: statuses.count(status) for status in STATUSES[:3]},
        "by_type": _counted(map(_type, alerts)),
        "triggered_last_24h": lately,
        "triggered_last_7d": in_a_week,
        "total_rules": len(rules),
        "active_rules": sum(rule.facts["is_active"] for rule in rules),
        "recent_alerts": in_a_week,
        "unresolved_alerts": sum(map(unresolved, alerts)),
    }


@operation("GET", "/alerts", documented=True)
def list_alerts(ask: Ask) -> Any:
    """List the alerts, the latest first."""
    status = ask.choice("status", STATUSES)
    return ask.page([alert for alert in _chosen(ask) if status in ("", alert.facts["status"])], alert_view)


@operation("GET", "/alerts/inbox")
def list_inbox_alerts(ask: Ask) -> Any:
    """List the alerts as an inbox."""
    state = _state("new")
    kept = [one for one in _chosen(ask) if ask.fits("state", state(ask, one)) and _has_type(ask, one)]
    return ask.page(kept, _inbox_view, "alerts")


def _has_type(ask: Ask, alert: Item) -> bool:
    return ask.fits("event_type", alert.facts["event_type"])


@operation("GET", "/alerts/trends")
def get_alert_trends(ask: Ask) -> Any:
    """Count the alerts of each day."""
    period = ask.choice("period", tuple(_PERIODS), "7d")
    alerts = ask.estate.items("alert")
    days = [ask.now.date() - timedelta(days=ago) for ago in range(_PERIODS[period] - 1, -1, -1)]
    dates = [alert.created_at.date() for alert in alerts]
    recent = [alert.facts["severity"] for alert in alerts if alert.created_at.date() >= days[0]]
    return {
        "period": period,
        "total": len(recent),
        "trends": [{"date": day.isoformat(), "count": dates.count(day)} for day in days],
        "by_severity": {name: recent.count(name) for name in SEVERITIES},
    }


@operation("POST", "/alerts/preview")
def preview_alerts(ask: Ask) -> Any:
    """Show which alerts of the last days a rule would have sent on."""
    fields = ask.fields("rule_id? event_types:list? severities:list? lookback_days:number?")
    kinds, severities = fields.get("event_types"), fields.get("severities")
    if "rule_id" in fields:
        rule = ask.estate.item("rule", fields["rule_id"])
        if rule is None:
            raise ask.missing("rule", fields["rule_id"])
        kinds, severities = kinds or rule.facts.get("event_types"), severities or rule.facts.get("severities")
    days = int(fields.get("lookback_days", 7))
    since = ask.now - timedelta(days=min(days, 3650))
    matching = [
        alert
        for alert in latest_first(ask)
        if alert.created_at >= since
        and (not kinds or alert.facts["event_type"] in kinds)
        and (not severities or alert.facts["severity"] in severities)
    ]
    sample = Shape("id message severity triggered_at=created_at asset_name", asset_name=_of_asset("qualified_name"))
    return {
        "lookback_hours": days * 24,
        "alerts_would_match": len(matching),
        "alerts_by_type": _counted(alert.facts["event_type"] for alert in matching),
        "alerts_by_severity": _counted(alert.facts["severity"] for alert in matching),
        "sample_alerts": [sample(ask, alert) for alert in matching[:5]],
        "recommendation": f"The rule would have sent {len(matching)} alerts in {days} days.",
    }


@operation("GET", "/alerts/{alert_id}")
def get_alert(ask: Ask) -> Any:
    """Show an alert."""
    return alert_view(ask, ask.item("alert"))


@operation("GET", "/alerts/{alert_id}/history")
def get_alert_history(ask: Ask) -> Any:
    """List what happened to an alert, oldest first."""
    alert = ask.item("alert")
    return {"alert_id": alert.id, "history": _activities(ask, alert)}


def _activities(ask: Ask, alert: Item) -> list[dict[str, Any]]:
    """What happened to an alert, oldest first; that it was detected comes first."""
    first = Shape("id activity_type actor_type actor_name metadata created_at", **_DETECTED)
    return [first(ask, alert), *(_activity_view(ask, one) for one in ask.estate.children("activity", alert.id))]


_DETECTED: dict[str, Any] = {"activity_type": "detected", "actor_type": "system", "actor_name": None, "metadata": {}}


def _noted(ask: Ask, alert: Item, what: str, **metadata: Any) -> Item:
    """Note what somebody did about an alert."""
    who: dict[str, Any] = {"actor_type": "api", "actor_name": ask.call.principal.name}
    return ask.estate.add("activity", parent_id=alert.id, activity_type=what, **who, metadata=metadata)


def _moved(ask: Ask, status: str, **facts: Any) -> dict[str, Any]:
    """An alert that somebody has brought into another status."""
    alert = ask.item("alert")
    given = ask.fields(_RESOLUTION)
    given.setdefault("notes", alert.facts.get("notes"))
    moved = ask.estate.change(alert, status=status, **{f"{status}_at": moment(ask.now), **given, **facts})
    _noted(ask, moved, status, **{name: value for name, value in given.items() if value is not None})
    return {**alert_view(ask, moved), **_moved_view(ask, moved)}


@operation("POST", "/alerts/{alert_id}/acknowledge")
def acknowledge_alert(ask: Ask) -> Any:
    """Note that somebody knows of an alert."""
    return _moved(ask, "acknowledged")


@operation("POST", "/alerts/{alert_id}/resolve")
def resolve_alert(ask: Ask) -> Any:
    """Note that what an alert was about is over."""
    return _moved(ask, "resolved")


@operation("POST", "/alerts/{alert_id}/dismiss")
def dismiss_alert(ask: Ask) -> Any:
    """Note that an alert does not matter."""
    return _moved(ask, "dismissed")


@operation("POST", "/alerts/{alert_id}/snooze")
def snooze_alert(ask: Ask) -> Any:
    """Put an alert off for some hours, up to 30 days."""
    hours = ask.fields("duration_hours:number")["duration_hours"]
    if not 1 <= hours <= 720:
        raise ask.invalid("duration_hours must be between 1 and 720", field="duration_hours")
    return _moved(ask, "snoozed", snoozed_until=moment(ask.now + timedelta(hours=hours)))


# ---------------------------------------------------------------------------------------------------------- incidents


@incidents("GET", "/incidents")
def list_incidents(ask: Ask) -> Any:
    """List the incidents, the latest first."""
    severity = ask.choice("severity", SEVERITIES)
    status, state = ask.choice("status", ("open", *STATUSES[1:])), _state("open")
    kept = [
        alert
        for alert in latest_first(ask)
        if status in ("", state(ask, alert)) and severity in ("", alert.facts["severity"]) and _has_type(ask, alert)
    ]
    return ask.page(kept, incident_view, "incidents")


@incidents("GET", "/incidents/{incident_id}")
def get_incident(ask: Ask) -> Any:
    """Show an incident, and all that happened to it."""
    alert = ask.item("alert")
    return {**incident_view(ask, alert), "activities": _activities(ask, alert)}


@incidents("POST", "/incidents/{incident_id}/comment", success=201)
def comment_on_incident(ask: Ask) -> Any:
    """Say something about an incident."""
    alert = ask.item("alert")
    note = _noted(ask, alert, "comment", comment=ask.fields("comment")["comment"])
    return {**_activity_view(ask, note), "incident_id": alert.id}
