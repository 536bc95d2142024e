"""Assets, data sources and what is in them; their tags; lineage, which of them feed which; jobs that look at them.

The documented fields and the package's stand side by side. Airflow datasets are linked by the DAGs that read some and
write others. A job takes the seconds of the setting ``anomalyarmor_job_seconds`` on the deployment's clock (assumed:
none).
"""

from __future__ import annotations

from typing import Any

from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset
from mock_airflow.profiles.anomalyarmor.items import Items
from mock_airflow.profiles.anomalyarmor.resource import ArmorResource, Facts, get, post

_SOURCES = "snowflake|postgresql|databricks|bigquery|redshift|mysql|clickhouse"  # code
_CATEGORY = "category:business|technical|governance|compliance"
_ROW_BYTES = 100  # what a row is taken to weigh
_DEEPEST = 5  # documented


class Assets(ArmorResource):
    """Data sources, and tables and views in them."""

    tag = "Assets"
    view = (
        "id qualified_name name asset_type source=source_type source_type database schema|null description|null"
        " row_count column_count is_active created_at updated_at"
    )
    detailed_view = f"{view} database_name=database table_count total_size_bytes columns=columns_as_json tags"

    def _column_count(self, asset: WatchedAsset) -> int:
        return len(asset.columns)

    def _table_count(self, asset: WatchedAsset) -> int:
        return len(self.estate.tables_of(asset))

    def _total_size_bytes(self, asset: WatchedAsset) -> int:
        return sum(table.row_count for table in self.estate.tables_of(asset)) * _ROW_BYTES

    def _tags(self, asset: WatchedAsset) -> list[Any]:
        return [tag["name"] for tag in self.estate.items("tag", asset.id)]

    @get("/assets", documented=True)
    def list_assets(self) -> Any:
        """List the assets, by source, type and a part of the name."""
        source, search = self.query.get("source"), self.query.get("search", "").lower()
        kind = self.query.get("asset_type") or self.query.get("type")
        return self.page(
            asset
            for asset in self.estate.assets
            if (not source or source in (asset.source_type, asset.source))
            and (not kind or kind in (asset.asset_type, asset.source_type))
            and (not search or search in asset.qualified_name.lower())
        )

    @get("/assets/{asset_id}", documented=True)
    def get_asset(self, asset: WatchedAsset) -> Any:
        """Show an asset by id or qualified name."""
        return self.shown(asset, self.detailed_view)

    @post(
        "/assets",
        f"name source_type:{_SOURCES} connection_config:object description?",
        success=201,
        confidential=True,
    )
    def create_asset(self, name: str, source_type: str, description: str | None) -> Any:
        """Connect a data source. Nothing of its connection is kept but the name of its database."""
        database = "".join(character if character.isalnum() else "_" for character in name.lower())
        said = name if description is None else description
        asset = self.estate.new_source(source_type, database, self.now, said)
        if self.estate.asset(asset.qualified_name) is not None:
            raise self.invalid(f"There is a data source {asset.qualified_name} already", field="name")
        return self.shown(self.estate.assets.put(asset), self.detailed_view)

    @post("/assets/{asset_id}/test-connection")
    def test_asset_connection(self, asset: WatchedAsset) -> Any:
        """Say whether a data source can be reached, which it always can."""
        return {"success": True, "latency_ms": 42, "error_message": None, "error_code": None, "tested_at": self.now}

    @post("/assets/{asset_id}/discover")
    def discover_asset(self, asset: WatchedAsset) -> Any:
        """Start to look for tables and columns."""
        return self.started("asset_discovery", asset, "started", "Discovery started", "started_at")


class Jobs(Items):
    """What was started, by its id."""

    tag, kind, noun, where, one, verbs = "Jobs", "job", "job", "/jobs", "job_id", "get"
    view = "job_id=id status workflow_name=workflow asset_id progress error created_at completed_at=done_at"

    def _status(self, job: Item) -> str:
        if job["cancelled"]:
            return "cancelled"
        if job.done_at is not None:
            return "completed"
        return "pending" if self.now <= job.created_at else "running"

    def _progress(self, job: Item) -> int:
        """How far it is, in percent."""
        if job.done_at is not None:
            return 100
        whole = 0.0 if job.ends_at is None else (job.ends_at - job.created_at).total_seconds()
        return min(99, int(100 * (self.now - job.created_at).total_seconds() / whole)) if whole else 0

    @post("/jobs/{job_id}/cancel")
    def cancel_job(self, job: Item) -> Any:
        """Stop a job that is not at its end; what it would have done is not done."""
        return self.shown(job if job.done_at is not None else self.estate.change(job, cancelled=True))


