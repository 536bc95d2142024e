"""Who may use the control API: programs on this machine, or whoever knows the control token.

A page of another site may not: it could reach us by a name that resolves to this machine (DNS rebinding), or simply
post across sites. So the Host has to be one we know and a foreign Origin is refused. A person who follows a link from
there may look at a page of the console. Whoever has shown the control token in the console's form has a cookie in its
place; a browser sends that by itself, so there the Origin counts too.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from mock_airflow.answers import HTML, Answer
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.api.operation import json_answer
from mock_airflow.journal.why import Why

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.settings import Settings

READ_ONLY = "read_only"
_FOR_PROBES = "/__mock__/ready"  # of balancers, which know no token; it tells nothing else
COOKIE = "mock_airflow_console"
_PAGES = "/__mock__/page/"
_START = ("/__mock__", "/__mock__/")
_OPEN = (f"{_PAGES}login", f"{_PAGES}assets/")  # the form that asks for the token, and how it looks


def pass_of(token: str) -> str:
    """What the console's cookie holds for who has shown the control token; nobody can work the token out from it."""
    return hmac.new(token.encode(), b"mock-airflow console", hashlib.sha256).hexdigest()


def asks_for_a_page(request: Request) -> bool:
    """Whether somebody looks by a browser: a program does not ask for HTML by name."""
    return any(kind == "text/html" for kind, _ in request.accept_mimetypes)


def refuse_strangers(request: Request, settings: Settings) -> Answer | None:
    """The refusal for a request that may not use the control API; None when it may."""
    if request.path == _FOR_PROBES and request.method in ("GET", "HEAD"):
        return None
    if settings.control_token is not None:
        sent = request.headers.get("Authorization", "")
        if hmac.compare_digest(sent.encode(), f"Bearer {settings.control_token}".encode()):
            return None
        if request.path.startswith(_OPEN):
            return _refuse_other_sites(request)
        shown = request.cookies.get(COOKIE, "")
        if hmac.compare_digest(shown.encode(), pass_of(settings.control_token).encode()):
            return _refuse_other_sites(request)
        if request.method == "GET" and asks_for_a_page(request):
            here = f"{request.root_path.rstrip('/')}{request.full_path.removesuffix('?')}"
            where = f"{request.root_path.rstrip('/')}{_PAGES}login?next={quote(here)}"
            return Answer("", 303, HTML, {"Location": where})
        found = "; the one that was sent is another" if sent else ""
        return _refusal(
            401, f"The control API wants the control token of this server, as Authorization: Bearer <token>{found}."
        )
    if not _is_loopback(request.remote_addr or "127.0.0.1"):
        return _refusal(403, "The control API answers this machine only; set a control token to open it to others.")
    host = urlsplit(f"//{request.host}").hostname or ""
    if host not in ("localhost", "testserver") and not host.endswith(".localhost") and not _is_loopback(host):
        return _refusal(403, f"The control API does not know the host {host!r}; call it as localhost or 127.0.0.1.")
    return _refuse_other_sites(request)


def _refuse_other_sites(request: Request) -> Answer | None:
    if _follows_a_link(request):
        return None
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return _refusal(403, "The control API does not answer pages of other sites.")
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):  # a browser says so by itself
        return _refusal(403, "The control API does not answer pages of other sites.")
    return None


def _follows_a_link(request: Request) -> bool:
    """Whether a browser leads a person to a page of the console, be it from a chat or from our manual.

    Nothing changes by that, and the site that has the link cannot see, frame or read the page.
    """
    led = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest")
    return (
        request.method in ("GET", "HEAD")
        and led == ("navigate", "document")
        and "Origin" not in request.headers
        and (request.path in _START or request.path.startswith(_PAGES))
    )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _refusal(status: int, sentence: str) -> Answer:
    return json_answer({"detail": sentence, "status": status}, status)


def refuse_change(what: str) -> Problem:
    """The refusal of something, which begins the sentence, where the setting ``read_only`` is on."""
    sentence = (
        f"{what}, and this Mock Airflow is read-only (the setting read_only). Ask one that is not, or start it without"
        " --read-only."
    )
    why = Why(sentence, rule=READ_ONLY, would_pass="A request that changes nothing.")
    return Problem(403, "Read-only", sentence, linked=False, why=why)
