"""Connections. Passwords, and what sounds secret in the extra, are masked (observed)."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.body import TeamlessBody
from mock_airflow.api.airflow3.dialect import BulkAccess, answer
from mock_airflow.api.airflow3.parameters import PAGE, UPDATE_MASK, order_by, order_keys, pattern
from mock_airflow.api.airflow3.problems import Detail, unique_violation
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.bulk import BulkBody, BulkCollection
from mock_airflow.api.v2.filters import matching
from mock_airflow.api.v2.lists import OwnView, listing, ordered
from mock_airflow.domain import connections
from mock_airflow.domain.errors import ConnectionIdTakenError
from mock_airflow.domain.masking import MASK, masked_in_3 as masked
from mock_airflow.domain.records import Connection

operation = API.tagged("Connection")

ORDER_KEYS = order_keys(
    *("id", "connection_id", "conn_type", "description", "host", "port"),
    conn_id="connection_id",
    team_name=lambda row: None,
)
_FIELDS = ("conn_type", "description", "host", "login", "schema", "port", "password", "extra")


def _object(text: str | None) -> str | None:
    if not text:
        return text
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(
            "The `extra` field must be a valid JSON object (e.g., {'key': 'value'}), but encountered non-JSON in"
            " `extra` field"
        ) from None
    if not isinstance(content, dict):
        raise ValueError("The `extra` field must be a valid JSON object (e.g., {'key': 'value'})")
    return text


class ConnectionBody(TeamlessBody):
    """A connection; the extra is JSON as a text."""

    connection_id: Annotated[str, Field(max_length=200, pattern=r"^[\w.-]+$")]
    conn_type: str
    description: str | None = None
    host: str | None = None
    login: str | None = None
    schema_: Annotated[str | None, Field(alias="schema")] = None
    port: int | None = None
    password: str | None = None
    extra: Annotated[str | None, AfterValidator(_object)] = None
    team_name: Annotated[str, Field(max_length=50)] | None = None

    def values(self, mask: list[str] | None = None) -> dict[str, Any]:
        """The attributes that count, by the connection's own names."""
        sent = self.model_dump(exclude_unset=True, by_alias=True)
        return {name: value for name, value in sent.items() if name in _FIELDS and (not mask or name in mask)}

    def first_values(self) -> dict[str, Any]:
        """The same of a new one, where an empty extra is an empty object and an empty password none (observed)."""
        given = self.values()
        given |= {"extra": "{}"} if given.get("extra") == "" else {}
        return given | ({"password": None} if given.get("password") == "" else {})


@OwnView
def connection_view(connection: Connection) -> dict[str, Any]:
    """A connection without its secrets."""
    return {
        "connection_id": connection.connection_id,
        "conn_type": connection.conn_type,
        "description": connection.description,
        "host": connection.host,
        "login": connection.login,
        "schema": connection.schema,
        "port": connection.port,
        "password": connection.password and MASK,
        "extra": _shown_extra(connection.extra),
        "team_name": None,
    }


def _shown_extra(extra: str | None) -> str | None:
    if not extra:
        return extra
    try:
        return json.dumps(masked(json.loads(extra)))
    except (ValueError, RecursionError):
        return extra


@operation("DELETE", "/connections/{connection_id}", access=on("DELETE", "Connections"), event=True, success=204)
def delete_connection(call: Call) -> None:
    """Delete a connection."""
    connections.delete(call.airflow, call.path["connection_id"])


@operation(
    "GET",
    "/connections/{connection_id}",
    access=on("GET", "Connections"),
    confidential=True,
    answer="ConnectionResponse",
)
def get_connection(call: Call) -> Answer:
    """Read a connection."""
    return answer(connection_view(call, connections.get(call.airflow, call.path["connection_id"])))


@operation(
    "PATCH",
    "/connections/{connection_id}",
    access=on("PUT", "Connections"),
    query=(UPDATE_MASK,),
    body=ConnectionBody,
    event=True,
    confidential=True,
    answer="ConnectionResponse",
)
def patch_connection(call: Call) -> Answer:
    """Change a connection; its id stays."""
    name, body = call.path["connection_id"], call.body
    if body.connection_id != name:
        raise Detail(400, "The connection_id in the request body does not match the URL parameter")
    changed = connections.change(call.airflow, name, **body.values(call.query["update_mask"]))
    return answer(connection_view(call, changed))


@operation(
    "GET",
    "/connections",
    access=on("GET", "Connections"),
    query=(*PAGE, order_by("id"), *pattern("connection_id")),
    confidential=True,
    answer="ConnectionCollectionResponse",
    refuses=(404,),
)
def get_connections(call: Call) -> Answer:
    """List connections."""
    rows = matching(call, call.airflow.connections, "connection_id")
    return listing(call, "connections", ordered(call, rows, ORDER_KEYS, "id", lambda row: row.id), connection_view)


@operation(
    "POST",
    "/connections",
    access=on("POST", "Connections"),
    body=ConnectionBody,
    event=True,
    success=201,
    confidential=True,
    answer="ConnectionResponse",
    refuses=(409,),
)
def post_connection(call: Call) -> Answer:
    """Make a connection."""
    body = call.body
    try:
        made = connections.create(call.airflow, connection_id=body.connection_id, **body.first_values())
    except ConnectionIdTakenError as error:
        raise unique_violation(call, str(error)) from None
    return answer(connection_view(call, made), 201)


def _create(call: Call, entity: ConnectionBody, taken: bool) -> None:
    if taken:
        connections.change(call.airflow, entity.connection_id, **entity.values())
    else:
        connections.create(call.airflow, connection_id=entity.connection_id, **entity.first_values())


CONNECTIONS = BulkCollection(
    "connection",
    "connections with these connection_ids",
    exists=lambda call, name: name in call.airflow.connections,
    create=_create,
    update=lambda call, entity, mask: _change(call, entity, mask),
    delete=lambda call, name: connections.delete(call.airflow, name),
    name=lambda entity: entity.connection_id,
    at_once=False,
)


def _change(call: Call, entity: ConnectionBody, mask: list[str] | None) -> None:
    connections.change(call.airflow, entity.connection_id, **entity.values(mask))


@operation(
    "PATCH",
    "/connections",
    access=BulkAccess("GET", ("Connections",)),
    body=BulkBody[ConnectionBody],
    event=True,
    confidential=True,
    answer="BulkResponse",
    refuses=(409,),
)
def bulk_connections(call: Call) -> Answer:
    """Make, change and delete connections in one request."""
    return CONNECTIONS.carry_out(call)
