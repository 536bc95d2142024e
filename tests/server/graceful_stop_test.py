"""How a server ends that gives grace to the answers that are being made."""

from __future__ import annotations

import threading

import pytest

from .socket_client import PATIENCE, Gate

EVENTS = [("Content-Type", "text/event-stream")]


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.open.set()


def stopping(server, call="stop") -> threading.Thread:
    thread = threading.Thread(target=getattr(server, call))
    thread.start()
    return thread


def test_an_answer_that_is_being_made_goes_out_and_the_connection_is_closed(serve, connect, gate) -> None:
    server = serve(gate)
    server.grace = PATIENCE
    busy, idle = connect(server), connect(server)
    idle.send("GET / HTTP/1.1", "Host: x")
    idle.answer()
    busy.send("GET /wait HTTP/1.1", "Host: x")
    gate.entered.acquire(timeout=PATIENCE)

    ending = stopping(server)
    assert idle.rest() == b""  # it is closed at once
    gate.open.set()

    _, headers, body = busy.answer()
    assert (headers["connection"], body) == ("close", b"hello")
    assert busy.rest() == b""
    ending.join(PATIENCE)
    assert not ending.is_alive()


def test_it_waits_no_longer_than_its_grace(serve, connect, gate) -> None:
    server = serve(gate)
    server.grace = 0.05
    busy = connect(server)
    busy.send("GET /wait HTTP/1.1", "Host: x")
    gate.entered.acquire(timeout=PATIENCE)

    server.stop()

    assert busy.rest() == b""


def test_it_can_be_cut_short(serve, connect, gate) -> None:
    server = serve(gate)
    server.grace = 10 * PATIENCE
    busy, idle = connect(server), connect(server)
    idle.send("GET / HTTP/1.1", "Host: x")
    idle.answer()  # it has been accepted
    busy.send("GET /wait HTTP/1.1", "Host: x")
    gate.entered.acquire(timeout=PATIENCE)
    ending = stopping(server)
    assert idle.rest() == b""

    server.cut_short()

    ending.join(PATIENCE)
    assert not ending.is_alive()
    assert busy.rest() == b""


def test_events_that_never_end_are_not_waited_for(serve, connect) -> None:
    over = threading.Event()
    told = []

    def app(environ, start_response):
        def events():
            try:
                yield b"data: 1\n\n"
                while True:
                    over.wait(0.01)
                    yield b": still there\n\n"
            finally:
                told.append(environ["mock_airflow.stopping"]())
                over.set()

        start_response("200 OK", EVENTS)
        return events()

    server = serve(app)
    server.grace = 10 * PATIENCE
    client = connect(server)
    client.send("GET / HTTP/1.1", "Host: x")
    assert client.head()[0] == "HTTP/1.1 200 OK"
    assert client.file.readline() == b"9\r\n"
    assert client.file.readline() == b"data: 1\n"

    server.stop()

    client.rest()
    assert over.wait(PATIENCE)  # and its generator is closed
    assert told == [True]


def test_it_can_be_started_again(serve, connect, gate) -> None:
    gate.open.set()
    server = serve(gate)
    server.grace = PATIENCE
    server.stop()
    assert server.stopping
    server.start()

    client = connect(server)
    for _ in range(2):
        client.send("GET / HTTP/1.1", "Host: x")
        assert client.answer()[2] == b"hello"
    assert not server.stopping
