"""Where a request shows its token to an Airflow 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

COOKIE = "_token"
FORGET = f'{COOKIE}=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=lax'


def presented(request: Request) -> tuple[str | None, str]:
    """The token that a request shows, and where: the Authorization header before the cookie (code)."""
    scheme, _, rest = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and rest.strip():
        return rest.strip(), "the Authorization header"
    cookie = request.cookies.get(COOKIE)
    return (cookie, "the cookie _token") if cookie else (None, "nowhere: none was sent")
