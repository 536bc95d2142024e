"""Tags on assets and what is in them."""

from __future__ import annotations

from typing import Any

from mock_airflow.profiles.anomalyarmor.api import Ask, Shape, resource
from mock_airflow.profiles.anomalyarmor.collection import ItemCollection
from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset

operation = resource("Tags")

_CATEGORIES = ("business", "technical", "governance", "compliance")

TAGS = ItemCollection(
    tag="Tags",
    kind="tag",
    noun="tag",
    path="/tags",
    one="tag_id",
    view=Shape("id name category description object_path object_type asset_id created_at"),
    asset_filter="required",
    filtered="category object_path",
    name="tags",
    default=100,
    maximum=500,
    verbs="list",
)


def _put(ask: Ask, asset: WatchedAsset, name: str, path: str | None, category: str = "business", **more: Any) -> Item:
    """A tag on an object; putting it there again changes nothing."""
    for tag in ask.estate.items("tag", asset.id):
        if (tag.facts["name"], tag.facts.get("object_path")) == (name, path):
            return tag
    return ask.estate.add("tag", asset_id=asset.id, name=name, category=category, object_path=path, **more)


@operation("POST", "/tags", success=201)
def create_tag(ask: Ask) -> Any:
    """Put a tag on an object."""
    fields = ask.fields("asset_id name object_path category? object_type? description?", category=_CATEGORIES)
    asset, name, path = ask.asset(fields.pop("asset_id")), fields.pop("name"), fields.pop("object_path")
    return TAGS.view(ask, _put(ask, asset, name, path, **{"object_type": "table", **fields}))


@operation("POST", "/tags/apply")
def apply_tags(ask: Ask) -> Any:
    """Put each of several tags on each of several objects."""
    fields = ask.fields("asset_id tag_names:list object_paths:list category? object_type?", category=_CATEGORIES)
    asset, names, paths = ask.asset(fields.pop("asset_id")), fields.pop("tag_names"), fields.pop("object_paths")
    pairs = [(str(name), str(path)) for name in names for path in paths]
    for name, path in pairs:
        _put(ask, asset, name, path, **{"object_type": "table", **fields})
    return {"applied": len(pairs), "failed": 0, "total": len(pairs)}


@operation("POST", "/tags/bulk-apply")
def bulk_apply_tag(ask: Ask) -> Any:
    """Put a tag on several assets; says how many of them exist."""
    fields = ask.fields("tag_name asset_ids:list category?", category=_CATEGORIES)
    name, wanted = fields.pop("tag_name"), fields.pop("asset_ids")
    known = [asset for one in wanted if (asset := ask.estate.asset(str(one))) is not None]
    for asset in known:
        _put(ask, asset, name, None, **fields)
    return {"applied": len(known), "failed": len(wanted) - len(known), "total": len(wanted)}
