"""Connections, and testing them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mock_airflow.access.permissions import on
from mock_airflow.answers import HTML, Answer, Oops, Refusal
from mock_airflow.api.airflow2 import update_mask
from mock_airflow.api.airflow2.parameters import ORDER_BY, PAGE, UPDATE_MASK
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.domain import connection_tests, connections
from mock_airflow.domain.errors import NotStorableError
from mock_airflow.domain.records import Connection
from mock_airflow.journal.why import Why

operation = API.tagged("Connection")

CONNECTION_ITEM = Schema(
    "ConnectionCollectionItem",
    Field("connection_id", max_length=250, checked=True),
    Field("conn_type", max_length=500),
    Field("description", nullable=True),
    Field("host", nullable=True, max_length=500),
    Field("login", nullable=True),
    Field("schema", nullable=True, max_length=500),
    Field("port", "integer", nullable=True),
)
CONNECTION = Schema(
    "Connection",
    *CONNECTION_ITEM.fields.values(),
    Field("password", format="password", write_only=True),
    Field("extra", nullable=True, of=connections.shown_extra),
    demanded=("connection_id", "conn_type"),
)
CONNECTION_TEST = Schema("ConnectionTest", Field("status", "boolean"), Field("message"))
_TEST_DISABLED = "Testing connections is disabled in Airflow configuration. Contact your deployment admin to enable it."
_ORDERS = ("connection_id", "conn_type", "description", "host", "port", "id")
_IN_MASK = {name: name for name in CONNECTION.fields if name != "connection_id"}


@contextmanager
def _into_database() -> Iterator[None]:
    """What the database refuses is Airflow's error page (observed)."""
    try:
        yield
    except NotStorableError as error:
        raise Oops(str(error)) from None


@operation(
    "GET",
    "/connections",
    access=on("GET", "Connections"),
    query=(*PAGE, ORDER_BY),
    answer=CONNECTION_ITEM,
    listed="connections",
)
def get_connections(call: Call) -> Answer:
    """List connections, without password and extra."""
    rows = sorted(call.airflow.connections, key=lambda row: row.id)  # one whose id was emptied keeps its place
    return call.collection("connections", CONNECTION_ITEM, call.page(rows, "id", _ORDERS))


@operation(
    "POST",
    "/connections",
    access=on("POST", "Connections"),
    body=CONNECTION,
    answer=CONNECTION,
    conflicts=True,
    event="connection.create",
)
def post_connection(call: Call) -> Answer:
    """Make a connection."""
    form = call.load()
    with _into_database():
        return call.one(CONNECTION, connections.create(call.airflow, **form))


@operation("GET", "/connections/{connection_id}", access=on("GET", "Connections"), answer=CONNECTION)
def get_connection(call: Call) -> Answer:
    """Read a connection; its password is never told, secrets in its extra are masked."""
    return call.one(CONNECTION, connections.get(call.airflow, call.path["connection_id"]))


@operation(
    "PATCH",
    "/connections/{connection_id}",
    access=on("PUT", "Connections"),
    query=(UPDATE_MASK,),
    body=CONNECTION,
    answer=CONNECTION,
    event="connection.edit",
)
def patch_connection(call: Call) -> Answer:
    """Change what is sent of a connection, or of that what ``update_mask`` names."""
    values = call.load(partial=True)
    connection = connections.get(call.airflow, call.path["connection_id"])
    connections.see_that_id_stays(connection, values.get("connection_id"))
    if call.query.get("update_mask"):
        values = update_mask.chosen(values, call.query["update_mask"], _IN_MASK)
    with _into_database():
        return call.one(CONNECTION, connections.change(call.airflow, connection.connection_id, **values))


@operation(
    "DELETE", "/connections/{connection_id}", access=on("DELETE", "Connections"), event="connection.delete", success=204
)
def delete_connection(call: Call) -> None:
    """Delete a connection."""
    connections.delete(call.airflow, call.path["connection_id"])


@operation("POST", "/connections/test", access=on("POST", "Connections"), body=CONNECTION, answer=CONNECTION_TEST)
def test_connection(call: Call) -> Answer:
    """Test a connection that need not exist; no socket is opened."""
    if call.settings.test_connection != "Enabled":
        raise Refusal(
            status=403,
            body=_TEST_DISABLED,
            content_type=HTML,
            why=Why(
                f"The setting test_connection is {call.settings.test_connection}.",
                would_pass="the setting test_connection=Enabled",
            ),
        )
    tried = Connection(id=0, **call.load())
    return call.one(CONNECTION_TEST, connection_tests.outcome(call.airflow, tried))
