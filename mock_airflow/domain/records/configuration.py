"""What an installation is configured with: pools, variables, connections."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """A pool of slots; -1 slots are infinite."""

    id: int
    name: str
    slots: int
    description: str | None = None
    include_deferred: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A variable: a key and a text."""

    id: int
    key: str
    value: str | None
    description: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """How to reach another system. Its password and its extra are never in a repr."""

    id: int
    connection_id: str
    conn_type: str
    description: str | None = None
    host: str | None = None
    login: str | None = None
    schema: str | None = None
    port: int | None = None
    password: str | None = field(default=None, repr=False)
    extra: str | None = field(default=None, repr=False)
