"""All servers of a process share the one thread that waits for connections."""

import os
import selectors
import signal
import threading

import pytest

from mock_airflow.server.acceptor import Acceptor
from mock_airflow.server.live import LiveServer

from .socket_client import HOST, PATIENCE, hello


def acceptors():
    return [thread for thread in threading.enumerate() if thread.name == "mock-airflow acceptor"]


def named(text):
    def app(environ, start_response):
        start_response("200 OK", [])
        return [text.encode()]

    return app


def test_many_servers_are_one_thread_and_a_port_each(serve, get):
    servers = [serve(named(str(number))) for number in range(20)]

    assert len(acceptors()) == 1
    assert len({server.port for server in servers}) == 20
    assert [get(server).body for server in servers] == [str(number).encode() for number in range(20)]


def test_one_stops_and_the_others_go_on(serve, get, connect):
    first, second = serve(named("first")), serve(named("second"))
    kept = connect(second)
    first.stop()

    with pytest.raises(ConnectionRefusedError):
        get(first)
    kept.send("GET / HTTP/1.1", HOST)
    assert kept.answer()[2] == b"second"
    assert get(second).body == b"second"


def test_servers_come_and_go_in_many_threads_at_once(get):
    failures = []

    def come_and_go(number):
        for turn in range(10):
            text = f"{number}.{turn}"
            with LiveServer(named(text)) as server:
                if get(server).body != text.encode():
                    failures.append(text)

    threads = [threading.Thread(target=come_and_go, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert failures == []
    assert len(acceptors()) == 1


def test_where_a_waiting_selector_does_not_see_changes_it_is_woken(monkeypatch, get):
    monkeypatch.setattr(selectors, "DefaultSelector", selectors.SelectSelector)
    acceptor = Acceptor()
    monkeypatch.setattr(Acceptor, "_of_this_process", acceptor)
    thread = threading.Thread(target=acceptor.run)
    thread.start()
    for text in ("first", "second"):
        with LiveServer(named(text)) as server:
            assert get(server).body == text.encode()
        with pytest.raises(ConnectionRefusedError):
            get(server)
    acceptor.end()
    thread.join(PATIENCE)
    acceptor.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # on Python 3.12 and later: it is the point
def test_a_forked_process_has_its_own_and_leaves_its_parents_alone(serve, get):
    server = serve(named("parent"))
    assert get(server).body == b"parent"
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(int(PATIENCE))
            server.stop()
            with LiveServer(hello) as own:
                os._exit(0 if get(own).body == b"hello" else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert get(server).body == b"parent"
