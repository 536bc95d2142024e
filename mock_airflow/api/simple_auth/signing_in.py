"""Signing in to an Airflow 3: a token for a name and a password (observed)."""

from __future__ import annotations

from datetime import timedelta

from mock_airflow.access import signing
from mock_airflow.access.digests import matches
from mock_airflow.access.site import Site
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.domain import users
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


def sign_in(deployment: Site, name: str, password: str, seconds: int) -> str:
    """A token for name and password. Raises Detail."""
    if deployment.settings.simple_auth_manager_all_admins:
        return issue(deployment, ANONYMOUS, "ADMIN", seconds)
    if not name or not password:
        raise Detail(400, "Username and password must be provided")
    user = deployment.airflow.users.get(name)
    if user is None or not user.active or not matches(password, user.password_digest):
        reason = f"There is no user {name!r}." if user is None else f"The password of {name!r} does not match."
        if user is not None and deployment.settings.fab_auth_manager:
            users.login_failed(deployment.airflow, user)
        raise Detail(401, "Invalid credentials", why=Why(reason))
    if deployment.settings.fab_auth_manager:
        users.logged_in(deployment.airflow, user)
    return issue(deployment, name, user.roles[0].lower() if user.roles else "viewer", seconds)


def signing_key(settings: Settings) -> bytes:
    """What tokens are signed with: the setting, or a secret made from the seed (64 bytes, as HS512 wants)."""
    if settings.jwt_secret is not None:
        return settings.jwt_secret.encode().ljust(64, b"\0")  # as HMAC does itself; PyJWT would warn of a short one
    return signing.secret(settings.seed) * 2
