"""Slack: one workspace that is connected from the start, with a few channels."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.api import estate_of, fields_of, resource
from mock_airflow.profiles.anomalyarmor.destinations import destination_view, new_destination

operation = resource("Slack")

_CHANNELS = ("general", "data-alerts", "data-eng")


def _connection(call: Call) -> str:
    return estate_of(call).named_id("slack connection")


def _must_be_connected(call: Call) -> None:
    if call.path["connection_id"] != _connection(call):
        raise answers.not_found(call.settings, "Slack connection", call.path["connection_id"])


@operation("GET", "/slack/connections", "list_slack_connections")
def list_slack_connections(call: Call) -> Any:
    """List the workspaces."""
    return {
        "connections": [{"id": _connection(call), "team_id": "T0000001", "team_name": "Example", "is_active": True}]
    }


@operation("GET", "/slack/oauth-url", "get_slack_oauth_url")
def get_slack_oauth_url(call: Call) -> Any:
    """Tell where a person connects a workspace."""
    return {
        "url": "https://slack.com/oauth/v2/authorize?client_id=mock",
        "oauth_url": "https://slack.com/oauth/v2/authorize",
    }


@operation("GET", "/slack/connections/{connection_id}/channels", "list_slack_channels")
def list_slack_channels(call: Call) -> Any:
    """List a workspace's channels."""
    _must_be_connected(call)
    return {"channels": [{"id": f"C000000{number}", "name": name} for number, name in enumerate(_CHANNELS, 1)]}


def _new(call: Call, channel: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(channel.get("channel_id"), str) or not isinstance(channel.get("channel_name"), str):
        raise answers.invalid(call.settings, "A channel needs a channel_id and a channel_name")
    name = channel.get("name") or f"Slack #{channel['channel_name'].lstrip('#')}"
    return destination_view(new_destination(call, str(name), "slack", ["channel_id", "channel_name"]))


@operation("POST", "/slack/connections/{connection_id}/destinations", "create_slack_destination", success=201)
def create_slack_destination(call: Call) -> Any:
    """Make a destination of a channel."""
    _must_be_connected(call)
    return _new(
        call, fields_of(call, required={"channel_id": "text", "channel_name": "text"}, optional={"name": "text"})
    )


@operation("POST", "/slack/connections/{connection_id}/destinations/bulk", "create_slack_destinations", success=201)
def create_slack_destinations(call: Call) -> Any:
    """Make destinations of several channels, all or none."""
    _must_be_connected(call)
    channels = fields_of(call, required={"channels": "list"})["channels"]
    return {"destinations": [_new(call, channel if isinstance(channel, dict) else {}) for channel in channels]}
