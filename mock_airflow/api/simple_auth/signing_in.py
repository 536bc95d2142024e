"""Signing in to an Airflow 3: a token for a name and a password (observed)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mock_airflow.access import signing
from mock_airflow.access.digests import matches
from mock_airflow.access.site import Site
from mock_airflow.answers import JSON, Oops, Refusal
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.domain import users
from mock_airflow.domain.records import User
from mock_airflow.journal.why import Why
from mock_airflow.settings import Settings

AUDIENCE = "apache-airflow"
ALGORITHM = "HS512"
ANONYMOUS = "Anonymous"


def issue(deployment: Site, name: str, role: str, seconds: int) -> str:
    """A new token for a user, its claims in the order that a real one has."""
    now = int(deployment.airflow.now().timestamp())
    fab = deployment.settings.fab_auth_manager
    about = {"sub": str(users.get(deployment.airflow, name).id)} if fab else {"sub": name, "role": role, "teams": []}
    return deployment.tokens.issue(
        name,
        timedelta(seconds=seconds),
        credential=f"user:{name}",
        claims={
            **about,
            "jti": deployment.airflow.ids.uuid("token").replace("-", ""),
            "aud": AUDIENCE,
            "nbf": now,
            "exp": now + seconds,
            "iat": now,
        },
        algorithm=ALGORITHM,
        headers={"kid": "not-used"},
        key=signing_key(deployment.settings),
    )


def sign_in(deployment: Site, name: Any, password: Any, seconds: int) -> str:
    """A token for name and password. Raises Detail, Refusal or Oops."""
    if deployment.settings.simple_auth_manager_all_admins:
        return issue(deployment, ANONYMOUS, "ADMIN", seconds)
    if not name or not password:
        raise Detail(400, "Username and password must be provided")
    user = identified(deployment, name, password)
    return issue(deployment, user.username, user.roles[0].lower() if user.roles else "viewer", seconds)


def identified(deployment: Site, name: Any, password: Any) -> User:
    """The active user of this name and password; FAB takes a name in either case and an email address too.

    FAB counts logins, refused ones as well. Raises Refusal, or Oops for a known user's password that is no text.
    """
    airflow, fab = deployment.airflow, deployment.settings.fab_auth_manager
    user = None
    if isinstance(name, str):
        user = users.by_login(airflow, name) if fab else airflow.users.get(name)
    if user is None or not user.active:
        raise _refused(f"There is no active user {name!r}.")
    if not isinstance(password, str):
        raise Oops("The password is no text, at which a real Airflow fails.")
    if not matches(password, user.password_digest):
        if fab:
            users.login_failed(airflow, user)
        raise _refused(f"The password of {name!r} does not match.")
    return users.logged_in(airflow, user) if fab else user


def _refused(reason: str) -> Refusal:
    body = Detail(401, "Invalid credentials").body("")
    return Refusal(status=401, body=body, content_type=JSON, why=Why(reason), changes_stay=True)


def signing_key(settings: Settings) -> bytes:
    """What tokens are signed with: the setting, or a secret made from the seed (64 bytes, as HS512 wants)."""
    if settings.jwt_secret is not None:
        return settings.jwt_secret.encode().ljust(64, b"\0")  # as HMAC does itself; PyJWT would warn of a short one
    return signing.secret(settings.seed) * 2
