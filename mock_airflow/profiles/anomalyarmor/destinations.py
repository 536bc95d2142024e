"""Alert destinations: e-mail, Slack, webhooks. Their configuration holds secrets, and is never told."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import flag, page
from mock_airflow.profiles.anomalyarmor.api import estate_of, fields_of, item_named, one_of, resource
from mock_airflow.profiles.anomalyarmor.records import Item

operation = resource("Alert destinations")

TYPES = ("email", "slack", "webhook", "teams", "pagerduty")  # code
_NEW = {"name": "text", "destination_type": "text", "config": "object"}


def destination_view(destination: Item) -> dict[str, Any]:
    """A destination, without its configuration."""
    facts = destination.facts
    return {
        "id": destination.id,
        "name": facts["name"],
        "destination_type": facts["destination_type"],
        "is_active": facts["is_active"],
        "is_verified": facts["is_verified"],
        "created_at": destination.created_at,
        "updated_at": destination.updated_at,
    }


def new_destination(call: Call, name: str, kind: str, settings_kept: list[str]) -> Item:
    """A new destination; of its configuration only the names are kept, since nothing is ever sent."""
    return estate_of(call).add(
        "destination",
        name=name,
        destination_type=kind,
        configured=settings_kept,
        is_active=True,
        is_verified=kind == "slack",
    )


@operation("GET", "/alerts/destinations", "list_destinations")
def list_destinations(call: Call) -> Any:
    """List the destinations."""
    only, kind = flag(call.query, "active_only"), call.query.get("destination_type")
    found = [
        one
        for one in estate_of(call).items("destination")
        if (not only or one.facts["is_active"]) and kind in (None, one.facts["destination_type"])
    ]
    return page(found, destination_view, call.query, call.settings, name="destinations")


@operation("POST", "/alerts/destinations", "create_destination", success=201, confidential=True)
def create_destination(call: Call) -> Any:
    """Make a destination."""
    fields = fields_of(call, required=_NEW)
    one_of(call.settings, "destination_type", fields["destination_type"], TYPES)
    return destination_view(new_destination(call, fields["name"], fields["destination_type"], sorted(fields["config"])))


@operation("POST", "/alerts/destinations/bulk", "create_destinations", success=201, confidential=True)
def create_destinations(call: Call) -> Any:
    """Make several destinations, all or none."""
    made = []
    for wanted in fields_of(call, required={"destinations": "list"})["destinations"]:
        fits = (
            isinstance(wanted, dict) and isinstance(wanted.get("name"), str) and isinstance(wanted.get("config"), dict)
        )
        if not fits or wanted.get("destination_type") not in TYPES:
            raise answers.invalid(call.settings, "Each destination needs a name, a known destination_type and a config")
        made.append(new_destination(call, wanted["name"], wanted["destination_type"], sorted(wanted["config"])))
    return {"destinations": [destination_view(one) for one in made]}


@operation("GET", "/alerts/destinations/{destination_id}", "get_destination")
def get_destination(call: Call) -> Any:
    """Tell of a destination."""
    return destination_view(item_named(call, "destination", "destination_id"))


@operation("PUT", "/alerts/destinations/{destination_id}", "update_destination", confidential=True)
def update_destination(call: Call) -> Any:
    """Change a destination; what is left out stays."""
    destination = item_named(call, "destination", "destination_id")
    fields = fields_of(call, required={}, optional={"name": "text", "config": "object", "is_active": "yes or no"})
    config = fields.pop("config", None)
    if config is not None:
        fields["configured"] = sorted(config)
    return destination_view(estate_of(call).change(destination, **fields))


@operation("DELETE", "/alerts/destinations/{destination_id}", "delete_destination")
def delete_destination(call: Call) -> Any:
    """Forget a destination; rules no longer send to it."""
    destination, estate = item_named(call, "destination", "destination_id"), estate_of(call)
    estate.remove([destination])
    for rule in estate.items("rule"):
        if destination.id in rule.facts["destination_ids"]:
            left = [one for one in rule.facts["destination_ids"] if one != destination.id]
            estate.change(rule, destination_ids=left)
    return {"id": destination.id, "deleted": True}


@operation("POST", "/alerts/destinations/{destination_id}/test", "test_destination")
def test_destination(call: Call) -> Any:
    """Have a destination count as tested; nothing is sent."""
    destination = estate_of(call).change(item_named(call, "destination", "destination_id"), is_verified=True)
    return {"success": True, "destination_id": destination.id, "message": "Test notification sent"}
