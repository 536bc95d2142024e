"""Loaded plugins, and the files of plugins that could not be loaded."""

from __future__ import annotations

from typing import Any

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import PAGE
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.lists import listing
from mock_airflow.domain.installation.plugins import PARTS_3
from mock_airflow.domain.records import Plugin

operation = API.tagged("Plugin")


def _view(call: Call, plugin: Plugin) -> dict[str, Any]:
    told: dict[str, Any] = {"name": plugin.name}
    for part in PARTS_3:
        if part == "listeners":
            told["source"] = plugin.source
        told[part] = plugin.parts.get(part) or []
    return told


@operation("GET", "/plugins", access=on("GET", "Plugins"), query=PAGE, answer="PluginCollectionResponse")
def get_plugins(call: Call) -> Answer:
    """List the plugins by name."""
    return listing(call, "plugins", sorted(call.airflow.plugins, key=lambda plugin: plugin.name), _view)


@operation("GET", "/plugins/importErrors", access=on("GET", "Plugins"), answer="PluginImportErrorCollectionResponse")
def import_errors(call: Call) -> Answer:
    """List the plugins that could not be imported: none, as the plugins are told and not imported."""
    return answer({"import_errors": [], "total_entries": 0})
