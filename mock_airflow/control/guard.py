"""Who may use the control API: programs on this machine, or whoever knows the control token.

A page in a browser may not: it could reach us by a name that resolves to this machine (DNS rebinding), or simply post
across sites. So the Host has to be one we know and a foreign Origin is refused.
"""

from __future__ import annotations

import hmac
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mock_airflow.answers import Answer
from mock_airflow.api.operation import json_answer

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.settings import Settings


def refuse_strangers(request: Request, settings: Settings) -> Answer | None:
    """The refusal for a request that may not use the control API; None when it may."""
    if settings.control_token is not None:
        sent = request.headers.get("Authorization", "")
        if hmac.compare_digest(sent.encode(), f"Bearer {settings.control_token}".encode()):
            return None
        return _refusal(401, "The control API wants the control token, as Authorization: Bearer <token>.")
    if not _is_loopback(request.remote_addr or "127.0.0.1"):
        return _refusal(403, "The control API answers this machine only; set a control token to open it to others.")
    host = urlsplit(f"//{request.host}").hostname or ""
    if host not in ("localhost", "testserver") and not host.endswith(".localhost") and not _is_loopback(host):
        return _refusal(403, f"The control API does not know the host {host!r}; call it as localhost or 127.0.0.1.")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return _refusal(403, "The control API does not answer pages of other sites.")
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):  # a browser says so by itself
        return _refusal(403, "The control API does not answer pages of other sites.")
    return None


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _refusal(status: int, sentence: str) -> Answer:
    return json_answer({"detail": sentence, "status": status}, status)
