"""Whom alerts are sent on to: rules, destinations, Slack, and badges that show whether an asset is well.

The configuration of a destination holds secrets, and is never shown: only its names are kept, since nothing is sent.
"""

from __future__ import annotations

from typing import Any

from mock_airflow.profiles.anomalyarmor.estate import Item
from mock_airflow.profiles.anomalyarmor.items import Items
from mock_airflow.profiles.anomalyarmor.resource import ArmorResource, Facts, delete, get, post
from mock_airflow.profiles.anomalyarmor.resources.alerts import unresolved

_TYPES = "email|slack|webhook|teams|pagerduty"  # code
_CHANNELS = ("general", "data-alerts", "data-eng")


class Destinations(Items):
    """Where alerts are sent."""

    tag, kind, noun = "Alert destinations", "destination", "destination"
    where, one, updated_by, confidential = "/alerts/destinations", "destination_id", "PUT", True
    takes = f"name destination_type:{_TYPES} config:object is_active:flag=true"
    fixed, filters, active_only = "destination_type", "destination_type", "active_only"
    listed_as = "destinations"
    view = "id name destination_type is_active is_verified created_at updated_at"

    def check(self, fields: Facts, destination: Item | None) -> Facts:
        """The facts of a destination: the configuration's names alone."""
        if "config" in fields:
            fields["configured"] = sorted(fields.pop("config"))
        if destination is None:
            fields["is_verified"] = fields["destination_type"] == "slack"
        return fields

    def forgotten(self, destination: Item) -> None:
        """Have no rule send to it any more."""
        for rule in self.estate.items("rule"):
            if destination.id in rule["destination_ids"]:
                self.unlink(rule, destination.id)

    def unlink(self, rule: Item, destination_id: str) -> list[str]:
        """Have a rule no longer send to a destination; gives those that are left."""
        left = [one for one in rule["destination_ids"] if one != destination_id]
        self.estate.change(rule, destination_ids=left)
        return left

    @post("/alerts/destinations/bulk", "destinations:list", success=201, confidential=True)
    def create_destinations(self, destinations: list[Any]) -> Any:
        """Make several destinations, all or none."""
        made = []
        for wanted in destinations:
            given = wanted if isinstance(wanted, dict) else {}
            fields = {name: given.get(name) for name in ("name", "destination_type", "config")}
            fits = isinstance(fields["name"], str) and isinstance(fields["config"], dict)
            if not fits or fields["destination_type"] not in _TYPES.split("|"):
                raise self.invalid("Each destination needs a name, a known destination_type and a config")
            made.append(self.shown(self.add(fields)))
        return {"destinations": made}

    @post("/alerts/destinations/{destination_id}/test")
    def test_destination(self, destination: Item) -> Any:
        """Have a destination count as tested; nothing is sent."""
        self.estate.change(destination, is_verified=True)
        return {"success": True, "destination_id": destination.id, "message": "Test notification sent"}


class Rules(Items):
    """Which alerts are sent where."""

    tag, kind, noun = "Alert rules", "rule", "alert_rule"
    where, one, updated_by, documented = "/alerts/rules", "rule_id", "PUT", True
    takes = (
        "name destination_ids:list=[] description? is_active:flag=true event_types:list? severities:list?"
        " tag_filter_mode:any|all? tag_filter_tags:list? is_notify_code_authors:flag?"
        " code_author_min_confidence:number?"
    )
    fixed, active_only = "destination_ids", "enabled_only active_only"
    view = (  # whether it is on has two names
        "id name description rule_type severity enabled=is_active is_active event_types|[] severities|[]"
        " tag_filter_mode tag_filter_tags|[] destination_ids is_notify_code_authors|false code_author_min_confidence"
        " created_at updated_at"
    )

    def check(self, fields: Facts, rule: Item | None = None) -> Facts:
        """The fields, whose destinations exist."""
        if not 0 <= fields.get("code_author_min_confidence", 0) <= 1:
            raise self.invalid("code_author_min_confidence must be between 0 and 1")
        for wanted in fields.get("destination_ids", ()):
            if not isinstance(wanted, str) or self.estate.item("destination", wanted) is None:
                raise self.missing("destination", str(wanted))
        return fields

    def _rule_type(self, rule: Item) -> str:
        kinds = rule["event_types"] or []
        return kinds[0] if len(kinds) == 1 else "several" if kinds else "all"

    def _severity(self, rule: Item) -> Any:
        return rule["severity"] or [*(rule["severities"] or ()), "info"][0]

    @get("/alerts/rules/{rule_id}/destinations")
    def list_rule_destinations(self, rule: Item) -> Any:
        """List where a rule sends to."""
        found = [self.estate.item("destination", wanted) for wanted in rule["destination_ids"]]
        return {"destinations": [self.shown(one, Destinations.view) for one in found if one is not None]}

    @post("/alerts/rules/{rule_id}/destinations", "destination_ids:list")
    def link_rule_destinations(self, rule: Item, fields: Facts) -> Any:
        """Have a rule send to further destinations."""
        further = self.check(fields)["destination_ids"]
        linked = list(dict.fromkeys([*rule["destination_ids"], *further]))
        self.estate.change(rule, destination_ids=linked)
        return {"rule_id": rule.id, "linked": len(further), "destination_ids": linked}

    @delete("/alerts/rules/{rule_id}/destinations/{destination_id}")
    def unlink_rule_destination(self, rule: Item, destination_id: str) -> Any:
        """Have a rule no longer send to a destination."""
        if destination_id not in rule["destination_ids"]:
            raise self.missing("destination", destination_id)
        return {"rule_id": rule.id, "destination_ids": Destinations(self.call).unlink(rule, destination_id)}


