"""Report badges: a small picture that tells whether an asset is well."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor.alerts import unresolved
from mock_airflow.profiles.anomalyarmor.answers import flag, page
from mock_airflow.profiles.anomalyarmor.api import asset_named, estate_of, fields_of, item_named, resource
from mock_airflow.profiles.anomalyarmor.records import Item

operation = resource("Badges")

_CHANGEABLE = {
    "label": "text",
    "tag_filters": "list",
    "schema_drift_enabled": "yes or no",
    "freshness_enabled": "yes or no",
    "include_upstream": "yes or no",
    "is_active": "yes or no",
}
_DEFAULTS = {
    "label": "AnomalyArmor",
    "tag_filters": [],
    "schema_drift_enabled": True,
    "freshness_enabled": True,
    "include_upstream": False,
    "is_active": True,
}


def badge_view(call: Call, badge: Item) -> dict[str, Any]:
    """A badge, with where its picture would be."""
    told = {"id": badge.id, "asset_id": badge.asset_id, **badge.facts}
    times = {"created_at": badge.created_at, "updated_at": badge.updated_at}
    return {**told, "badge_url": f"{call.origin}/badges/{badge.id}.svg", **times}


@operation("GET", "/badges", "list_badges")
def list_badges(call: Call) -> Any:
    """List the badges, by default the active ones."""
    only = flag(call.query, "active_only") is not False
    badges = [badge for badge in estate_of(call).items("badge") if badge.facts["is_active"] or not only]
    views = (badge_view(call, badge) for badge in badges)
    return page(views, dict, call.query, call.settings, name="badges", default=100, maximum=500)


@operation("POST", "/badges", "create_badge", success=201)
def create_badge(call: Call) -> Any:
    """Make a badge."""
    fields = fields_of(call, required={"asset_id": "text"}, optional=_CHANGEABLE)
    asset = asset_named(call, fields.pop("asset_id"))
    return badge_view(call, estate_of(call).add("badge", asset_id=asset.id, **{**_DEFAULTS, **fields}))


@operation("GET", "/badges/{badge_id}", "get_badge")
def get_badge(call: Call) -> Any:
    """Tell of a badge."""
    return badge_view(call, item_named(call, "badge", "badge_id"))


@operation("PUT", "/badges/{badge_id}", "update_badge")
def update_badge(call: Call) -> Any:
    """Change a badge; what is left out stays."""
    badge = item_named(call, "badge", "badge_id")
    return badge_view(call, estate_of(call).change(badge, **fields_of(call, required={}, optional=_CHANGEABLE)))


@operation("DELETE", "/badges/{badge_id}", "delete_badge")
def delete_badge(call: Call) -> Any:
    """Forget a badge."""
    badge = item_named(call, "badge", "badge_id")
    estate_of(call).remove([badge])
    return {"id": badge.id, "deleted": True}


@operation("GET", "/badges/{badge_id}/status", "get_badge_status")
def get_badge_status(call: Call) -> Any:
    """Tell what a badge shows: failing while an alert that it looks at is open or data is stale."""
    badge, estate, now = item_named(call, "badge", "badge_id"), estate_of(call), call.airflow.now()
    asset = asset_named(call, badge.asset_id or "")
    tables = estate.tables_of(asset)
    stale = badge.facts["freshness_enabled"] and any(table.freshness(now) == "stale" for table in tables)
    drift = badge.facts["schema_drift_enabled"] and any(
        unresolved(alert) and alert.facts["event_type"] == "schema_drift"
        for table in tables
        for alert in estate.items("alert", table.id)
    )
    status = "unknown" if not badge.facts["is_active"] else "failing" if stale or drift else "passing"
    return {"badge_id": badge.id, "status": status, "badge_url": badge_view(call, badge)["badge_url"]}
