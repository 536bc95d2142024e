"""Users and roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """A person or program that may log in. Only a digest of the password is kept, and no repr shows it."""

    id: int
    username: str
    password_digest: str = field(repr=False)
    first_name: str = ""
    last_name: str = ""
    email: str | None = None
    active: bool | None = True
    roles: tuple[str, ...] = ()
    login_count: int | None = None
    fail_login_count: int | None = None
    last_login: datetime | None = None
    created_on: datetime
    changed_on: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """A named set of permissions: pairs of an action (``can_read``) and a resource (``DAG Runs``), in order."""

    id: int
    name: str
    actions: tuple[tuple[str, str], ...] = ()
