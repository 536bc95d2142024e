"""The live server started for a test, and the ways to call it."""

import contextlib
import http.client

import pytest

from mock_airflow.server.live import LiveServer

from .socket_client import PATIENCE, Client, hello


@pytest.fixture
def serve():
    with contextlib.ExitStack() as stack:

        def start(app=hello, *args, **options):
            return stack.enter_context(LiveServer(app, *args, **options))

        yield start


@pytest.fixture
def connect():
    with contextlib.ExitStack() as stack:

        def start(server):
            client = Client(server)
            stack.callback(client.close)
            return client

        yield start


@pytest.fixture
def get():
    """One call over http.client: `get(server, path)` gives the response, its body read into `.body`."""
    with contextlib.ExitStack() as stack:

        def call(server, path="/", method="GET", body=None, **options):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
            stack.callback(connection.close)
            connection.request(method, path, body, **options)
            response = connection.getresponse()
            response.body = response.read()
            return response

        yield call
