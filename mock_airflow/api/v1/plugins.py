"""Plugins."""

from __future__ import annotations

from typing import Any

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.parameters import PAGE
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.domain.installation.plugins import PARTS
from mock_airflow.domain.query import paged
from mock_airflow.domain.records import Plugin

operation = API.tagged("Plugin")


def _part(name: str) -> Field:
    def read(plugin: Plugin) -> Any:
        return plugin.parts[name]

    views = name in ("appbuilder_views", "appbuilder_menu_items")
    nullable = name not in ("ti_deps", "listeners", "timetables")
    return Field(name, "array", of=read, items=Field("", "object" if views else "string", nullable=nullable))


PLUGIN = Schema(
    "PluginCollectionItem",
    Field("name"),
    *(_part(name) for name in PARTS[:-3]),
    Field("source", nullable=True),
    *(_part(name) for name in PARTS[-3:]),
)


@operation("GET", "/plugins", access=on("GET", "Plugins"), query=PAGE, answer=PLUGIN, listed="plugins")
def get_plugins(call: Call) -> Answer:
    """List loaded plugins."""
    rows, offset = list(call.airflow.plugins), call.query.get("offset")  # no database is asked: of any size (observed)
    return call.collection("plugins", PLUGIN, paged(rows, offset=offset, limit=call.limit))
