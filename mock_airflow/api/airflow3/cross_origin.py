"""Which pages of other origins may call an Airflow 3, as its web framework's middleware decides it (observed).

Nothing of it is there until the setting access_control_allow_origins names an origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_airflow.answers import Answer

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers
    from werkzeug.wrappers import Request

    from mock_airflow.settings import Settings

_ALWAYS = ("Accept", "Accept-Language", "Content-Language", "Content-Type")  # headers that may be sent in any case
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")  # what * stands for
_VARY = "Origin, Accept-Encoding"


def is_on(settings: Settings) -> bool:
    """Whether other origins are thought of at all."""
    return bool(settings.access_control_allow_origins)


def preflight(request: Request, settings: Settings) -> Answer | None:
    """The answer to a browser that asks beforehand; None for any other request."""
    origin, method = request.headers.get("Origin"), request.headers.get("Access-Control-Request-Method")
    if request.method != "OPTIONS" or origin is None or method is None:
        return None
    methods, allowed = _listed(settings.access_control_allow_methods), _listed(settings.access_control_allow_headers)
    if "*" in methods:
        methods = [*_METHODS]
    names, wanted = sorted({*_ALWAYS, *allowed}), request.headers.get("Access-Control-Request-Headers")
    headers = {"Vary": "Origin", "Access-Control-Allow-Methods": ", ".join(methods), "Access-Control-Max-Age": "600"}
    if "*" not in allowed:
        headers["Access-Control-Allow-Headers"] = ", ".join(names)
    headers["Access-Control-Allow-Credentials"] = "true"
    refused = [] if _allows(settings, origin) else ["origin"]
    if not refused:
        headers["Access-Control-Allow-Origin"] = origin
    if method not in methods:
        refused.append("method")
    if wanted is not None and "*" in allowed:
        headers["Access-Control-Allow-Headers"] = wanted
    elif wanted is not None and not {name.strip().lower() for name in wanted.split(",")} <= {*map(str.lower, names)}:
        refused.append("headers")
    if refused:
        return Answer(f"Disallowed CORS {', '.join(refused)}", 400, "text/plain; charset=utf-8", headers)
    return Answer("OK", 200, "text/plain; charset=utf-8", headers)


def allow(request: Request, headers: Headers, settings: Settings) -> None:
    """Add what lets the page of another origin read an answer, whatever its status; a preflight's has it already."""
    origin = request.headers.get("Origin")
    if "Access-Control-Allow-Methods" in headers:
        headers["Vary"] = _VARY
        return
    if origin is None:
        return
    headers["Access-Control-Allow-Credentials"] = "true"
    everybody = "*" in settings.access_control_allow_origins
    if everybody and "Cookie" not in request.headers:
        headers["Access-Control-Allow-Origin"] = "*"
    elif _allows(settings, origin):
        headers["Access-Control-Allow-Origin"] = origin
        headers["Vary"] = _VARY


def _allows(settings: Settings, origin: str) -> bool:
    return "*" in settings.access_control_allow_origins or origin in settings.access_control_allow_origins


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
