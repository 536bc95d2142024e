"""Tags on assets and what is in them."""

from __future__ import annotations

from typing import Any

from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset
from mock_airflow.profiles.anomalyarmor.items import Items
from mock_airflow.profiles.anomalyarmor.resource import Facts, post

_CATEGORY = "category:business|technical|governance|compliance"


class Tags(Items):
    """Tags, each of an object of an asset."""

    tag, kind, noun, where, one, verbs = "Tags", "tag", "tag", "/tags", "tag_id", "list"
    view = "id name category description object_path object_type asset_id created_at"
    asset_filter, filters = "required", "category object_path"
    listed_as, default, maximum = "tags", 100, 500

    def _put(self, asset: WatchedAsset, name: str, path: str | None, more: Facts) -> Item:
        """A tag on an object; putting it there again changes nothing."""
        for tag in self.estate.items("tag", asset.id):
            if (tag["name"], tag["object_path"]) == (name, path):
                return tag
        facts = {"category": "business", **more}
        return self.estate.add("tag", asset_id=asset.id, name=name, object_path=path, **facts)

    @post("/tags", success=201)
    def create_tag(self) -> Any:
        """Put a tag on an object."""
        fields = self.fields(f"asset_id name object_path {_CATEGORY}? object_type=table description?")
        asset, name, path = self.asset(fields.pop("asset_id")), fields.pop("name"), fields.pop("object_path")
        return self.shown(self._put(asset, name, path, fields))

    @post("/tags/apply")
    def apply_tags(self) -> Any:
        """Put each of several tags on each of several objects."""
        fields = self.fields(f"asset_id tag_names:list object_paths:list {_CATEGORY}? object_type=table")
        asset, names, paths = self.asset(fields.pop("asset_id")), fields.pop("tag_names"), fields.pop("object_paths")
        pairs = [(str(name), str(path)) for name in names for path in paths]
        for name, path in pairs:
            self._put(asset, name, path, fields)
        return {"applied": len(pairs), "failed": 0, "total": len(pairs)}

    @post("/tags/bulk-apply")
    def bulk_apply_tag(self) -> Any:
        """Put a tag on several assets; says how many of them exist."""
        fields = self.fields(f"tag_name asset_ids:list {_CATEGORY}?")
        name, wanted = fields.pop("tag_name"), fields.pop("asset_ids")
        known = [asset for one in wanted if (asset := self.estate.asset(str(one))) is not None]
        for asset in known:
            self._put(asset, name, None, fields)
        return {"applied": len(known), "failed": len(wanted) - len(known), "total": len(wanted)}
