"""Users. Their passwords come here as digests only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import (
    EmailTakenError,
    RolesUnknownError,
    UserMaskUnknownError,
    UsernameTakenError,
    UserNotAddableError,
    UserNotFoundError,
)
from mock_airflow.domain.records import User, folded


def named(airflow: Airflow, username: str) -> User | None:
    """The user of this name, in upper or lower case; None if there is none."""
    return airflow.users.lookup("login", folded(username))


def get(airflow: Airflow, username: str) -> User:
    """The user of this name. Raises UserNotFoundError."""
    user = named(airflow, username)
    if user is None:
        raise UserNotFoundError(username=username)
    return user


def by_login(airflow: Airflow, login: str) -> User | None:
    """The user who logs in with this, a name or an email address; None if there is none."""
    return named(airflow, login) or airflow.users.lookup("email", login)


def create(
    airflow: Airflow,
    *,
    username: str,
    email: str,
    first_name: str,
    last_name: str,
    password_digest: str,
    roles: Sequence[str],
    otherwise: str | None,
) -> User:
    """Add an active user; one without roles gets the role ``otherwise``.

    Raises UsernameTakenError, EmailTakenError, RolesUnknownError or UserNotAddableError.
    """
    if named(airflow, username) is not None:
        raise UsernameTakenError(username=username)
    if airflow.users.lookup("email", email) is not None:
        raise EmailTakenError(email=email)
    _demand_roles(airflow, roles)
    if not roles and otherwise not in airflow.roles:
        raise UserNotAddableError(username=username, reason=f"there is no role {otherwise!r} for users without one")
    if len(set(roles)) < len(roles):
        raise UserNotAddableError(username=username, reason="a role is given twice")
    now = airflow.now()
    return airflow.users.put(
        User(
            id=airflow.next_id("users"),
            username=username,
            password_digest=password_digest,
            first_name=first_name,
            last_name=last_name,
            email=email,
            roles=tuple(roles) or (str(otherwise),),
            created_on=now,
            changed_on=now,
        )
    )


def change(airflow: Airflow, which: str, /, values: Mapping[str, Any], only: Iterable[str] | None = None) -> User:
    """Change a user, with ``only`` just in the attributes that it names.

    Names are looked at as they are: another case of one's own name is taken (code). A change that the database
    refuses, for a new role that is given twice, is passed over as a whole (code). Raises UserNotFoundError,
    UsernameTakenError, EmailTakenError, UserMaskUnknownError or RolesUnknownError.
    """
    user = get(airflow, which)
    if values["username"] != which and named(airflow, values["username"]) is not None:
        raise UsernameTakenError(username=values["username"])
    if values["email"] != user.email and airflow.users.lookup("email", values["email"]) is not None:
        raise EmailTakenError(email=values["email"])
    chosen = dict(values if only is None else _masked(values, only))
    if "roles" in chosen:
        roles = chosen["roles"]
        _demand_roles(airflow, roles)
        chosen["roles"] = tuple(dict.fromkeys(roles))
        if any(roles.count(role) > 1 and role not in user.roles for role in roles):
            return user
    if "password" in chosen:
        chosen["password_digest"] = chosen.pop("password")
    if chosen.get("username", user.username) != user.username:
        airflow.users.delete(user.username)
    return airflow.users.put(replace(user, **chosen))


def delete(airflow: Airflow, username: str) -> None:
    """Remove the user. Raises UserNotFoundError."""
    airflow.users.delete(get(airflow, username).username)


def logged_in(airflow: Airflow, user: User) -> User:
    """Count a login."""
    return airflow.users.put(
        replace(user, login_count=(user.login_count or 0) + 1, last_login=airflow.now(), fail_login_count=0)
    )


def login_failed(airflow: Airflow, user: User) -> User:
    """Count a login with a wrong password."""
    return airflow.users.put(
        replace(user, login_count=user.login_count or 0, fail_login_count=(user.fail_login_count or 0) + 1)
    )


def _masked(values: Mapping[str, Any], only: Iterable[str]) -> dict[str, Any]:
    names = list(only)
    missing = [name for name in names if name not in values]
    if missing:
        raise UserMaskUnknownError(listed=", ".join(map(repr, missing)))
    return {name: values[name] for name in names}


def _demand_roles(airflow: Airflow, roles: Sequence[str]) -> None:
    missing = [role for role in roles if role not in airflow.roles]
    if missing:
        raise RolesUnknownError(listed=", ".join(map(repr, missing)))
