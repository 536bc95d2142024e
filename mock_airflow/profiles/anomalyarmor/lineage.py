"""Lineage: which assets feed which. Airflow datasets are linked by the DAGs that read some and write others."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor.answers import number, page
from mock_airflow.profiles.anomalyarmor.api import asset_named, estate_of, one_of, resource
from mock_airflow.profiles.anomalyarmor.records import Asset

operation = resource("Lineage")

_DEEPEST = 5  # documented


def node_view(asset: Asset) -> dict[str, Any]:
    """An asset as a node."""
    return {
        "id": asset.id,
        "qualified_name": asset.qualified_name,
        "name": asset.name,
        "asset_type": asset.asset_type,
        "source_type": asset.source_type,
    }


@operation("GET", "/lineage", "list_lineage", documented=True)
def list_lineage(call: Call) -> Any:
    """List the assets that feed another or are fed by one."""
    up, down = estate_of(call).neighbours()
    linked = [asset for asset in estate_of(call).assets() if asset.id in up or asset.id in down]
    return page(linked, node_view, call.query, call.settings)


@operation("GET", "/lineage/{asset_id}", "get_lineage", documented=True)
def get_lineage(call: Call) -> Any:
    """Tell what an asset depends on, and what depends on it, up to five steps away."""
    settings, query = call.settings, call.query
    depth = number(query, "depth", 1, 1, _DEEPEST, settings)
    direction = query.get("direction", "both")
    one_of(settings, "direction", direction, ("upstream", "downstream", "both"))
    root, estate = asset_named(call), estate_of(call)
    up, down = estate.neighbours()
    edges: dict[tuple[str, str], None] = {}
    told: dict[str, list[dict[str, Any]]] = {"upstream": [], "downstream": []}
    for name, steps in (("upstream", up), ("downstream", down)):
        if direction in (name, "both"):
            for near, far in reached(root.id, steps, depth):
                edges[(far, near) if name == "upstream" else (near, far)] = None
                asset = estate.asset(far)
                if asset is not None and far != root.id and node_view(asset) not in told[name]:
                    told[name].append(node_view(asset))
    names = {asset.id: asset.qualified_name for asset in estate.assets()}
    return {
        "root": node_view(root),
        **told,
        "edges": [
            {"source": names[source], "target": names[target], "edge_type": "data_flow", "confidence": 1.0}
            for source, target in edges
        ],
    }


def reached(start: str, steps: dict[str, list[str]], depth: int) -> list[tuple[str, str]]:
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
