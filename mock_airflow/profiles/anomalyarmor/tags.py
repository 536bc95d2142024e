"""Tags on assets and what is in them."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor.answers import page
from mock_airflow.profiles.anomalyarmor.api import asset_named, estate_of, fields_of, one_of, resource
from mock_airflow.profiles.anomalyarmor.records import Asset, Item

operation = resource("Tags")

_CATEGORIES = ("business", "technical", "governance", "compliance")


def tag_view(tag: Item) -> dict[str, Any]:
    """A tag where it was put."""
    facts = tag.facts
    return {
        "id": tag.id,
        "name": facts["name"],
        "category": facts["category"],
        "description": facts.get("description"),
        "object_path": facts.get("object_path"),
        "object_type": facts.get("object_type"),
        "asset_id": tag.asset_id,
        "created_at": tag.created_at,
    }


def _put(call: Call, asset: Asset, name: str, category: str, path: str | None, **more: Any) -> Item:
    """A tag on an object; putting it there again changes nothing."""
    for tag in estate_of(call).items("tag", asset.id):
        if (tag.facts["name"], tag.facts.get("object_path")) == (name, path):
            return tag
    return estate_of(call).add("tag", asset_id=asset.id, name=name, category=category, object_path=path, **more)


@operation("GET", "/tags", "list_tags")
def list_tags(call: Call) -> Any:
    """List an asset's tags."""
    asset, query = asset_named(call, call.query.get("asset_id", "")), call.query
    tags = [
        tag
        for tag in estate_of(call).items("tag", asset.id)
        if query.get("category") in (None, tag.facts["category"])
        and query.get("object_path") in (None, tag.facts.get("object_path"))
    ]
    return page(tags, tag_view, query, call.settings, name="tags", default=100, maximum=500)


@operation("POST", "/tags", "create_tag", success=201)
def create_tag(call: Call) -> Any:
    """Put a tag on an object."""
    fields = fields_of(
        call,
        required={"asset_id": "text", "name": "text", "object_path": "text"},
        optional={"category": "text", "object_type": "text", "description": "text"},
    )
    category = fields.get("category", "business")
    one_of(call.settings, "category", category, _CATEGORIES)
    asset = asset_named(call, fields["asset_id"])
    more = {"object_type": fields.get("object_type", "table"), "description": fields.get("description")}
    return tag_view(_put(call, asset, fields["name"], category, fields["object_path"], **more))


@operation("POST", "/tags/apply", "apply_tags")
def apply_tags(call: Call) -> Any:
    """Put each of several tags on each of several objects."""
    fields = fields_of(
        call,
        required={"asset_id": "text", "tag_names": "list", "object_paths": "list"},
        optional={"category": "text", "object_type": "text"},
    )
    category = fields.get("category", "business")
    one_of(call.settings, "category", category, _CATEGORIES)
    asset = asset_named(call, fields["asset_id"])
    pairs = [(str(name), str(path)) for name in fields["tag_names"] for path in fields["object_paths"]]
    for name, path in pairs:
        _put(call, asset, name, category, path, object_type=fields.get("object_type", "table"))
    return {"applied": len(pairs), "failed": 0, "total": len(pairs)}


@operation("POST", "/tags/bulk-apply", "bulk_apply_tag")
def bulk_apply_tag(call: Call) -> Any:
    """Put a tag on several assets; tells how many of them exist."""
    fields = fields_of(call, required={"tag_name": "text", "asset_ids": "list"}, optional={"category": "text"})
    category = fields.get("category", "business")
    one_of(call.settings, "category", category, _CATEGORIES)
    known = [asset for wanted in fields["asset_ids"] if (asset := estate_of(call).asset(str(wanted))) is not None]
    for asset in known:
        _put(call, asset, fields["tag_name"], category, None)
    total = len(fields["asset_ids"])
    return {"applied": len(known), "failed": total - len(known), "total": total}
