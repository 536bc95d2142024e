"""Assets: data sources and what is in them. The documented fields and the package's stand side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import page
from mock_airflow.profiles.anomalyarmor.api import asset_named, estate_of, fields_of, one_of, resource
from mock_airflow.profiles.anomalyarmor.estate import Estate, data_source
from mock_airflow.profiles.anomalyarmor.jobs import start, started
from mock_airflow.profiles.anomalyarmor.records import Asset

operation = resource("Assets")

SOURCES = ("snowflake", "postgresql", "databricks", "bigquery", "redshift", "mysql", "clickhouse")  # code
_ROW_BYTES = 100  # what a row is taken to weigh


def asset_view(asset: Asset) -> dict[str, Any]:
    """An asset as lists show it."""
    return {
        "id": asset.id,
        "qualified_name": asset.qualified_name,
        "name": asset.name,
        "asset_type": asset.asset_type,
        "source": asset.source_type,
        "source_type": asset.source_type,
        "database": asset.database,
        "schema": asset.schema or None,
        "description": asset.description or None,
        "row_count": asset.row_count,
        "column_count": len(asset.columns),
        "is_active": asset.is_active,
        "created_at": asset.created_at,
        "updated_at": asset.updated_at,
    }


def detailed(estate: Estate, asset: Asset) -> dict[str, Any]:
    """An asset as it shows by itself."""
    tables = estate.tables_of(asset)
    return {
        **asset_view(asset),
        "database_name": asset.database,
        "table_count": len(tables),
        "total_size_bytes": sum(table.row_count for table in tables) * _ROW_BYTES,
        "columns": columns_view(asset),
        "tags": [tag.facts["name"] for tag in estate.items("tag", asset.id)],
    }


def columns_view(asset: Asset) -> list[dict[str, Any]]:
    """The columns that are known of a table."""
    return [{"name": column.name, "type": column.type, "nullable": column.nullable} for column in asset.columns]


def found(assets: list[Asset], query: Mapping[str, str]) -> list[Asset]:
    """The assets that the filters of a list leave."""
    source, search = query.get("source"), query.get("search", "").lower()
    kind = query.get("asset_type") or query.get("type")
    return [
        asset
        for asset in assets
        if (not source or source in (asset.source_type, asset.source))
        and (not kind or kind in (asset.asset_type, asset.source_type))
        and (not search or search in asset.qualified_name.lower())
    ]


@operation("GET", "/assets", "list_assets", documented=True)
def list_assets(call: Call) -> Any:
    """List the assets, by source, type and a part of the name."""
    return page(found(estate_of(call).assets(), call.query), asset_view, call.query, call.settings)


@operation("GET", "/assets/{asset_id}", "get_asset", documented=True)
def get_asset(call: Call) -> Any:
    """Tell of an asset by id or qualified name."""
    return detailed(estate_of(call), asset_named(call))


@operation("POST", "/assets", "create_asset", success=201, confidential=True)
def create_asset(call: Call) -> Any:
    """Connect a data source. Nothing of its connection is kept but the name of its database."""
    fields = fields_of(
        call,
        required={"name": "text", "source_type": "text", "connection_config": "object"},
        optional={"description": "text"},
    )
    one_of(call.settings, "source_type", fields["source_type"], SOURCES)
    estate = estate_of(call)
    database = "".join(character if character.isalnum() else "_" for character in fields["name"].lower())
    asset = data_source(
        estate, fields["source_type"], database, call.airflow.now(), fields.get("description", fields["name"])
    )
    if estate.asset(asset.qualified_name) is not None:
        raise answers.invalid(call.settings, f"There is a data source {asset.qualified_name} already", field="name")
    return detailed(estate, estate.put_asset(asset))


@operation("POST", "/assets/{asset_id}/test-connection", "test_asset_connection")
def test_asset_connection(call: Call) -> Any:
    """Tell whether a data source can be reached, which it always can."""
    asset_named(call)
    told = {"success": True, "latency_ms": 42, "error_message": None, "error_code": None}
    return {**told, "tested_at": call.airflow.now()}


@operation("POST", "/assets/{asset_id}/discover", "discover_asset")
def discover_asset(call: Call) -> Any:
    """Start to look for tables and columns."""
    return started(call, start(call, "asset_discovery", asset_named(call)), "Discovery started")
