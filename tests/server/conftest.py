"""The live server started for a test, and the ways to call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPResponse
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from mock_airflow.server.live import LiveServer

from .socket_client import PATIENCE, Client, hello

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Serve(Protocol):
    """Starts the server with an application and the options that LiveServer has; it is stopped behind the test."""

    def __call__(self, app: WSGIApplication = hello, *place: Any, **options: Any) -> LiveServer: ...


class Get(Protocol):
    """One call over http.client: `get(server, path)` gives the response, its body read into `.body`."""

    def __call__(
        self, server: LiveServer, path: str = "/", method: str = "GET", body: Any = None, **options: Any
    ) -> HTTPResponse: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(app: WSGIApplication = hello, *place: Any, **options: Any) -> LiveServer:
            return stack.enter_context(LiveServer(app, *place, **options))

        yield start


@pytest.fixture
def connect() -> Iterator[Callable[[LiveServer], Client]]:
    with ExitStack() as stack:

        def start(server: LiveServer) -> Client:
            client = Client(server)
            stack.callback(client.close)
            return client

        yield start


@pytest.fixture
def get() -> Iterator[Get]:
    with ExitStack() as stack:

        def call(
            server: LiveServer, path: str = "/", method: str = "GET", body: Any = None, **options: Any
        ) -> HTTPResponse:
            connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
            stack.callback(connection.close)
            connection.request(method, path, body, **options)
            response = connection.getresponse()
            response.body = response.read()  # type: ignore[attr-defined]  # of the tests' own
            return response

        yield call
