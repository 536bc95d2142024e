"""How long a connection lives, and how many live beside each other."""

import socket

from mock_airflow.server.connection import Bounds
from mock_airflow.server.live import LiveServer

from .socket_client import PATIENCE, Gate, Seen, echo


def test_a_connection_is_used_again(serve, connect):
    seen = Seen()
    client = connect(serve(seen))
    for _ in range(3):
        client.send("GET / HTTP/1.1", "Host: x")
        assert client.answer()[2] == b"hello"
    assert len({environ["REMOTE_PORT"] for environ in seen.environs}) == 1


def test_pipelined_requests_are_answered_in_order(serve, connect):
    client = connect(serve(echo))
    one = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
    two = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
    client.socket.sendall((one + two + "\r\n" + one).encode())
    assert [client.answer()[2] for _ in range(3)] == [b"one", b"two", b"one"]


def test_a_request_may_arrive_byte_by_byte(serve, connect):
    client = connect(serve(echo))
    length = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nslow"
    chunks = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nslow\r\n0\r\n\r\n"
    for byte in length + chunks:
        client.socket.sendall(bytes([byte]))
    assert client.answer()[2] == client.answer()[2] == b"slow"


def test_the_client_may_close(serve, connect):
    client = connect(serve())
    client.send("GET / HTTP/1.1", "Host: x", "Connection: TE, Close")
    assert client.answer()[1]["connection"] == "close"
    assert client.rest() == b""


def test_the_application_may_close(serve, connect):
    def app(environ, start_response):
        start_response("200 OK", [("Connection", "close")])
        return [b""]

    client = connect(serve(app))
    client.send("GET / HTTP/1.1", "Host: x")
    assert client.head()[1]["connection"] == "close"
    assert client.rest() == b""


def test_a_client_that_only_closed_its_half_is_answered(serve, connect):
    client = connect(serve())
    client.send("GET / HTTP/1.1", "Host: x")
    client.socket.shutdown(socket.SHUT_WR)
    assert client.answer()[2] == b"hello"
    assert client.rest() == b""


def test_a_silent_client_is_left(monkeypatch, serve, connect):
    monkeypatch.setattr(LiveServer, "bounds", Bounds(idle=0.05))
    assert connect(serve()).rest() == b""


def test_fifty_waiting_answers_hold_up_nobody(serve, connect, get):
    gate = Gate()
    server = serve(gate)
    waiting = [connect(server) for _ in range(50)]
    for client in waiting:
        client.send("GET /wait HTTP/1.1", "Host: x")
    for _ in waiting:
        assert gate.entered.acquire(timeout=PATIENCE)
    assert get(server).body == b"hello"
    gate.open.set()
    assert {client.answer()[2] for client in waiting} == {b"hello"}