class Slack(ArmorResource):
    """The one workspace, which is connected from the start."""

    tag = "Slack"

    def _connected(self) -> str:
        """The workspace's id; the path may name no other."""
        connection = self.estate.named_id("slack connection")
        if self.path.get("connection_id", connection) != connection:
            raise self.missing("Slack connection", self.path["connection_id"])
        return connection

    @get("/slack/connections")
    def list_slack_connections(self) -> Any:
        """List the workspaces."""
        told = {"id": self._connected(), "team_id": "T0000001", "team_name": "Example", "is_active": True}
        return {"connections": [told]}

    @get("/slack/oauth-url")
    def get_slack_oauth_url(self) -> Any:
        """Show where a person connects a workspace."""
        address = "https://slack.com/oauth/v2/authorize"
        return {"url": f"{address}?client_id=mock", "oauth_url": address}

    @get("/slack/connections/{connection_id}/channels")
    def list_slack_channels(self) -> Any:
        """List a workspace's channels."""
        self._connected()
        return {"channels": [{"id": f"C000000{number}", "name": name} for number, name in enumerate(_CHANNELS, 1)]}

    def _of_channel(self, channel: Facts) -> Facts:
        config = {name: channel.get(name) for name in ("channel_id", "channel_name")}
        if not all(isinstance(value, str) for value in config.values()):
            raise self.invalid("A channel needs a channel_id and a channel_name")
        name = str(channel.get("name") or f"Slack #{channel['channel_name'].lstrip('#')}")
        destinations = Destinations(self.call)
        return destinations.shown(destinations.add({"name": name, "destination_type": "slack", "config": config}))

    @post("/slack/connections/{connection_id}/destinations", success=201)
    def create_slack_destination(self) -> Any:
        """Make a destination of a channel."""
        self._connected()
        return self._of_channel(self.fields("channel_id channel_name name?"))

    @post("/slack/connections/{connection_id}/destinations/bulk", success=201)
    def create_slack_destinations(self) -> Any:
        """Make destinations of several channels, all or none."""
        self._connected()
        channels = self.fields("channels:list")["channels"]
        return {"destinations": [self._of_channel(one if isinstance(one, dict) else {}) for one in channels]}


class Badges(Items):
    """Pictures that show whether an asset is well."""

    tag, kind, noun = "Badges", "badge", "badge"
    where, one, updated_by = "/badges", "badge_id", "PUT"
    takes = (
        "asset_id label=AnomalyArmor tag_filters:list=[] schema_drift_enabled:flag=true freshness_enabled:flag=true"
        " include_upstream:flag=false is_active:flag=true"
    )
    fixed, listed_as, default, maximum = "asset_id", "badges", 100, 500
    view = (
        "id asset_id label tag_filters schema_drift_enabled freshness_enabled include_upstream is_active badge_url"
        " created_at updated_at"
    )

    def keep(self, badge: Item) -> Any:
        """Only active ones, unless all are asked for."""
        return badge["is_active"] or self.flag("active_only") is False

    def _badge_url(self, badge: Item) -> str:
        return f"{self.call.origin}/badges/{badge.id}.svg"

    @get("/badges/{badge_id}/status")
    def get_badge_status(self, badge: Item) -> Any:
        """Show what a badge shows: failing while an alert that it looks at is open or data is stale."""
        tables = self.estate.tables_of(self.asset(badge.asset_id or ""))
        stale = badge["freshness_enabled"] and any(table.freshness(self.now) == "stale" for table in tables)
        alerts = [alert for table in tables for alert in self.estate.items("alert", table.id)]
        drifts = [alert for alert in alerts if unresolved(alert) and alert["event_type"] == "schema_drift"]
        failing = stale or (badge["schema_drift_enabled"] and drifts)
        status = "unknown" if not badge["is_active"] else "failing" if failing else "passing"
        return {"badge_id": badge.id, "status": status, "badge_url": self._badge_url(badge)}
