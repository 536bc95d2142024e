"""Assets, data sources and what is in them, and lineage, which of them feed which.

The documented fields and the package's stand side by side. Airflow datasets are linked by the DAGs that read some and
write others.
"""

from __future__ import annotations

from typing import Any

from mock_airflow.profiles.anomalyarmor.estate import WatchedAsset, data_source
from mock_airflow.profiles.anomalyarmor.resource import ArmorResource, Facts, get, post
from mock_airflow.profiles.anomalyarmor.resources.jobs import JobResource

_SOURCES = "snowflake|postgresql|databricks|bigquery|redshift|mysql|clickhouse"  # code
_ROW_BYTES = 100  # what a row is taken to weigh
_DEEPEST = 5  # documented


class Assets(JobResource):
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
            for asset in self.estate.assets()
            if (not source or source in (asset.source_type, asset.source))
            and (not kind or kind in (asset.asset_type, asset.source_type))
            and (not search or search in asset.qualified_name.lower())
        )

    @get("/assets/{asset_id}", documented=True)
    def get_asset(self) -> Any:
        """Show an asset by id or qualified name."""
        return self.shown(self.asset(), self.detailed_view)

    @post("/assets", success=201, confidential=True)
    def create_asset(self) -> Any:
        """Connect a data source. Nothing of its connection is kept but the name of its database."""
        fields = self.fields(f"name source_type:{_SOURCES} connection_config:object description?")
        name, description = fields["name"], str(fields.get("description", fields["name"]))
        database = "".join(character if character.isalnum() else "_" for character in name.lower())
        asset = data_source(self.estate, fields["source_type"], database, self.now, description)
        if self.estate.asset(asset.qualified_name) is not None:
            raise self.invalid(f"There is a data source {asset.qualified_name} already", field="name")
        return self.shown(self.estate.put_asset(asset), self.detailed_view)

    @post("/assets/{asset_id}/test-connection")
    def test_asset_connection(self) -> Any:
        """Say whether a data source can be reached, which it always can."""
        self.asset()
        return {"success": True, "latency_ms": 42, "error_message": None, "error_code": None, "tested_at": self.now}

    @post("/assets/{asset_id}/discover")
    def discover_asset(self) -> Any:
        """Start to look for tables and columns."""
        return self.started("asset_discovery", "started", "Discovery started", "started_at")


class Lineage(ArmorResource):
    """Which assets feed which."""

    tag = "Lineage"
    view = "id qualified_name name asset_type source_type"

    @get("/lineage", documented=True)
    def list_lineage(self) -> Any:
        """List the assets that feed another or are fed by one."""
        up, down = self.estate.neighbours()
        return self.page(asset for asset in self.estate.assets() if asset.id in up or asset.id in down)

    @get("/lineage/{asset_id}", documented=True)
    def get_lineage(self) -> Any:
        """Show what an asset depends on, and what depends on it, up to five steps away."""
        depth = self.number("depth", 1, 1, _DEEPEST)
        direction = self.choice("direction", ("upstream", "downstream", "both"), "both")
        root = self.asset()
        edges: dict[tuple[str, str], None] = {}
        told: dict[str, list[Facts]] = {}
        assets = {asset.id: asset for asset in self.estate.assets()}
        for name, steps in zip(("upstream", "downstream"), self.estate.neighbours(), strict=True):
            reached = _reached(root.id, steps, depth) if direction in (name, "both") else []
            edges |= dict.fromkeys((far, near) if name == "upstream" else (near, far) for near, far in reached)
            others = dict.fromkeys(far for _, far in reached if far != root.id)
            told[name] = [self.shown(assets[other]) for other in others]
        linked = [
            {"source": assets[source].qualified_name, "target": assets[target].qualified_name}
            | {"edge_type": "data_flow", "confidence": 1.0}
            for source, target in edges
        ]
        return {"root": self.shown(root), **told, "edges": linked}


def _reached(start: str, steps: dict[str, list[str]], depth: int) -> list[tuple[str, str]]:
    """The edges that up to so many steps take, nearest first."""
    seen, here, edges = {start}, [start], []
    for _ in range(depth):
        found = [(near, far) for near in here for far in steps.get(near, ())]
        edges += found
        here = [far for far in dict.fromkeys(far for _, far in found) if far not in seen]
        seen.update(here)
    return edges
