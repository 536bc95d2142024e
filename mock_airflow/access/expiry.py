"""How a credential of each kind ends before its time: one function a kind, by the beginning of its id."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.principals import Principal
    from mock_airflow.access.site import Site

Expire = Callable[["Site", str, "Request | None"], None]


def expire(deployment: Site, principal: Principal, request: Request | None) -> None:
    """End the credential that the principal showed; one of a kind that never ends stays as it is.

    Where the request carries a token that was handed out here, that is what ends, and not what it was handed out for.
    """
    if request is not None:
        header = deployment.profile.credential_header(deployment.settings)
        sent = (request.headers.get(header, "").rpartition(" ")[2], *request.cookies.values())
        if any(text and deployment.tokens.expire(text) is not None for text in sent):
            return
    kind, _, name = principal.credential_id.partition(":")
    if kind in KINDS:
        KINDS[kind](deployment, name, request)


def _key(deployment: Site, prefix: str, request: Request | None) -> None:
    deployment.keys.expire(prefix)


def _user(deployment: Site, username: str, request: Request | None) -> None:
    """The session that the request brought; without one, the password becomes one that nobody knows."""
    if request is not None and "Authorization" not in request.headers:
        session = deployment.sessions.find(request)
        if session is not None:
            deployment.sessions.end(session)
        return
    user = deployment.airflow.users.get(username)
    if user is not None:
        deployment.airflow.users.put(replace(user, password_digest="expired, so no password fits"))
        deployment.passwords = {name: known for name, known in deployment.passwords.items() if name != username}


KINDS: dict[str, Expire] = {"key": _key, "user": _user}
