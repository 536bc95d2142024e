"""Whom alerts are sent on to: rules, destinations, Slack, and badges that show whether an asset is well.

The configuration of a destination holds secrets, and is never shown: only its names are kept, since nothing is sent.
"""

from __future__ import annotations

from typing import Any

from mock_airflow.profiles.anomalyarmor.api import Ask, Shape, resource
from mock_airflow.profiles.anomalyarmor.collection import Fields, ItemCollection
from mock_airflow.profiles.anomalyarmor.estate import Item
from mock_airflow.profiles.anomalyarmor.resources.alerts import unresolved

rules = resource("Alert rules")
destinations = resource("Alert destinations")
slack = resource("Slack")
badges = resource("Badges")

_TYPES = ("email", "slack", "webhook", "teams", "pagerduty")  # code
_CHANNELS = ("general", "data-alerts", "data-eng")


def _kept(ask: Ask, fields: Fields, destination: Item | None) -> Fields:
    """The facts of a destination: the configuration's names alone."""
    if "config" in fields:
        fields["configured"] = sorted(fields.pop("config"))
    if destination is None:
        fields["is_verified"] = fields["destination_type"] == "slack"
    return fields


def _unlinked(ask: Ask, destination: Item) -> None:
    """Have no rule send to a destination any more."""
    for rule in ask.estate.items("rule"):
        _unlink(ask, rule, destination.id)


def _unlink(ask: Ask, rule: Item, destination_id: str) -> list[str]:
    linked = rule.facts["destination_ids"]
    left = [one for one in linked if one != destination_id]
    if left != linked:
        ask.estate.change(rule, destination_ids=left)
    return left


DESTINATIONS = ItemCollection(
    tag="Alert destinations",
    kind="destination",
    noun="destination",
    path="/alerts/destinations",
    one="destination_id",
    view=Shape("id name destination_type is_active is_verified created_at updated_at"),
    required="name destination_type config:object",
    changeable="name config:object is_active:flag",
    defaults={"is_active": True},
    choices={"destination_type": _TYPES},
    check=_kept,
    filtered="destination_type",
    keep=lambda ask, one: one.facts["is_active"] or not ask.flag("active_only"),
    name="destinations",
    update="PUT",
    confidential=True,
    forgotten=_unlinked,
)


@destinations("POST", "/alerts/destinations/bulk", success=201, confidential=True)
def create_destinations(ask: Ask) -> Any:
    """Make several destinations, all or none."""
    made = []
    for wanted in ask.fields("destinations:list")["destinations"]:
        given = wanted if isinstance(wanted, dict) else {}
        fields = {name: given.get(name) for name in ("name", "destination_type", "config")}
        fits = isinstance(fields["name"], str) and isinstance(fields["config"], dict)
        if not fits or fields["destination_type"] not in _TYPES:
            raise ask.invalid("Each destination needs a name, a known destination_type and a config")
        made.append(DESTINATIONS.view(ask, DESTINATIONS.add(ask, fields)))
    return {"destinations": made}


@destinations("POST", "/alerts/destinations/{destination_id}/test")
def test_destination(ask: Ask) -> Any:
    """Have a destination count as tested; nothing is sent."""
    destination = ask.estate.change(ask.item("destination"), is_verified=True)
    return {"success": True, "destination_id": destination.id, "message": "Test notification sent"}


# -------------------------------------------------------------------------------------------------------------- rules


def _checked(ask: Ask, fields: Fields, rule: Item | None = None) -> Fields:
    if not 0 <= fields.get("code_author_min_confidence", 0) <= 1:
        raise ask.invalid("code_author_min_confidence must be between 0 and 1")
    for wanted in fields.get("destination_ids", ()):
        if not isinstance(wanted, str) or ask.estate.item("destination", wanted) is None:
            raise ask.missing("destination", str(wanted))
    return fields


def _rule_type(ask: Ask, rule: Item) -> str:
    kinds = rule.facts.get("event_types") or []
    return kinds[0] if len(kinds) == 1 else "several" if kinds else "all"


def _list_of(name: str) -> Any:
    return lambda ask, rule: rule.facts.get(name) or []


RULES = ItemCollection(
    tag="Alert rules",
    kind="rule",
    noun="alert_rule",
    path="/alerts/rules",
    one="rule_id",
    view=Shape(  # whether it is on has two names
        "id name description rule_type severity enabled=is_active is_active event_types severities tag_filter_mode"
        " tag_filter_tags destination_ids is_notify_code_authors code_author_min_confidence created_at updated_at",
        rule_type=_rule_type,
        severity=lambda ask, rule: rule.facts.get("severity") or [*_list_of("severities")(ask, rule), "info"][0],
        event_types=_list_of("event_types"),
        severities=_list_of("severities"),
        tag_filter_tags=_list_of("tag_filter_tags"),
        is_notify_code_authors=lambda ask, rule: rule.facts.get("is_notify_code_authors", False),
    ),
    required="name destination_ids:list?",
    changeable="name description is_active:flag event_types:list severities:list tag_filter_mode tag_filter_tags:list"
    " is_notify_code_authors:flag code_author_min_confidence:number",
    defaults={"destination_ids": [], "is_active": True},
    choices={"tag_filter_mode": ("any", "all")},
    check=_checked,
    keep=lambda ask, rule: rule.facts["is_active"] or not (ask.flag("enabled_only") or ask.flag("active_only")),
    update="PUT",
    documented=True,
)


