"""One thread answers all connections that have to wait for nothing but their clients."""

from __future__ import annotations

import errno
import threading
from itertools import pairwise

import pytest

from mock_airflow.answers import WAITS
from mock_airflow.server.connection import Bounds
from mock_airflow.server.lead import Lead

from .socket_client import HOST, PATIENCE, Gate, hello, on_connection

GET = "GET / HTTP/1.1"


@pytest.fixture
def unwatched(monkeypatch):
    """Nobody takes the lead from a thread that the machine does not let run."""
    monkeypatch.setattr(Lead, "_of_this_process", None)
    monkeypatch.setattr(Lead, "looks", (10 * PATIENCE, 10 * PATIENCE))


class Threads:
    """An application that tells which thread it is called in; at /waits it says that it is about to wait."""

    def __init__(self):
        self.seen = []

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/waits":
            environ[WAITS]()
        self.seen.append(threading.current_thread())
        return hello(environ, start_response)


def asked(client, path="/"):
    client.send(f"GET {path} HTTP/1.1", HOST)
    assert client.answer()[2] == b"hello"


def test_connections_share_a_thread(serve, connect, unwatched):
    threads = Threads()
    server = serve(threads)
    clients = [connect(server) for _ in range(8)]
    for _ in range(2):  # the first was alone at first, and gives its thread up at its next request
        for client in clients:
            asked(client)
    threads.seen.clear()

    for _ in range(3):
        for client in clients:
            asked(client)

    assert len(set(threads.seen)) == 1


def test_who_waits_has_a_thread_until_it_waits_no_more(serve, connect, unwatched):
    threads = Threads()
    server = serve(threads)
    waiting, other = connect(server), connect(server)
    for client in (waiting, other):
        asked(client), asked(client)
    threads.seen.clear()

    asked(waiting, "/waits")
    asked(other)
    asked(waiting, "/waits")
    asked(waiting)
    asked(waiting)

    first, leader, second, third, last = threads.seen
    assert first is second is third
    assert first is not leader
    assert last is leader
    assert first.name == f"mock-airflow 127.0.0.1:{waiting.socket.getsockname()[1]}"
    first.join(PATIENCE)
    assert not first.is_alive()


def test_who_says_late_that_it_waits_has_others_share_a_thread_again(serve, connect):
    threads = Threads()
    taken, said, end = threading.Event(), threading.Event(), threading.Event()

    def app(environ, start_response):
        if environ["PATH_INFO"] == "/late":
            assert taken.wait(PATIENCE)
            environ[WAITS]()
            said.set()
            assert end.wait(PATIENCE)
        return threads(environ, start_response)

    server = serve(app)
    late, other = connect(server), connect(server)
    asked(late), asked(other), asked(late)
    late.send("GET /late HTTP/1.1", HOST)
    asked(other)
    taken.set()
    assert said.wait(PATIENCE)
    threads.seen.clear()

    for _ in range(100):
        asked(other)

    end.set()
    assert late.answer()[2] == b"hello"
    assert any(one is next_one for one, next_one in pairwise(threads.seen))


def test_an_answer_that_its_client_does_not_take_holds_up_nobody(serve, connect, get):
    def app(environ, start_response):
        if environ["PATH_INFO"] != "/large":
            return hello(environ, start_response)
        start_response("200 OK", [])
        return [b"x" * 50_000_000]

    server = serve(app)
    client = connect(server)
    client.send("GET /large HTTP/1.1", HOST)
    assert client.file.readline() == b"HTTP/1.1 200 OK\r\n"

    assert get(server).body == b"hello"
    while (line := client.file.readline()) != b"\r\n":
        assert line
    assert len(client.file.read(50_000_000)) == 50_000_000


def test_connections_that_end_in_an_answer_make_room_for_others(serve, connect, get):
    server = serve(on_connection(lambda connection: connection.close()))
    kept = [connect(server) for _ in range(3)]
    for _ in range(20):
        client = connect(server)
        client.send(GET, HOST)
        assert client.rest() == b""
        client.close()
    for client in kept:
        client.send(GET, HOST)
        assert client.rest() == b""


