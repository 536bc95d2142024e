"""What an installation is configured with: pools, variables, connections."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import ClassVar, NamedTuple

from msgspec import Struct

from mock_airflow.storage.rows import Secretive


class Pool(Struct, frozen=True, kw_only=True):
    """A pool of slots; -1 slots are infinite."""

    id: int
    name: str
    slots: int
    description: str | None = None
    include_deferred: bool = False


class Variable(Secretive, frozen=True, kw_only=True):
    """A variable: a key and a text, of which the repr says nothing. ``written_at`` is when it got its value."""

    secrets: ClassVar[tuple[str, ...]] = ("value",)

    id: int
    key: str
    written_at: datetime
    value: str | None = None
    description: str | None = None

    @property
    def ciphertext(self) -> bytes:
        """What Airflow stores begins with this, and what it sorts by: Fernet's version and second, encoded (code)."""
        return base64.urlsafe_b64encode(b"\x80" + int(self.written_at.timestamp()).to_bytes(8, "big"))


class ConnectionTest(NamedTuple):
    """What testing a connection says."""

    status: bool
    message: str


class Connection(Secretive, frozen=True, kw_only=True):
    """How to reach another system. Its password and its extra are never in a repr.

    ``test`` is ours: what testing a connection to the same place says.
    """

    secrets: ClassVar[tuple[str, ...]] = ("password", "extra")

    id: int
    connection_id: str
    conn_type: str
    description: str | None = None
    host: str | None = None
    login: str | None = None
    schema: str | None = None
    port: int | None = None
    password: str | None = None
    extra: str | None = None
    test: ConnectionTest | None = None


class ConnectionTestRequest(Secretive, frozen=True, kw_only=True):
    """A test of a connection that a worker is asked for (Airflow 3); who has its token may look at it."""

    secrets: ClassVar[tuple[str, ...]] = ("token",)

    token: str
    connection: Connection
    created_at: datetime
    state: str = "pending"
    result_message: str | None = None
    commit_on_success: bool = False
