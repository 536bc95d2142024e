"""Alerts: what was found wrong, and what people did about it. An incident is the same seen over its life.

The documentation's fields and the package's stand side by side, as do three names for the same condition: an alert that
is ``triggered`` is ``new`` in the inbox and ``open`` as an incident.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from mock_airflow.profiles.anomalyarmor.answers import moment
from mock_airflow.profiles.anomalyarmor.estate import Item
from mock_airflow.profiles.anomalyarmor.items import Items
from mock_airflow.profiles.anomalyarmor.resource import Facts, get, post
from mock_airflow.profiles.anomalyarmor.resources.schema import SEVERITIES

_SEVERITY = f"severity:{'|'.join(SEVERITIES)}"
_TYPES = {"freshness_stale": "freshness", "schema_drift": "schema_change", "metric_anomaly": "row_count"}
_PERIODS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
_RESOLUTION = (
    "notes? action_category? action_detail? root_cause_category? root_cause_detail? pr_url? job_run_id? external_link?"
)


def unresolved(alert: Item) -> bool:
    """Whether somebody has to do something about it."""
    return alert["status"] in ("triggered", "acknowledged")


def _counted(words: Iterable[str]) -> dict[str, int]:
    """How often each word occurs, in the order of their first."""
    found = list(words)
    return {word: found.count(word) for word in dict.fromkeys(found)}


class AlertItems(Items):
    """What alerts and incidents have in common."""

    kind, verbs = "alert", "list get"

    def rows(self, asset_id: str | None = None) -> list[Item]:
        """All alerts, the latest first."""
        alerts = self.estate.items("alert")
        return sorted(alerts, key=lambda alert: (alert.created_at, alert.number), reverse=True)

    def _activities(self, alert: Item) -> list[Facts]:
        """What happened to an alert, oldest first; that it was detected comes first."""
        first: Facts = {"activity_type": "detected", "actor_type": "system", "actor_name": None, "metadata": {}}
        told = [self._activity(one) for one in self.estate.children("activity", alert.id)]
        return [{"id": alert.id, **first, "created_at": alert.created_at}, *told]

    def _activity(self, activity: Item) -> Facts:
        return self.shown(activity, "id activity_type actor_type actor_name metadata created_at")

    def _noted(self, alert: Item, what: str, **metadata: Any) -> Item:
        """Note what somebody did about an alert."""
        who: Facts = {"actor_type": "api", "actor_name": self.call.principal.name}
        return self.estate.add("activity", parent_id=alert.id, activity_type=what, **who, metadata=metadata)


class Alerts(AlertItems):
    """Alerts one by one, as an inbox, and counted."""

    tag, noun, where, one, documented = "Alerts", "alert", "/alerts", "alert_id", True
    view = (
        "id alert_type event_type rule_id=parent_id rule_name=parent.name asset_id qualified_name=asset.qualified_name"
        " severity status message triggered_at=created_at acknowledged_at resolved_at details"
    )
    inbox_view = (
        "id title=message description severity alert_state=state event_type created_at acknowledged_at"
        " resolved_at dismissed_at notes rule_name=parent.name asset_name=asset.name destination_name"
    )
    filters = f"status:triggered|acknowledged|resolved|dismissed|snoozed {_SEVERITY}"

    def _alert_type(self, alert: Item) -> str:
        return _TYPES.get(alert["event_type"], str(alert["event_type"]))

    def _details(self, alert: Item) -> Facts:
        return self.shown(alert, "last_updated=asset.last_update_time threshold_hours=asset.threshold_hours")

    def _state(self, alert: Item) -> Any:
        return "new" if alert["status"] == "triggered" else alert["status"]

    def chosen(self, filters: str | None = None) -> list[Item]:
        """The alerts that a list's filters leave, and those that all lists have."""
        found = super().chosen(filters)
        since, until = self.moment("from_date") or self.moment("since"), self.moment("to_date")
        kind, within = self.query.get("alert_type"), self.tables_asked_for()
        return [
            alert
            for alert in found
            if (not kind or kind in (alert["event_type"], self._alert_type(alert)))
            and (within is None or alert.asset_id in within)
            and (since is None or alert.created_at >= since)
            and (until is None or alert.created_at <= until)
        ]

    @get("/alerts/summary", documented=True)
    def get_alerts_summary(self) -> Facts:
        """Count the alerts, by status and kind, and the rules."""
        alerts, rules = self.estate.items("alert"), self.estate.items("rule")
        statuses, ages = [alert["status"] for alert in alerts], [self.now - alert.created_at for alert in alerts]
        in_a_week = sum(age <= timedelta(days=7) for age in ages)
        return {
            "total": len(alerts),
            "by_status": {status: statuses.count(status) for status in ("triggered", "acknowledged", "resolved")},
            "by_type": _counted(map(self._alert_type, alerts)),
            "triggered_last_24h": sum(age <= timedelta(days=1) for age in ages),
            "triggered_last_7d": in_a_week,
            "total_rules": len(rules),
            "active_rules": sum(rule["is_active"] for rule in rules),
            "recent_alerts": in_a_week,
            "unresolved_alerts": sum(map(unresolved, alerts)),
        }

    @get("/alerts/inbox")
    def list_inbox_alerts(self) -> Any:
        """List the alerts as an inbox."""
        return self.page(self.chosen(f"{_SEVERITY} state event_type"), self.inbox_view, "alerts")

    @get("/alerts/trends")
    def get_alert_trends(self) -> Any:
        """Count the alerts of each day."""
        period = self.choice("period", _PERIODS) or "7d"
        days = [self.now.date() - timedelta(days=ago) for ago in range(_PERIODS[period] - 1, -1, -1)]
        alerts = self.estate.items("alert")
        dates = [alert.created_at.date() for alert in alerts]
        recent = [alert["severity"] for alert, date in zip(alerts, dates, strict=True) if date >= days[0]]
        return {
            "period": period,
            "total": len(recent),
            "trends": [{"date": day.isoformat(), "count": dates.count(day)} for day in days],
            "by_severity": {name: recent.count(name) for name in SEVERITIES},
        }

    @post("/alerts/preview", "rule_id? event_types:list? severities:list? lookback_days:number=7")
    def preview_alerts(
        self, rule_id: str | None, event_types: list[Any] | None, severities: list[Any] | None, lookback_days: float
    ) -> Any:
        """Show which alerts of the last days a rule would have sent on."""
        if rule_id is not None:
            rule = self.estate.item("rule", rule_id)
            if rule is None:
                raise self.missing("rule", rule_id)
            event_types, severities = event_types or rule["event_types"], severities or rule["severities"]
        days = int(lookback_days)
        matching = [
            alert
            for alert in self.rows()
            if alert.created_at >= self.now - timedelta(days=min(days, 3650))
            and (not event_types or alert["event_type"] in event_types)
            and (not severities or alert["severity"] in severities)
        ]
        sample = "id message severity triggered_at=created_at asset_name=asset.qualified_name"
        return {
            "lookback_hours": days * 24,
            "alerts_would_match": len(matching),
            "alerts_by_type": _counted(alert["event_type"] for alert in matching),
            "alerts_by_severity": _counted(alert["severity"] for alert in matching),
            "sample_alerts": [self.shown(alert, sample) for alert in matching[:5]],
            "recommendation": f"The rule would have sent {len(matching)} alerts in {days} days.",
        }

    @get("/alerts/{alert_id}/history")
    def get_alert_history(self, alert: Item) -> Any:
        """List what happened to an alert, oldest first."""
        return {"alert_id": alert.id, "history": self._activities(alert)}

    def _moved(self, status: str, **facts: Any) -> Facts:
        """An alert that somebody has brought into another status."""
        alert = self.item()
        given = self.fields(_RESOLUTION)
        given.setdefault("notes", alert["notes"])
        moved = self.estate.change(alert, status=status, **{f"{status}_at": moment(self.now), **given, **facts})
        self._noted(moved, status, **{name: value for name, value in given.items() if value is not None})
        return self.shown(moved, f"{self.view} notes snoozed_until")

    @post("/alerts/{alert_id}/acknowledge")
    def acknowledge_alert(self) -> Any:
        """Note that somebody knows of an alert."""
        return self._moved("acknowledged")

    @post("/alerts/{alert_id}/resolve")
    def resolve_alert(self) -> Any:
        """Note that what an alert was about is over."""
        return self._moved("resolved")

    @post("/alerts/{alert_id}/dismiss")
    def dismiss_alert(self) -> Any:
        """Note that an alert does not matter."""
        return self._moved("dismissed")

    @post("/alerts/{alert_id}/snooze", "duration_hours:number")
    def snooze_alert(self, duration_hours: float) -> Any:
        """Put an alert off for some hours, up to 30 days."""
        if not 1 <= duration_hours <= 720:
            raise self.invalid("duration_hours must be between 1 and 720", field="duration_hours")
        return self._moved("snoozed", snoozed_until=moment(self.now + timedelta(hours=duration_hours)))


class Incidents(AlertItems):
    """Alerts over their life."""

    tag, noun, where, one, listed_as = "Incidents", "incident", "/incidents", "incident_id", "incidents"
    view = (
        "id event_type severity title description=message status trigger_count|1"
        " first_detected_at=created_at last_triggered_at=created_at acknowledged_at resolved_at context_data"
    )
    detailed_view = f"{view} activities"
    filters = f"{_SEVERITY} status:open|acknowledged|resolved|dismissed|snoozed event_type"

    def _status(self, alert: Item) -> Any:
        return "open" if alert["status"] == "triggered" else alert["status"]

    def _name_of_asset(self, alert: Item) -> str:
        asset = self._asset(alert)
        return "unknown" if asset is None else asset.qualified_name

    def _title(self, alert: Item) -> str:
        return f"{self._name_of_asset(alert)}: {alert['message']}"

    def _context_data(self, alert: Item) -> Facts:
        return self.shown(alert, "asset_id qualified_name=name_of_asset")

    @post("/incidents/{incident_id}/comment", "comment", success=201)
    def comment_on_incident(self, incident: Item, comment: str) -> Any:
        """Say something about an incident."""
        return {**self._activity(self._noted(incident, "comment", comment=comment)), "incident_id": incident.id}