class Tags(Items):
    """Tags, each of an object of an asset."""

    tag, kind, noun, where, one, verbs = "Tags", "tag", "tag", "/tags", "tag_id", "list"
    view = "id name category description object_path object_type asset_id created_at"
    asset_filter, filters = "required", "category object_path"
    listed_as, default, maximum = "tags", 100, 500

    def _put(self, asset: WatchedAsset, name: str, path: str | None, fields: Facts) -> Item:
        """A tag on an object; putting it there again changes nothing."""
        for tag in self.estate.items("tag", asset.id):
            if (tag["name"], tag["object_path"]) == (name, path):
                return tag
        told = {one: fields[one] for one in ("category", "object_type", "description") if one in fields}
        facts = {"category": "business", **told}
        return self.estate.add("tag", asset_id=asset.id, name=name, object_path=path, **facts)

    @post("/tags", f"asset_id name object_path {_CATEGORY}? object_type=table description?", success=201)
    def create_tag(self, asset: WatchedAsset, name: str, object_path: str, fields: Facts) -> Any:
        """Put a tag on an object."""
        return self.shown(self._put(asset, name, object_path, fields))

    @post("/tags/apply", f"asset_id tag_names:list object_paths:list {_CATEGORY}? object_type=table")
    def apply_tags(self, asset: WatchedAsset, tag_names: list[Any], object_paths: list[Any], fields: Facts) -> Any:
        """Put each of several tags on each of several objects."""
        pairs = [(str(name), str(path)) for name in tag_names for path in object_paths]
        for name, path in pairs:
            self._put(asset, name, path, fields)
        return {"applied": len(pairs), "failed": 0, "total": len(pairs)}

    @post("/tags/bulk-apply", f"tag_name asset_ids:list {_CATEGORY}?")
    def bulk_apply_tag(self, tag_name: str, asset_ids: list[Any], fields: Facts) -> Any:
        """Put a tag on several assets; says how many of them exist."""
        known = [asset for one in asset_ids if (asset := self.estate.asset(str(one))) is not None]
        for asset in known:
            self._put(asset, tag_name, None, fields)
        return {"applied": len(known), "failed": len(asset_ids) - len(known), "total": len(asset_ids)}


class Lineage(ArmorResource):
    """Which assets feed which."""

    tag = "Lineage"
    view = "id qualified_name name asset_type source_type"
    edge_view = 'source target edge_type|"data_flow" confidence|1.0'

    @get("/lineage", documented=True)
    def list_lineage(self) -> Any:
        """List the assets that feed another or are fed by one."""
        up, down = self.estate.neighbours()
        return self.page(asset for asset in self.estate.assets if asset.id in up or asset.id in down)

    @get("/lineage/{asset_id}", documented=True)
    def get_lineage(self) -> Any:
        """Show what an asset depends on, and what depends on it, up to five steps away."""
        depth = self.number("depth", 1, 1, _DEEPEST)
        direction = self.choice("direction", ("upstream", "downstream", "both"), "both")
        root = self.asset()
        edges: dict[tuple[str, str], None] = {}
        told: dict[str, list[Facts]] = {}
        assets = {asset.id: asset for asset in self.estate.assets}
        for name, steps in zip(("upstream", "downstream"), self.estate.neighbours(), strict=True):
            reached = _reached(root.id, steps, depth) if direction in (name, "both") else []
            edges |= dict.fromkeys((far, near) if name == "upstream" else (near, far) for near, far in reached)
            others = dict.fromkeys(far for _, far in reached if far != root.id)
            told[name] = [self.shown(assets[other]) for other in others]
        linked = [
            {"source": assets[one].qualified_name, "target": assets[other].qualified_name} for one, other in edges
        ]
        return {"root": self.shown(root), **told, "edges": [self.shown(edge, self.edge_view) for edge in linked]}


def _reached(start: str, steps: dict[str, list[str]], depth: int) -> list[tuple[str, str]]:
    """The edges that up to so many steps take, nearest first."""
    seen, here, edges = {start}, [start], []
    for _ in range(depth):
        found = [(near, far) for near in here for far in steps.get(near, ())]
        edges += found
        here = [far for far in dict.fromkeys(far for _, far in found) if far not in seen]
        seen.update(here)
    return edges
