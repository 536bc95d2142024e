"""Users and roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

_FOLDING = str.maketrans(ascii_uppercase, ascii_lowercase)


def folded(text: str) -> str:
    """The text as names and patterns are compared: SQLite folds the case of ASCII letters only (observed)."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


class Favorite(NamedTuple):
    """That a user has a DAG among the favourites."""

    username: str
    dag_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """A person or program that may log in. Only a digest of the password is kept, and no repr shows it."""

    id: int
    username: str
    password_digest: str = field(repr=False)
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """A named set of permissions, in the order in which it got them."""

    id: int
    name: str
    actions: tuple[Permission, ...] = ()