@rules("GET", "/alerts/rules/{rule_id}/destinations")
def list_rule_destinations(ask: Ask) -> Any:
    """List where a rule sends to."""
    found = [ask.estate.item("destination", wanted) for wanted in ask.item("rule").facts["destination_ids"]]
    return {"destinations": [DESTINATIONS.view(ask, one) for one in found if one is not None]}


@rules("POST", "/alerts/rules/{rule_id}/destinations")
def link_rule_destinations(ask: Ask) -> Any:
    """Have a rule send to further destinations."""
    rule = ask.item("rule")
    further = _checked(ask, ask.fields("destination_ids:list"))["destination_ids"]
    linked = list(dict.fromkeys([*rule.facts["destination_ids"], *further]))
    ask.estate.change(rule, destination_ids=linked)
    return {"rule_id": rule.id, "linked": len(further), "destination_ids": linked}


@rules("DELETE", "/alerts/rules/{rule_id}/destinations/{destination_id}")
def unlink_rule_destination(ask: Ask) -> Any:
    """Have a rule no longer send to a destination."""
    rule, wanted = ask.estate.item("rule", ask.path["rule_id"]), ask.path["destination_id"]
    if rule is None:
        raise ask.missing("rule", ask.path["rule_id"])
    if wanted not in rule.facts["destination_ids"]:
        raise ask.missing("destination", wanted)
    return {"rule_id": rule.id, "destination_ids": _unlink(ask, rule, wanted)}


# -------------------------------------------------------------------------------------------------------------- slack


def _connected(ask: Ask) -> str:
    """The one workspace, which is connected from the start; the path may name no other."""
    connection = ask.estate.named_id("slack connection")
    if ask.path.get("connection_id", connection) != connection:
        raise ask.missing("Slack connection", ask.path["connection_id"])
    return connection


@slack("GET", "/slack/connections")
def list_slack_connections(ask: Ask) -> Any:
    """List the workspaces."""
    return {"connections": [{"id": _connected(ask), "team_id": "T0000001", "team_name": "Example", "is_active": True}]}


@slack("GET", "/slack/oauth-url")
def get_slack_oauth_url(ask: Ask) -> Any:
    """Show where a person connects a workspace."""
    address = "https://slack.com/oauth/v2/authorize"
    return {"url": f"{address}?client_id=mock", "oauth_url": address}


@slack("GET", "/slack/connections/{connection_id}/channels")
def list_slack_channels(ask: Ask) -> Any:
    """List a workspace's channels."""
    _connected(ask)
    return {"channels": [{"id": f"C000000{number}", "name": name} for number, name in enumerate(_CHANNELS, 1)]}


def _of_channel(ask: Ask, channel: dict[str, Any]) -> dict[str, Any]:
    config = {name: channel.get(name) for name in ("channel_id", "channel_name")}
    if not all(isinstance(value, str) for value in config.values()):
        raise ask.invalid("A channel needs a channel_id and a channel_name")
    name = str(channel.get("name") or f"Slack #{channel['channel_name'].lstrip('#')}")
    return DESTINATIONS.view(ask, DESTINATIONS.add(ask, {"name": name, "destination_type": "slack", "config": config}))


@slack("POST", "/slack/connections/{connection_id}/destinations", success=201)
def create_slack_destination(ask: Ask) -> Any:
    """Make a destination of a channel."""
    _connected(ask)
    return _of_channel(ask, ask.fields("channel_id channel_name name?"))


@slack("POST", "/slack/connections/{connection_id}/destinations/bulk", success=201)
def create_slack_destinations(ask: Ask) -> Any:
    """Make destinations of several channels, all or none."""
    _connected(ask)
    channels = ask.fields("channels:list")["channels"]
    return {"destinations": [_of_channel(ask, channel if isinstance(channel, dict) else {}) for channel in channels]}


# ------------------------------------------------------------------------------------------------------------- badges


def _picture(ask: Ask, badge: Item) -> str:
    return f"{ask.call.origin}/badges/{badge.id}.svg"


BADGES = ItemCollection(
    tag="Badges",
    kind="badge",
    noun="badge",
    path="/badges",
    one="badge_id",
    view=Shape(
        "id asset_id label tag_filters schema_drift_enabled freshness_enabled include_upstream is_active badge_url"
        " created_at updated_at",
        badge_url=_picture,
    ),
    required="asset_id",
    changeable="label tag_filters:list schema_drift_enabled:flag freshness_enabled:flag include_upstream:flag"
    " is_active:flag",
    defaults={"label": "AnomalyArmor", "tag_filters": [], "include_upstream": False}
    | dict.fromkeys(("schema_drift_enabled", "freshness_enabled", "is_active"), True),
    keep=lambda ask, badge: badge.facts["is_active"] or ask.flag("active_only") is False,
    name="badges",
    default=100,
    maximum=500,
    update="PUT",
)


@badges("GET", "/badges/{badge_id}/status")
def get_badge_status(ask: Ask) -> Any:
    """Show what a badge shows: failing while an alert that it looks at is open or data is stale."""
    badge = ask.item("badge")
    tables = ask.estate.tables_of(ask.asset(badge.asset_id or ""))
    stale = badge.facts["freshness_enabled"] and any(table.freshness(ask.now) == "stale" for table in tables)
    drift = badge.facts["schema_drift_enabled"] and any(
        unresolved(alert) and alert.facts["event_type"] == "schema_drift"
        for table in tables
        for alert in ask.estate.items("alert", table.id)
    )
    status = "unknown" if not badge.facts["is_active"] else "failing" if stale or drift else "passing"
    return {"badge_id": badge.id, "status": status, "badge_url": _picture(ask, badge)}
