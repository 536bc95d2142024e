"""What the live server sends: heads, bodies and their ends."""

import http.client
import threading

import pytest

from .socket_client import PATIENCE, echo


def test_a_plain_answer_carries_length_date_and_name(serve, get):
    response = get(serve())
    assert (response.status, response.body, response.getheader("Content-Length")) == (200, b"hello", "5")
    assert response.getheader("Server").startswith("mock-airflow/")
    assert response.getheader("Date").endswith(" GMT")
    assert response.getheader("Connection") is None


def test_the_applications_own_server_date_and_length_stand(serve, get):
    own = [("Server", "gunicorn"), ("Date", "Thu, 01 Jan 2026 00:00:00 GMT"), ("Content-Length", "3")]

    def app(environ, start_response):
        start_response("200 OK", own)
        return iter([b"a", b"", b"bc"])

    response = get(serve(app))
    assert (response.getheaders(), response.body) == (own, b"abc")


def test_bytes_beyond_the_announced_length_are_not_sent(serve, connect):
    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "2")])
        return [b"abc"]

    client = connect(serve(app))
    for _ in range(2):
        client.send("GET / HTTP/1.1", "Host: x")
        assert client.answer()[2] == b"ab"


def test_a_body_of_unknown_length_is_chunked_and_leaves_as_it_comes(serve, connect):
    more = threading.Event()

    def app(environ, start_response):
        start_response("200 OK", [("Transfer-Encoding", "gzip")])
        yield b"first"
        assert more.wait(PATIENCE)
        yield b"second" * 3

    client = connect(serve(app))
    client.send("GET / HTTP/1.1", "Host: x")
    assert client.head()[1]["transfer-encoding"] == "chunked"
    assert client.file.read(10) == b"5\r\nfirst\r\n"
    more.set()
    assert client.file.read(27) == b"12\r\nsecondsecondsecond\r\n0\r\n\r\n"[:27]


def test_http_10_gets_an_unchunked_body_and_the_end_of_the_connection(serve, connect):
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"one "
        yield b"two"

    client = connect(serve(app))
    client.send("GET / HTTP/1.0", "Connection: keep-alive")
    status, headers = client.head()
    assert (status, headers["connection"], client.rest()) == ("HTTP/1.1 200 OK", "close", b"one two")
    assert "transfer-encoding" not in headers


def test_http_10_keeps_the_connection_when_asked(serve, connect):
    client = connect(serve())
    client.send("GET / HTTP/1.0", "Connection: Keep-Alive")
    assert client.answer()[1]["connection"] == "keep-alive"
    client.send("GET / HTTP/1.0")
    assert client.answer()[1]["connection"] == "close"
    assert client.rest() == b""


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_answers_without_a_body_have_none(serve, connect, status):
    def app(environ, start_response):
        start_response(status, [("ETag", '"1"')])
        return [b"surplus"]

    client = connect(serve(app))
    client.send("GET / HTTP/1.1", "Host: x", "", "GET / HTTP/1.1", "Host: x", "Connection: close")
    for _ in range(2):
        line, headers = client.head()
        assert line == f"HTTP/1.1 {status}"
        assert "transfer-encoding" not in headers
        assert ("content-length" in headers) == status.startswith("304")
    assert client.rest() == b""


@pytest.mark.parametrize("length", [[], [("Content-Length", "5")]])
def test_head_gets_the_head_of_get(serve, connect, length):
    def app(environ, start_response):
        start_response("200 OK", length)
        return [b"hello"]

    client = connect(serve(app))
    client.send("HEAD / HTTP/1.1", "Host: x", "", "HEAD / HTTP/1.1", "Host: x", "Connection: close")
    assert client.head()[1]["content-length"] == "5"
    assert client.head()[1]["content-length"] == "5"
    assert client.rest() == b""


def test_write_of_the_old_interface_works(serve, get):
    def app(environ, start_response):
        write = start_response("200 OK", [])
        write(b"old ")
        return [b"new"]

    assert get(serve(app)).body == b"old new"


def test_an_answer_can_be_replaced_until_it_is_out(serve, get):
    def app(environ, start_response):
        start_response("200 OK", [])
        try:
            raise KeyError("late")
        except KeyError as error:
            start_response("503 Service Unavailable", [], (KeyError, error, error.__traceback__))
        return [b"sorry"]

    response = get(serve(app))
    assert (response.status, response.body) == (503, b"sorry")


def test_an_answer_that_is_out_cannot_be_replaced(serve, get):
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"out"
        error = KeyError("too late")
        start_response("503 Service Unavailable", [], (KeyError, error, None))

    errors = []
    with pytest.raises(http.client.IncompleteRead):
        get(serve(app, on_error=lambda error, environ: errors.append(error)))
    assert isinstance(errors[0], KeyError)


def test_the_applications_close_is_called(serve, get):
    closed = threading.Event()

    class Body:
        def __iter__(self):
            return iter([b"x"])

        def close(self):
            closed.set()

    def app(environ, start_response):
        start_response("200 OK", [])
        return Body()

    assert get(serve(app)).body == b"x"
    assert closed.wait(PATIENCE)


def test_large_bodies_travel_whole(serve, get):
    body = bytes(range(256)) * 8192
    assert get(serve(echo), method="POST", body=body).body == body
