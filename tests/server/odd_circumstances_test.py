"""A server without descriptors, before a request without end, or among green threads."""

from __future__ import annotations

import socket
import sys
import threading
import types

import pytest

from mock_airflow import MockAirflow
from mock_airflow.errors import ServerError
from mock_airflow.server.acceptor import Acceptor
from mock_airflow.server.connection import Bounds
from mock_airflow.server.live import LiveServer


def _port(mock: MockAirflow) -> int:
    return int(mock.url.rpartition(":")[2])


def test_being_out_of_descriptors_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    acceptor, tries = Acceptor(), 0
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        nonlocal tries
        tries += 1
        if tries >= 20:
            acceptor.end()
        raise OSError(24, "Too many open files")

    acceptor.add(listener, accept)
    with socket.create_connection(listener.getsockname()[:2]):
        acceptor.run()
    acceptor.close()
    listener.close()
    assert tries == 20
    assert [record.getMessage() for record in caplog.records].count(
        "A connection could not be accepted: [Errno 24] Too many open files"
    ) == 1


def test_a_request_that_never_gets_whole_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveServer, "bounds", Bounds(head=0.2, body=0.2))
    with (
        MockAirflow(frozen=True) as mock,
        socket.create_connection(("127.0.0.1", _port(mock))) as sock,
    ):
        sock.sendall(b"POST /api/v1/pools HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        sock.settimeout(30)
        done = threading.Event()

        def drip() -> None:
            while not done.wait(0.01):
                try:
                    sock.sendall(b" ")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            ended = sock.recv(100) == b""
        except ConnectionError:  # closed with bytes on their way
            ended = True
        finally:
            done.set()
            thread.join()
    assert ended


def test_green_threads_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    eventlet = types.ModuleType("eventlet")
    eventlet.patcher = types.SimpleNamespace(is_monkey_patched=lambda what: what == "thread")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "eventlet", eventlet)
    with pytest.raises(ServerError, match="eventlet"):
        LiveServer(lambda environ, start: []).listen()