def test_who_goes_on_after_closing_holds_up_nobody(serve, connect, unwatched):
    gate = Gate()

    def app(environ, start_response):
        if environ["PATH_INFO"] == "/wait":
            environ["mock_airflow.connection"].abort()
        return gate(environ, start_response)

    server = serve(app)
    closing = connect(server)
    closing.send("GET /wait HTTP/1.1", HOST)
    with pytest.raises(ConnectionResetError):
        closing.rest()
    assert gate.entered.acquire(timeout=PATIENCE)

    asked(connect(server))
    gate.open.set()


def test_silent_clients_are_left_beside_one_that_waits(serve, connect):
    gate = Gate()
    server = serve(gate)
    busy = connect(server)
    busy.send("GET /wait HTTP/1.1", HOST)
    assert gate.entered.acquire(timeout=PATIENCE)
    server.bounds = Bounds(idle=0.05)

    silent = [connect(server) for _ in range(3)]

    assert {client.rest() for client in silent} == {b""}
    gate.open.set()
    assert busy.answer()[2] == b"hello"


def test_without_more_threads_the_others_wait(monkeypatch, serve, connect, unwatched, caplog):
    threads = Threads()
    server = serve(threads)
    one, other = connect(server), connect(server)
    asked(one), asked(other), asked(one)

    def no_thread(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_thread)
    asked(one, "/waits")
    asked(other)

    assert [record.getMessage() for record in caplog.records] == [
        f"The other connections wait for mock-airflow 127.0.0.1:{one.socket.getsockname()[1]}: can't start new thread"
    ]
    assert len(set(threads.seen[-2:])) == 1


def test_a_fault_of_the_servers_own_ends_one_connection_alone(serve, connect, caplog):
    server = serve()

    def broken(seen):
        raise ZeroDivisionError

    server.watchers = [broken]
    one, other = connect(server), connect(server)
    asked(one)
    one.send("This is no request.")

    assert one.rest() == b""
    asked(other)
    assert "failed" in caplog.text


def test_the_watcher_may_be_called_just_as_it_wakes_by_itself(monkeypatch):
    lead = Lead()
    begun = iter(["it looks", "it rests, until it wakes", "it rests again", "it has heard of it"])

    class Called:
        """The lock that the watcher waits for, with those that call it in the worst moments."""

        locked, release = lead._woken.locked, lead._woken.release

        def acquire(self, timeout):
            match next(begun):
                case "it looks":
                    return False
                case "it rests, until it wakes":
                    lead._wake_watcher()
                    return False
                case "it rests again":
                    lead._wake_watcher()
                    return woken.acquire(timeout=PATIENCE)
            raise InterruptedError

    woken = lead._woken
    monkeypatch.setattr(lead, "_woken", Called())
    with pytest.raises(InterruptedError):
        lead._watch()
    assert woken.locked()


def test_a_connection_that_the_system_lets_nobody_wait_for_is_forgotten(monkeypatch, serve, connect, caplog):
    server = serve()
    server.bounds = Bounds(connections=1)
    with monkeypatch.context() as patch:

        def full(*given):
            raise OSError(errno.ENOSPC, "no more watches")

        patch.setattr(Lead.shared()._selector, "register", full)
        assert connect(server).rest() == b""

    asked(connect(server))
    assert [record.getMessage() for record in caplog.records] == [
        "A connection could not be accepted: [Errno 28] no more watches"
    ]


def test_a_hook_that_fails_as_a_test_does_ends_one_connection_alone(serve, connect, caplog):
    def app(environ, start_response):
        if environ["PATH_INFO"] == "/broken":
            raise ZeroDivisionError
        return hello(environ, start_response)

    def fail(error, environ):
        pytest.fail("as the application failed")

    server = serve(app, on_error=fail)
    one, other = connect(server), connect(server)
    asked(one), asked(other)
    one.send("GET /broken HTTP/1.1", HOST)

    assert one.rest() == b""
    asked(other)
    assert "as the application failed" in caplog.text


def test_where_no_selector_sees_changes_each_connection_has_a_thread(monkeypatch, serve, connect):
    monkeypatch.setattr(Lead, "is_possible", False)
    threads = Threads()
    server = serve(threads)
    clients = [connect(server) for _ in range(3)]
    for client in clients:
        asked(client, "/waits"), asked(client)
    assert len(set(threads.seen)) == 3
