"""How answers about connections and their tests look."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import NotRequired, TypedDict


class ConnectionResponse(TypedDict):
    """A connection, its secrets masked."""

    connection_id: str
    conn_type: str
    description: str | None
    host: str | None
    login: str | None
    schema: str | None
    port: int | None
    password: str | None
    extra: str | None
    team_name: str | None


class AsyncConnectionTestResponse(TypedDict):
    """How a queued test of a connection stands."""

    token: str
    connection_id: str
    state: str
    result_message: NotRequired[str | None]
    created_at: datetime


class ConnectionTestQueuedResponse(TypedDict):
    """A test of a connection that was queued."""

    token: str
    connection_id: str
    state: str


class ConnectionTestResponse(TypedDict):
    """What a test of a connection came to."""

    status: bool
    message: str
