"""What clients may take: connections, and time for a head, for a body and between requests."""

from __future__ import annotations

import threading

import pytest

from mock_airflow.server.connection import Bounds
from mock_airflow.server.live import LiveServer

from .socket_client import PATIENCE, echo

TIMED_OUT = "HTTP/1.1 408 Request Timeout"


def test_a_head_that_takes_too_long_is_answered_408(serve, connect, monkeypatch) -> None:
    monkeypatch.setattr(LiveServer, "bounds", Bounds(head=0.05))
    client = connect(serve())
    client.send("GET / HTTP/1.1", "Host: x")
    assert client.answer()[2] == b"hello"

    client.socket.sendall(b"GET / HTTP/1.1\r\nHost")

    status, headers, body = client.answer()
    assert (status, headers["connection"]) == (TIMED_OUT, "close")
    assert body == b"The request took too long to arrive.\n"
    assert client.rest() == b""


@pytest.mark.parametrize("kind", ["Content-Length: 10", "Transfer-Encoding: chunked"])
def test_a_body_that_takes_too_long_is_answered_408(serve, connect, monkeypatch, kind) -> None:
    monkeypatch.setattr(LiveServer, "bounds", Bounds(head=60, body=0.05))
    client = connect(serve(echo))

    client.send("POST / HTTP/1.1", "Host: x", kind, body=b"4\r\nslow")

    assert client.answer()[0] == TIMED_OUT
    assert client.rest() == b""


def test_who_does_not_take_an_answer_is_left(serve, connect, monkeypatch) -> None:
    monkeypatch.setattr(LiveServer, "bounds", Bounds(idle=0.05))
    left = threading.Event()

    def endless(environ, start_response):
        start_response("200 OK", [])
        try:
            while True:
                yield b"x" * 65536
        finally:
            left.set()

    connect(serve(endless)).send("GET / HTTP/1.1", "Host: x")

    assert left.wait(PATIENCE)


def test_who_sends_on_and_on_after_a_refusal_is_cut_off(serve, connect, monkeypatch) -> None:
    monkeypatch.setattr(LiveServer, "bounds", Bounds(body=0.05))
    client = connect(serve())
    client.send("POST / HTTP/1.1", "Host: x", "Content-Length: 99999999999")
    assert client.answer()[0].startswith("HTTP/1.1 413 ")  # its name is another since Python 3.13

    def send_on() -> None:
        while True:
            client.socket.sendall(b"x")
            threading.Event().wait(0.01)  # so that it is never silent for long

    with pytest.raises(ConnectionError):
        send_on()


def test_time_for_the_body_begins_with_it(serve, connect, monkeypatch) -> None:
    monkeypatch.setattr(LiveServer, "bounds", Bounds(head=0.05, body=60))
    client = connect(serve(echo))
    client.send("POST / HTTP/1.1", "Host: x", "Content-Length: 4", "Expect: 100-continue")
    assert client.head()[0] == "HTTP/1.1 100 Continue"
    other = connect(client_server := serve())  # whose head has been given up by the time it is read
    other.socket.sendall(b"GET")
    assert other.answer()[0] == TIMED_OUT, client_server

    client.send(body=b"slow")

    assert client.answer()[2] == b"slow"


def test_airflows_own_server_says_nothing_to_the_slow(serve, connect, monkeypatch) -> None:
    monkeypatch.setattr(LiveServer, "bounds", Bounds(head=0.05))
    client = connect(serve(as_gunicorn=True))

    client.socket.sendall(b"GET / HT")

    assert client.rest() == b""


def test_one_connection_too_many_is_told_so(serve, connect, monkeypatch) -> None:
    monkeypatch.setattr(LiveServer, "bounds", Bounds(connections=2))
    server = serve()
    two = [connect(server) for _ in range(2)]
    for client in two:
        client.send("GET / HTTP/1.1", "Host: x")
        client.answer()

    status, headers, body = connect(server).answer()

    assert (status, headers["retry-after"]) == ("HTTP/1.1 503 Service Unavailable", "1")
    assert body == b"There are 2 connections, as many as this server takes.\n"
    two[0].send("GET / HTTP/1.1", "Host: x", "Connection: close")
    two[0].rest()
    while True:  # until that one's thread has ended
        client = connect(server)
        client.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        if client.file.readline().startswith(b"HTTP/1.1 200"):
            break
