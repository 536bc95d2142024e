"""Applications that the live server runs here, and a client on a plain socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from mock_airflow.server.live import ClientConnection, LiveServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE = 20  # seconds until a client or a thread that should have answered fails the test
HOST = "Host: x"


def hello(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answers with the request's body."""
    start_response("200 OK", [("X-Length", environ.get("CONTENT_LENGTH", "none"))])
    return [environ["wsgi.input"].read()]


class Seen:
    """An application that keeps the environs it is called with."""

    def __init__(self) -> None:
        self.environs: list[WSGIEnvironment] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.environs.append(environ)
        return hello(environ, start_response)


class Gate:
    """An application whose /wait answers only after `open`; `entered` counts those inside."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.entered = threading.Semaphore(0)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/wait":
            self.entered.release()
            assert self.open.wait(PATIENCE)
        return hello(environ, start_response)


def on_connection(act: Callable[[ClientConnection], Any]) -> WSGIApplication:
    """An application that does something to the connection first."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        act(environ["mock_airflow.connection"])
        return hello(environ, start_response)

    return app


class Client:
    """A plain socket that reads answers one by one."""

    def __init__(self, server: LiveServer) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        self.file = self.socket.makefile("rb")

    def send(self, *lines: str, body: bytes = b"") -> None:
        head = "".join(f"{line}\r\n" for line in (*lines, "")) if lines else ""
        self.socket.sendall(head.encode("latin-1") + body)

    def head(self) -> tuple[str, dict[str, str]]:
        """The status line and the headers of the next answer."""
        status = self.file.readline().decode().rstrip()
        return status, dict(line.decode().rstrip().lower().split(": ", 1) for line in iter(self.file.readline, b"\r\n"))

    def answer(self) -> tuple[str, dict[str, str], bytes]:
        """Status line, headers and body of the next answer, which has a Content-Length."""
        status, headers = self.head()
        return status, headers, self.file.read(int(headers["content-length"]))

    def rest(self) -> bytes:
        """All that comes until the server closes."""
        return self.file.read()

    def close(self) -> None:
        self.file.close()
        self.socket.close()
