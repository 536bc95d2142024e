"""How the live server starts and ends, under which addresses, and with TLS."""

import contextlib
import errno
import gc
import http.client
import signal
import socket
import ssl
import threading
import weakref

import pytest

from mock_airflow.errors import ServerError
from mock_airflow.server.lead import Lead
from mock_airflow.server.live import LiveServer

from .socket_client import HOST, PATIENCE, Gate, Seen, hello, on_connection

# Start and stop


def names():
    return [thread.name for thread in threading.enumerate()]


def test_stop_ends_idle_connections_and_refuses_new_ones(serve, connect):
    server = serve()
    fresh, used = connect(server), connect(server)  # accepted in this order
    used.send("GET / HTTP/1.1", HOST)
    assert used.answer()[2] == b"hello"
    server.stop()
    assert used.rest() == fresh.rest() == b""
    assert not [name for name in names() if f":{server.port}" in name or f":{used.socket.getsockname()[1]}" in name]
    with pytest.raises(ConnectionRefusedError):
        connect(server)


def test_what_a_stopped_server_had_goes_without_a_search_for_garbage(connect):
    gone = threading.Event()

    def used(app):
        with LiveServer(app) as server:
            client = connect(server)
            client.send("GET / HTTP/1.1", HOST)
            assert client.answer()[2] == b"hello"

    app = Seen()
    weakref.finalize(app, gone.set)
    gc.disable()
    try:
        used(app)
        app.environs.clear()
        del app
        used(hello)  # as the shared threads remember their latest
        assert gone.wait(PATIENCE)
    finally:
        gc.enable()


def test_stop_does_not_wait_for_an_answer(serve, connect, caplog):
    gate = Gate()
    server = serve(gate)
    client = connect(server)
    client.send("GET /wait HTTP/1.1", HOST)
    assert gate.entered.acquire(timeout=PATIENCE)
    blocked = f"mock-airflow 127.0.0.1:{client.socket.getsockname()[1]}"
    server.stop()
    assert blocked in names()
    assert client.rest() == b""
    gate.open.set()
    for thread in threading.enumerate():
        if thread.name == blocked:
            thread.join(PATIENCE)
    assert blocked not in names()
    assert caplog.records == []


def test_stop_from_inside_the_application(get):
    server = LiveServer(lambda environ, start_response: server.stop() or hello(environ, start_response)).start()
    with pytest.raises(ConnectionError):
        get(server)
    with pytest.raises(ConnectionRefusedError):
        get(server)


def test_a_server_may_be_stopped_twice_or_unstarted():
    server = LiveServer(hello)
    server.stop()
    server.start().start()
    server.stop()
    server.stop()


def test_a_stopped_server_starts_again_where_it_was(get):
    server = LiveServer(hello)
    with server:
        first = server.url
        assert get(server).status == 200
    with server:
        assert server.url == first
        assert get(server).status == 200


def test_listen_takes_connections_before_they_are_served(connect):
    server = LiveServer(hello).listen()
    client = connect(server)
    client.send("GET / HTTP/1.1", HOST)
    with server:
        assert client.answer()[2] == b"hello"


def test_listen_alone_can_be_stopped(connect):
    server = LiveServer(hello).listen()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        connect(server)


def test_serve_forever_stops_from_another_thread(get):
    server = LiveServer(hello).listen()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    assert get(server).status == 200
    server.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer signal")
@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals reach the main thread")
def test_serve_forever_stops_from_a_signal_handler(connect):
    server = LiveServer(hello).listen()
    before = signal.signal(signal.SIGALRM, lambda *_: server.stop())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        server.serve_forever()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    with pytest.raises(ConnectionRefusedError):
        connect(server)


def test_a_connection_that_cannot_be_served_leaves_the_server_alive(monkeypatch, serve, connect, get, caplog):
    monkeypatch.setattr(Lead, "_of_this_process", None)  # which may have its threads already
    server = serve()
    start = threading.Thread.start
    refusals = iter([True])

    def no_thread(thread):
        if "mock-airflow" in thread.name and next(refusals, False):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", no_thread)
    assert connect(server).rest() == b""
    assert get(server).body == b"hello"
    assert "can't start new thread" in caplog.text


