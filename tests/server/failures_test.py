"""Broken connections on demand, and applications that fail."""

import http.client
import logging
import threading

import pytest

from .socket_client import HOST, PATIENCE, hello, on_connection

# Misbehaviour on demand


def test_abort_resets_the_connection(serve, get, caplog):
    with pytest.raises(ConnectionResetError) as failure:
        get(serve(on_connection(lambda connection: connection.abort())))
    assert not isinstance(failure.value, http.client.RemoteDisconnected)
    assert caplog.records == []


def test_close_ends_without_an_answer(serve, get, caplog):
    with pytest.raises(http.client.RemoteDisconnected):
        get(serve(on_connection(lambda connection: connection.close())))
    assert caplog.records == []


def test_send_raw_can_cut_a_body_short(serve, get, caplog):
    def cut(connection):
        connection.send_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        connection.send_raw(b"half")

    with pytest.raises(http.client.IncompleteRead) as failure:
        get(serve(on_connection(cut)))
    assert (failure.value.partial, failure.value.expected) == (b"half", 96)
    assert caplog.records == []


def test_abort_after_half_an_answer_resets(serve, connect):
    read = threading.Event()

    def act(connection):
        connection.send_raw(b"half")
        assert read.wait(PATIENCE)
        connection.abort()

    client = connect(serve(on_connection(act)))
    client.send("GET / HTTP/1.1", HOST)
    assert client.file.read(4) == b"half"
    read.set()
    with pytest.raises(ConnectionResetError):
        client.rest()


def test_nothing_of_a_running_answer_follows_misbehaviour(serve, connect):
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"one"
        environ["mock_airflow.connection"].close()
        yield b"two"

    client = connect(serve(app))
    client.send("GET / HTTP/1.1", HOST)
    assert client.rest().endswith(b"\r\n\r\n3\r\none\r\n")


def test_the_server_outlives_misbehaviour(serve, get):
    server = serve(
        lambda environ, start: on_connection(lambda c: environ["QUERY_STRING"] and c.abort())(environ, start)
    )
    for _ in range(3):
        with pytest.raises(ConnectionResetError):
            get(server, "/?abort")
        assert get(server).body == b"hello"


# Applications that fail


class Failure(BaseException):
    """Like pytest.fail.Exception, which is no Exception either."""


@pytest.mark.parametrize("kind", [ValueError, Failure])
def test_a_failing_application_is_a_500_and_goes_to_on_error(serve, get, caplog, kind):
    def app(environ, start_response):
        if environ["PATH_INFO"] == "/bad":
            raise kind("secret detail")
        return hello(environ, start_response)

    errors = []
    server = serve(app, on_error=lambda error, environ: errors.append((error, environ["PATH_INFO"])))
    response = get(server, "/bad")
    assert (response.status, response.getheader("Content-Type")) == (500, "text/plain; charset=utf-8")
    assert response.body.count(b"\n") == 1
    assert b"secret" not in response.body
    assert [(type(error), path) for error, path in errors] == [(kind, "/bad")]
    assert caplog.records == []
    assert get(server).body == b"hello"


@pytest.mark.parametrize("on_error", [None, lambda error, environ: 1 / 0], ids=["without", "failing"])
def test_a_failing_application_is_logged(serve, get, caplog, on_error):
    def app(environ, start_response):
        raise ValueError("detail")

    assert get(serve(app, on_error=on_error), "/bad").status == 500
    record = caplog.records[-1]
    assert (record.name, record.levelno, str(record.exc_info[1])) == ("mock_airflow.live", logging.ERROR, "detail")
    assert "GET /bad" in record.getMessage()


def bad_length(environ, start_response):
    start_response("200 OK", [("Content-Length", "many")])
    return [b""]


def two_starts(environ, start_response):
    start_response("200 OK", [])
    start_response("200 OK", [])
    return [b""]


def no_start(environ, start_response):
    return [b"x"]


def split_header_by(line_break):
    def app(environ, start_response):
        start_response("200 OK", [("X", f"a{line_break}Set-Cookie: b")])
        return [b""]

    return app


def late_failure(environ, start_response):
    start_response("200 OK", [])
    yield b""
    raise ValueError("before the first byte")


SPLITS = [split_header_by("\n"), split_header_by("\r")]


@pytest.mark.parametrize("app", [bad_length, two_starts, no_start, *SPLITS, late_failure])
def test_breaches_of_wsgi_are_a_500(serve, get, app):
    errors = []
    response = get(serve(app, on_error=lambda error, environ: errors.append(error)))
    assert (response.status, len(errors)) == (500, 1)
    assert response.getheader("Set-Cookie") is None


def test_a_failure_in_mid_body_cuts_the_answer(serve, get):
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"half"
        raise ValueError

    errors = []
    with pytest.raises(http.client.IncompleteRead) as failure:
        get(serve(app, on_error=lambda error, environ: errors.append(error)))
    assert failure.value.partial == b"half"
    assert [type(error) for error in errors] == [ValueError]


def test_a_body_shorter_than_announced_ends_the_connection(serve, get):
    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "10")])
        return [b"short"]

    errors = []
    with pytest.raises(http.client.IncompleteRead):
        get(serve(app, on_error=lambda error, environ: errors.append(error)))
    assert "5 bytes more" in str(errors[0])


def test_a_client_that_leaves_in_mid_answer_is_silent(serve, connect, caplog):
    closed = threading.Event()

    class Endless:
        def __iter__(self):
            return self

        def __next__(self):
            return bytes(65536)

        def close(self):
            closed.set()

    def app(environ, start_response):
        start_response("200 OK", [])
        return Endless()

    client = connect(serve(app))
    client.send("GET / HTTP/1.1", HOST)
    client.file.read(100)
    client.close()
    assert closed.wait(PATIENCE)
    assert caplog.records == []
