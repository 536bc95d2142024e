"""Assets, data sources and what is in them, and lineage, which of them feed which.

The documented fields and the package's stand side by side. Airflow datasets are linked by the DAGs that read some and
write others.
"""

from __future__ import annotations

from typing import Any

from mock_airflow.profiles.anomalyarmor.api import Ask, Shape, resource
from mock_airflow.profiles.anomalyarmor.estate import WatchedAsset, data_source
from mock_airflow.profiles.anomalyarmor.resources.jobs import start, started

operation = resource("Assets")
lineage = resource("Lineage")

SOURCES = ("snowflake", "postgresql", "databricks", "bigquery", "redshift", "mysql", "clickhouse")  # code
_ROW_BYTES = 100  # what a row is taken to weigh
_DEEPEST = 5  # documented

_NAMES = (
    "id qualified_name name asset_type source=source_type source_type database schema description row_count"
    " column_count is_active created_at updated_at"
)
_MADE: dict[str, Any] = {
    "schema": lambda ask, asset: asset.schema or None,
    "description": lambda ask, asset: asset.description or None,
    "column_count": lambda ask, asset: len(asset.columns),
}
asset_view = Shape(_NAMES, **_MADE)
detailed_view = Shape(
    f"{_NAMES} database_name=database table_count total_size_bytes columns tags",
    **_MADE,
    table_count=lambda ask, asset: len(ask.estate.tables_of(asset)),
    total_size_bytes=lambda ask, asset: sum(one.row_count for one in ask.estate.tables_of(asset)) * _ROW_BYTES,
    columns=lambda ask, asset: columns_view(asset),
    tags=lambda ask, asset: [tag.facts["name"] for tag in ask.estate.items("tag", asset.id)],
)
node_view = Shape("id qualified_name name asset_type source_type")


def columns_view(asset: WatchedAsset) -> list[dict[str, Any]]:
    """The columns that are known of a table."""
    return [column._asdict() for column in asset.columns]


@operation("GET", "/assets", documented=True)
def list_assets(ask: Ask) -> Any:
    """List the assets, by source, type and a part of the name."""
    source, search = ask.query.get("source"), ask.query.get("search", "").lower()
    kind = ask.query.get("asset_type") or ask.query.get("type")
    found = [
        asset
        for asset in ask.estate.assets()
        if (not source or source in (asset.source_type, asset.source))
        and (not kind or kind in (asset.asset_type, asset.source_type))
        and (not search or search in asset.qualified_name.lower())
    ]
    return ask.page(found, asset_view)


@operation("GET", "/assets/{asset_id}", documented=True)
def get_asset(ask: Ask) -> Any:
    """Show an asset by id or qualified name."""
    return detailed_view(ask, ask.asset())


@operation("POST", "/assets", success=201, confidential=True)
def create_asset(ask: Ask) -> Any:
    """Connect a data source. Nothing of its connection is kept but the name of its database."""
    fields = ask.fields("name source_type connection_config:object description?", source_type=SOURCES)
    name, description = fields["name"], fields.get("description", fields["name"])
    database = "".join(character if character.isalnum() else "_" for character in name.lower())
    asset = data_source(ask.estate, fields["source_type"], database, ask.now, description)
    if ask.estate.asset(asset.qualified_name) is not None:
        raise ask.invalid(f"There is a data source {asset.qualified_name} already", field="name")
    return detailed_view(ask, ask.estate.put_asset(asset))


@operation("POST", "/assets/{asset_id}/test-connection")
def test_asset_connection(ask: Ask) -> Any:
    """Say whether a data source can be reached, which it always can."""
    ask.asset()
    return {"success": True, "latency_ms": 42, "error_message": None, "error_code": None, "tested_at": ask.now}


@operation("POST", "/assets/{asset_id}/discover")
def discover_asset(ask: Ask) -> Any:
    """Start to look for tables and columns."""
    return started(start(ask, "asset_discovery", ask.asset()), "started", "Discovery started", "started_at")


# ------------------------------------------------------------------------------------------------------------ lineage


@lineage("GET", "/lineage", documented=True)
def list_lineage(ask: Ask) -> Any:
    """List the assets that feed another or are fed by one."""
    up, down = ask.estate.neighbours()
    return ask.page([asset for asset in ask.estate.assets() if asset.id in up or asset.id in down], node_view)


@lineage("GET", "/lineage/{asset_id}", documented=True)
def get_lineage(ask: Ask) -> Any:
    """Show what an asset depends on, and what depends on it, up to five steps away."""
    depth = ask.number("depth", 1, 1, _DEEPEST)
    direction = ask.choice("direction", ("upstream", "downstream", "both"), "both")
    root = ask.asset()
    up, down = ask.estate.neighbours()
    edges: dict[tuple[str, str], None] = {}
    told: dict[str, list[dict[str, Any]]] = {"upstream": [], "downstream": []}
    for name, steps in (("upstream", up), ("downstream", down)):
        for near, far in _reached(root.id, steps, depth) if direction in (name, "both") else ():
            edges[(far, near) if name == "upstream" else (near, far)] = None
            asset = ask.estate.asset(far)
            if asset is not None and far != root.id and node_view(ask, asset) not in told[name]:
                told[name].append(node_view(ask, asset))
    names = {asset.id: asset.qualified_name for asset in ask.estate.assets()}
    linked = [
        {"source": names[source], "target": names[target], "edge_type": "data_flow", "confidence": 1.0}
        for source, target in edges
    ]
    return {"root": node_view(ask, root), **told, "edges": linked}


def _reached(start: str, steps: dict[str, list[str]], depth: int) -> list[tuple[str, str]]:
    """The edges that up to so many steps take, nearest first."""
    seen, here, edges = {start}, [start], []
    for _ in range(depth):
        there: list[str] = []
        for near in here:
            for far in steps.get(near, ()):
                edges.append((near, far))
                if far not in seen:
                    seen.add(far)
                    there.append(far)
        here = there
    return edges