# Addresses


def test_urls():
    assert LiveServer(hello, port=81).url == "http://127.0.0.1:81"
    assert LiveServer(hello, "::1", 81).url == "http://[::1]:81"
    assert LiveServer(hello, "0.0.0.0", 81).url == "http://127.0.0.1:81"
    assert LiveServer(hello, "::", 81).url == "http://[::1]:81"
    assert LiveServer(hello, port=81, ssl_context=ssl.create_default_context()).url == "https://127.0.0.1:81"


def test_ipv6(serve):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    seen = Seen()
    server = serve(seen, "::1")
    connection = http.client.HTTPConnection("::1", server.port, timeout=PATIENCE)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"hello"
    connection.close()
    assert seen.environs[0]["REMOTE_ADDR"] == "::1"


def test_localhost_is_served(serve, get):
    assert get(serve(hello, "localhost")).body == b"hello"


def test_a_taken_port_is_named(serve):
    port = serve().port
    with pytest.raises(ServerError, match=rf"127\.0\.0\.1:{port}: the port is in use; .*0 takes any free one"):
        LiveServer(hello, port=port).start()


def test_an_unknown_host_is_named():
    with pytest.raises(ServerError, match=r"no-such-host\.invalid:0: no such host is known; use 127\.0\.0\.1"):
        LiveServer(hello, "no-such-host.invalid").start()


def test_a_port_out_of_range_is_named():
    with pytest.raises(ServerError, match=r"127\.0\.0\.1:70000: a port is a number up to 65535"):
        LiveServer(hello, port=70000).start()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "ports below 1024 need special rights; choose one from 1024 up"),
        (errno.EADDRNOTAVAIL, "the address is not one of this machine's; use 127.0.0.1"),
        (errno.ENOBUFS, "No buffer space available; choose another host or port"),
    ],
)
def test_other_reasons_are_named(monkeypatch, number, words):
    def create_server(*args, **options):
        raise OSError(number, "No buffer space available")

    monkeypatch.setattr(socket, "create_server", create_server)
    with pytest.raises(ServerError, match=words):
        LiveServer(hello, port=80).start()


# TLS


@pytest.fixture(scope="module")
def tls():
    """The server's context and a client's that trusts it."""
    authority = pytest.importorskip("trustme").CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    return server, client


@pytest.fixture
def secure_get(tls):
    with contextlib.ExitStack() as stack:

        def call(server):
            connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=PATIENCE, context=tls[1])
            stack.callback(connection.close)
            connection.request("GET", "/")
            return connection, connection.getresponse().read()

        yield call


def test_tls(serve, tls, secure_get):
    seen = Seen()
    server = serve(seen, ssl_context=tls[0])
    connection, body = secure_get(server)
    connection.request("GET", "/")
    assert connection.getresponse().read() == body == b"hello"
    assert server.url.startswith("https://")
    assert {environ["wsgi.url_scheme"] for environ in seen.environs} == {"https"}
    server.stop()
    with pytest.raises((ConnectionError, ssl.SSLError)):
        connection.sock.sendall(b"x"), connection.sock.recv(1), connection.sock.sendall(b"x")


def test_tls_misbehaviour(serve, tls, secure_get):
    server = serve(on_connection(lambda connection: connection.abort()), ssl_context=tls[0])
    with pytest.raises(ConnectionResetError):
        secure_get(server)


def test_a_client_that_speaks_no_tls_holds_up_nobody(serve, tls, connect, secure_get, caplog):
    server = serve(ssl_context=tls[0])
    silent, plain = connect(server), connect(server)
    plain.send("GET / HTTP/1.1", HOST)
    with contextlib.suppress(ConnectionError):
        assert b"200 OK" not in plain.rest()
    assert secure_get(server)[1] == b"hello"
    server.stop()
    assert silent.rest() == b""
    assert caplog.records == []


def test_a_tls_client_of_the_plain_port_learns_at_once(serve):
    server = serve()
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=PATIENCE)
    with pytest.raises(ssl.SSLError):
        connection.connect()
    connection.close()
