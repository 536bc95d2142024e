"""Users and roles."""

from __future__ import annotations

from datetime import datetime
from string import ascii_lowercase, ascii_uppercase
from typing import ClassVar, NamedTuple

from msgspec import Struct

from mock_airflow.storage.rows import Secretive

_FOLDING = str.maketrans(ascii_uppercase, ascii_lowercase)


def folded(text: str) -> str:
    """The text as names and patterns are compared: SQLite folds the case of ASCII letters only (observed)."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


class Favorite(NamedTuple):
    """That a user has a DAG among the favourites."""

    username: str
    dag_id: str


class User(Secretive, frozen=True, kw_only=True):
    """A person or program that may log in. Only a digest of the password is kept, and no repr shows it."""

    secrets: ClassVar[tuple[str, ...]] = ("password_digest",)

    id: int
    username: str
    password_digest: str
    first_name: str = ""
    last_name: str = ""
    email: str
    active: bool | None = True
    roles: tuple[str, ...] = ()
    login_count: int | None = None
    fail_login_count: int | None = None
    last_login: datetime | None = None
    created_on: datetime
    changed_on: datetime


class Permission(NamedTuple):
    """An action (``can_read``) on a resource (``DAG Runs``)."""

    action: str
    resource: str


class Role(Struct, frozen=True, kw_only=True):
    """A named set of permissions, in the order in which it got them."""

    id: int
    name: str
    actions: tuple[Permission, ...] = ()
