"""Providers."""

from __future__ import annotations

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.domain.installation import providers
from mock_airflow.domain.query import Page

operation = API.tagged("Provider")

PROVIDER = Schema("Provider", Field("package_name"), Field("description"), Field("version"))


@operation("GET", "/providers", access=on("GET", "Providers"), answer=PROVIDER, listed="providers")
def get_providers(call: Call) -> Answer:
    """List installed provider packages, always all of them."""
    rows = providers.installed(call.airflow)
    return call.collection("providers", PROVIDER, Page(rows, len(rows)))
