"""Connections to other systems."""

from __future__ import annotations

import json
import re
from typing import Any

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import (
    ConnectionIdFixedError,
    ConnectionIdMalformedError,
    ConnectionIdTakenError,
    ConnectionIdTooLongError,
    ConnectionNotFoundError,
    NotStorableError,
)
from mock_airflow.domain.masking import AIRFLOWS_LEVELS, masked
from mock_airflow.domain.records import Connection

LONGEST_ID = 200
_ID = re.compile(r"^[\w.-]+$")  # takes a final newline and any alphabet's letters, neither of which can be stored
_STORABLE_ID = re.compile(r"[\w.-]+", re.ASCII)


def get(airflow: Airflow, connection_id: str) -> Connection:
    """The connection. Raises ConnectionNotFoundError."""
    connection = airflow.connections.get(connection_id)
    if connection is None:
        raise ConnectionNotFoundError(connection_id=connection_id)
    return connection


def create(airflow: Airflow, *, connection_id: str, **values: Any) -> Connection:
    """Add a connection.

    Raises ConnectionIdTooLongError, ConnectionIdMalformedError, ConnectionIdTakenError, or NotStorableError for what
    Airflow lets through to a database that then refuses it (observed).
    """
    if len(connection_id) > LONGEST_ID:
        raise ConnectionIdTooLongError(longest=LONGEST_ID)
    if _ID.match(connection_id) is None:
        raise ConnectionIdMalformedError(connection_id=connection_id)
    if connection_id in airflow.connections:
        raise ConnectionIdTakenError(connection_id=connection_id)
    if _STORABLE_ID.fullmatch(connection_id) is None:
        raise NotStorableError(
            reason=f"The connection id {connection_id!r} has a character outside ASCII or a newline."
        )
    connection = Connection(id=airflow.next_id("connections"), connection_id=connection_id, **values)
    return airflow.connections.put(_storable(connection))


def change(airflow: Airflow, which: str, /, **values: Any) -> Connection:
    """Change attributes of a connection; an empty password changes nothing.

    Its id stays, but may be emptied (observed). Raises ConnectionNotFoundError, or NotStorableError for what Airflow's
    database refuses.
    """
    before = get(airflow, which)
    if values.get("password") == "":
        del values["password"]
    after = _storable(replace(before, **values))
    if after.connection_id != which:
        if after.connection_id in airflow.connections:
            raise NotStorableError(reason=f"There already is a connection {after.connection_id!r}.")
        airflow.connections.delete(which)
    return airflow.connections.put(after)


def see_that_id_stays(connection: Connection, wanted: str | None) -> None:
    """Refuse another id for a connection; an empty one passes (observed). Raises ConnectionIdFixedError."""
    if wanted and wanted != connection.connection_id:
        raise ConnectionIdFixedError(connection_id=connection.connection_id)


def delete(airflow: Airflow, connection_id: str) -> None:
    """Remove the connection. Raises ConnectionNotFoundError."""
    get(airflow, connection_id)
    airflow.connections.delete(connection_id)


def shown_extra(connection: Connection) -> str | None:
    """The extra as Airflow shows it: JSON with its secrets hidden, any other text as it is (observed)."""
    if connection.extra is None:
        return None
    try:
        return json.dumps(masked(json.loads(connection.extra), levels=AIRFLOWS_LEVELS))
    except (ValueError, RecursionError):  # no JSON, or more of it than Python reads
        return connection.extra


def _storable(connection: Connection) -> Connection:
    if connection.port is not None and not -(1 << 63) <= connection.port < 1 << 63:
        raise NotStorableError(reason=f"The database keeps ports of up to 64 bits, not {connection.port}.")
    return connection
