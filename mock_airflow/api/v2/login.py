"""The way to the login page and out again (observed)."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from mock_airflow.access.presented import COOKIE, FORGET, presented
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.parameters import Parameter
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API

operation = API.tagged("Login")

NEXT = Parameter("next")


@operation("GET", "/auth/login", access=None, query=(NEXT,), success=307)
def login(call: Call) -> Answer:
    """Redirect to the auth manager's login page; to come back only to a page of this server."""
    target = call.query["next"]
    if target and not is_ours(target, call.request.host):
        raise Detail(400, "Invalid or unsafe next URL")
    page = f"{call.request.host_url}auth/login/" if call.settings.fab_auth_manager else "/auth/login"
    place = page + (f"?next={quote(target, safe='')}" if target else "")
    return Answer("", 307, "", {"Location": place})


def is_ours(target: str, host: str) -> bool:
    """Whether an address is one of this server."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return not target.startswith("//") and parts.netloc in ("", host) and parts.scheme in ("", "http", "https")


@operation("GET", "/auth/logout", access=None, success=307)
def logout(call: Call) -> Answer:
    """Have the presented token count no more, and forget the cookie; whoever asks."""
    text, _ = presented(call.request)
    if text is not None:
        call.deployment.tokens.revoke_known(text)
    if call.settings.fab_auth_manager:
        forgotten = (FORGET,) if COOKIE in call.request.cookies else ()
        return Answer("", 307, "", {"Location": f"{call.request.host_url}auth/logout"}, cookies=forgotten)
    return Answer("", 307, "", {"Location": "/auth/login", "Set-Cookie": FORGET})
