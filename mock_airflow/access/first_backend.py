"""Authentication as the experimental API does it: by the first of the configured backends alone (observed, code)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_airflow.access.passwords import basic, public_principal, user_principal
from mock_airflow.access.principals import Principal
from mock_airflow.answers import HTML, Refusal
from mock_airflow.journal.why import Why

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site


def by_first_backend(request: Request, deployment: Site) -> Principal:
    """Who the request is. Raises Refusal, in plain text.

    With basic authentication a request without a header comes in as the public role where there is one, and one with a
    wrong header never does. The session backend wants a session of everybody.
    """
    settings = deployment.settings
    backend = next(iter(settings.auth_backends), "deny_all")
    if backend.endswith("basic_auth"):
        header = request.headers.get("Authorization")
        found = basic(header, deployment)
        if isinstance(found, Principal):
            return found
        if not header and settings.auth_role_public is not None:
            return public_principal(deployment, settings.auth_role_public, found)
        raise Refusal(
            status=401,
            body="Unauthorized",
            content_type=HTML,
            why=Why(found, would_pass="the name and password of an active user"),
            headers={"WWW-Authenticate": "Basic"},
        )
    if backend.endswith("session"):
        user = deployment.sessions.user_by(request)
        if user is not None:
            return user_principal(deployment, user)
        raise Refusal(
            status=401,
            body="Unauthorized",
            content_type=HTML,
            why=Why(
                "The first of auth_backends is session, the only one this API looks at, and no session was sent.",
                would_pass="a session's cookie",
            ),
        )
    reason = f"The first of auth_backends is {backend}, which lets nobody in."
    raise Refusal(status=403, body="Forbidden", content_type=HTML, why=Why(reason))
