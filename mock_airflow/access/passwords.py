"""Users with passwords: who logs in by one, and what they may do."""

from __future__ import annotations

import base64
import binascii

from msgspec.structs import replace

from mock_airflow.access.digests import digest, matches
from mock_airflow.access.principals import Principal, permissions_of, scheme_seen
from mock_airflow.access.site import Site
from mock_airflow.domain import users
from mock_airflow.domain.records import User


def add_user(deployment: Site, name: str, password: str, role: str) -> User:
    """Add a user whose password the deployment may tell, since it made it up.

    One that is there already, as out of a captured world, gets the password and the role.
    """
    airflow = deployment.airflow
    now = airflow.now()
    deployment.passwords = {**deployment.passwords, name: password}
    known = airflow.users.get(name)
    if known is not None:
        return airflow.users.put(replace(known, password_digest=digest(password), roles=(role,), active=True))
    return airflow.users.put(
        User(
            id=airflow.next_id("users"),
            username=name,
            password_digest=digest(password),
            first_name=name.capitalize(),
            last_name="User",
            email=f"{name}@example.com",
            roles=(role,),
            created_on=now,
            changed_on=now,
        )
    )


def public_principal(deployment: Site, role: str, reason: str) -> Principal:
    """What a request without a valid credential may do; ``reason`` says why it has none."""
    return Principal(
        name="anonymous",
        roles=(role,),
        permissions=permissions_of(deployment.airflow, (role,), deployment.settings.generation),
        credential_id="anonymous",
        anonymous=True,
        note=reason,
    )


def basic(header: str | None, deployment: Site) -> Principal | str:
    """The user that a basic header proves, or why there is none. Every success counts as a login (observed)."""
    if not header:
        return "No Authorization header was sent."
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "basic":
        return f"The Authorization header has {scheme_seen(header)}; only Basic is looked at."
    try:
        name, colon, password = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "The Basic header is not valid base64 of name:password."
    if not colon or not name or not password:
        return "The Basic header lacks a name or a password."
    return by_password(name, password, deployment)


def by_password(name: str, password: str, deployment: Site) -> Principal | str:
    """The user who logs in with these, or why there is none; counted either way."""
    airflow = deployment.airflow
    user = users.by_login(airflow, name)
    if user is None:
        return f"There is no user {name!r}."
    if not user.active:
        return f"The user {name!r} is not active."
    if not matches(password, user.password_digest):
        users.login_failed(airflow, user)
        return f"The password of the user {name!r} does not match."
    return user_principal(deployment, users.logged_in(airflow, user))


def user_principal(deployment: Site, user: User) -> Principal:
    """What a request that acts as this user may do."""
    return Principal(
        name=user.username,
        roles=user.roles,
        permissions=permissions_of(deployment.airflow, user.roles, deployment.settings.generation),
        credential_id=f"user:{user.username}",
    )
