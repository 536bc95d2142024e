"""The names of the actions that a role may permit; Airflow calls them permissions here."""

from __future__ import annotations

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.parameters import PAGE
from mock_airflow.api.fab import in_both
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.roles import ACTION
from mock_airflow.domain.query import paged

operation = in_both(API, "Permission")


@operation("GET", "/permissions", access=on("GET", "Permissions"), query=PAGE, answer=ACTION, listed="actions")
def get_permissions(call: Call) -> Answer:
    """List actions."""
    limit = call.limit
    return call.collection("actions", ACTION, paged(call.airflow.actions, offset=call.offset, limit=limit))
