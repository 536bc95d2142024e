"""One request carried into a WSGI application and its answer carried out, without a socket.

Every transport that stays in the process goes through here, so that they all answer as the live server does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from mock_airflow.server.date_header import date_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from mock_airflow.faults.delivery import Delivery

_PORTS = {"http": 80, "https": 443}
_BODYLESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Reply(NamedTuple):
    """What the application answered; ``headers`` in its order, repeated ones as often as they came.

    With a ``delivery`` it reaches its client otherwise than whole, which the caller has to see to.
    """

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    delivery: Delivery | None = None


def wsgi_call(
    app: WSGIApplication,
    method: str,
    url: str,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    *,
    mount: str = "",
    patience: float | None = None,
) -> Reply:
    """Call the application for an absolute URL and give its whole answer.

    ``mount`` is the part of the URL's path at which the application stands (``/team-a``, without a slash at its end);
    the application sees the rest as its path and puts that part before its redirects. ``patience`` is how many seconds
    the client would wait for an answer. What the application raises comes out.
    """
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started[:] = [status, headers]
        return written.append

    written: list[bytes] = []
    environ = _environ(method, url, headers, body, mount)
    if patience is not None:
        environ["mock_airflow.patience"] = patience
    result = app(environ, start_response)
    try:
        written.extend(result)  # also runs an application that calls start_response late
    finally:
        if hasattr(result, "close"):
            result.close()
    if not started:
        raise RuntimeError("The application answered without a status: it must call start_response first.")
    code, _, reason = started[0].partition(" ")
    answered = list(started[1])
    if not any(name.lower() == "date" for name, _ in answered):
        answered.append(("Date", date_of(environ)))
    bodyless = method == "HEAD" or int(code) in _BODYLESS
    delivery = environ.get("mock_airflow.delivery")
    return Reply(int(code), reason, answered, b"" if bodyless else b"".join(written), delivery)


def _environ(method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes, mount: str) -> WSGIEnvironment:
    """The PEP 3333 environ, with what the live server would put there."""
    parts = urlsplit(url)
    target = parts.path or "/"
    path = target[len(mount) :] or "/"
    environ: WSGIEnvironment = {}
    for name, value in headers:
        if "_" not in name:  # X_Name would pass for X-Name
            key = "HTTP_" + name.upper().replace("-", "_")
            joint = "; " if key == "HTTP_COOKIE" else ", "
            environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    if "HTTP_CONTENT_TYPE" in environ:
        environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE")
    chunked, announced = environ.pop("HTTP_TRANSFER_ENCODING", None), environ.pop("HTTP_CONTENT_LENGTH", None)
    if body or chunked or announced:
        environ["CONTENT_LENGTH"] = str(len(body))
    if chunked:
        environ["mock_airflow.chunked"] = True
    environ.setdefault("HTTP_HOST", parts.netloc.rpartition("@")[2])
    return environ | {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": unquote_to_bytes(mount).decode("latin-1"),
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "REQUEST_URI": f"{target}?{parts.query}" if parts.query else target,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or _PORTS.get(parts.scheme, 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
