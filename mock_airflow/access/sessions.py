"""Sessions: the cookie that a login leaves, and who comes back with it.

Nothing is kept of a session. Its cookie names the user and is signed with what is kept of the user's password, so a new
password, or a deleted user, ends it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING

from werkzeug.http import dump_cookie

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.principals import Principal
    from mock_airflow.deployment import Deployment
    from mock_airflow.domain.records import User

NAME = "session"
_LIFETIME = timedelta(minutes=43200)  # Airflow's default for session_lifetime_minutes


def session_cookie(deployment: Deployment, principal: Principal | None) -> str | None:
    """The ``Set-Cookie`` that a real Airflow answers to a user who logged in; None for anybody else."""
    user = None if principal is None or principal.anonymous else deployment.airflow.users.get(principal.name)
    if user is None:
        return None
    return dump_cookie(
        NAME,
        f"{_encoded(user.username.encode())}.{_signature(user)}",
        expires=deployment.airflow.now() + _LIFETIME,
        httponly=True,
        path="/",
        samesite="Lax",
    )


def session_user(request: Request, deployment: Deployment) -> User | None:
    """The user whose session the request's cookie is; None without a good one."""
    name, _, signature = request.cookies.get(NAME, "").partition(".")
    for user in deployment.airflow.users:
        if _encoded(user.username.encode()) == name and user.active:
            return user if hmac.compare_digest(signature.encode(), _signature(user).encode()) else None
    return None


def _signature(user: User) -> str:
    return _encoded(hmac.new(user.password_digest.encode(), user.username.encode(), hashlib.sha256).digest())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
