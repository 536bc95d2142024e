"""Installed provider packages."""

from __future__ import annotations

from typing import Any

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.parameters import PAGE
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.lists import listing
from mock_airflow.domain.installation import providers
from mock_airflow.domain.records import Provider

operation = API.tagged("Provider")

_DOCUMENTS = "https://airflow.apache.org/docs"


def _view(call: Call, provider: Provider) -> dict[str, Any]:
    return {
        "package_name": provider.package_name,
        "description": provider.description,
        "version": provider.version,
        "documentation_url": provider.documentation_url or f"{_DOCUMENTS}/{provider.package_name}/{provider.version}",
    }


@operation("GET", "/providers", access=on("GET", "Providers"), query=PAGE, answer="ProviderCollectionResponse")
def get_providers(call: Call) -> Answer:
    """List provider packages by name."""
    return listing(call, "providers", providers.installed(call.airflow), _view)
