"""The live server through real sockets: what goes over the wire, what is refused, and how it ends."""

import contextlib
import errno
import http.client
import logging
import signal
import socket
import ssl
import threading

import pytest

from mock_airflow.errors import ServerError
from mock_airflow.transports.live import LiveServer
from mock_airflow.transports.wire import MAX_BODY, MAX_HEAD, MAX_HEADERS

PATIENCE = 20  # seconds until a client or a thread that should have answered fails the test


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def echo(environ, start_response):
    """Answers with the request's body."""
    start_response("200 OK", [("X-Length", environ.get("CONTENT_LENGTH", "none"))])
    return [environ["wsgi.input"].read()]


class Seen:
    """An application that keeps the environs it is called with."""

    def __init__(self):
        self.environs = []

    def __call__(self, environ, start_response):
        self.environs.append(environ)
        return hello(environ, start_response)


class Gate:
    """An application whose /wait answers only after `open`; `entered` counts those inside."""

    def __init__(self):
        self.open = threading.Event()
        self.entered = threading.Semaphore(0)

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/wait":
            self.entered.release()
            assert self.open.wait(PATIENCE)
        return hello(environ, start_response)


class Client:
    """A plain socket that reads answers one by one."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        self.file = self.socket.makefile("rb")

    def send(self, *lines, body=b""):
        head = "".join(f"{line}\r\n" for line in (*lines, "")) if lines else ""
        self.socket.sendall(head.encode("latin-1") + body)

    def head(self):
        """The status line and the headers of the next answer."""
        status = self.file.readline().decode().rstrip()
        return status, dict(line.decode().rstrip().lower().split(": ", 1) for line in iter(self.file.readline, b"\r\n"))

    def answer(self):
        """Status line, headers and body of the next answer, which has a Content-Length."""
        status, headers = self.head()
        return status, headers, self.file.read(int(headers["content-length"]))

    def rest(self):
        """All that comes until the server closes."""
        return self.file.read()

    def close(self):
        self.file.close()
        self.socket.close()


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


# Answers


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


# Connections


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
    monkeypatch.setattr(LiveServer, "idle_timeout", 0.05)
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


# Request bodies and the environ


def test_a_chunked_body_arrives_decoded(serve, connect):
    client = connect(serve(echo))
    head = ["POST / HTTP/1.1", "Host: x", "Transfer-Encoding: Chunked"]
    client.send(*head, body=b"4;name=value\r\nchun\r\n2 \r\nke\r\n1\r\nd\r\n0\r\nTrailer: x\r\n\r\n")
    _, headers, body = client.answer()
    assert (headers["x-length"], body) == ("7", b"chunked")


def test_a_client_that_asks_first_is_told_to_continue(serve, connect):
    client = connect(serve(echo))
    client.send("POST / HTTP/1.1", "Host: x", "Content-Length: 4", "Expect: 100-continue")
    assert client.head() == ("HTTP/1.1 100 Continue", {})
    client.socket.sendall(b"body")
    assert client.answer()[2] == b"body"


def test_the_environ_is_complete(serve, connect):
    seen = Seen()
    server = serve(seen)
    client = connect(server)
    client.send(
        "PUT /a%20b/%C3%A9%2F?q=%20&x=1 HTTP/1.1",
        "Host: airflow.example:81",
        "Content-Type: application/json",
        "Content-Length: 2",
        "Authorization: Basic one",
        "authorization:Bearer two \t",
        "Cookie: a=1",
        "Cookie: b=2",
        "X_Forged: 1",
        "X-Empty:",
        body=b"{}",
    )
    assert client.answer()[0] == "HTTP/1.1 200 OK"
    environ = seen.environs[0]
    expected = {
        "REQUEST_METHOD": "PUT",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a b/Ã©/",
        "QUERY_STRING": "q=%20&x=1",
        "REQUEST_URI": "/a%20b/%C3%A9%2F?q=%20&x=1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(server.port),
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": str(client.socket.getsockname()[1]),
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "2",
        "HTTP_HOST": "airflow.example:81",
        "HTTP_AUTHORIZATION": "Basic one, Bearer two",
        "HTTP_COOKIE": "a=1; b=2",
        "HTTP_X_EMPTY": "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    assert {key: environ.get(key) for key in expected} == expected
    raw = environ["mock_airflow.raw_headers"]
    assert [value for name, value in raw if name.lower() == "authorization"] == ["Basic one", "Bearer two"]
    assert ("X_Forged", "1") in raw
    assert not {"HTTP_X_FORGED", "HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"} & environ.keys()


@pytest.mark.parametrize(
    ("target", "path", "host"),
    [
        ("/", "/", "x"),
        ("//dags", "//dags", "x"),
        ("*", "*", "x"),
        ("http://proxied:8/dags", "/dags", "proxied:8"),
        ("HTTP://proxied", "/", "proxied"),
    ],
)
def test_request_targets(serve, connect, target, path, host):
    seen = Seen()
    client = connect(serve(seen))
    client.send(f"OPTIONS {target} HTTP/1.1", "Host: x")
    client.answer()
    environ = seen.environs[0]
    assert (environ["PATH_INFO"], environ["HTTP_HOST"], environ["REQUEST_URI"]) == (path, host, target)


def test_the_environ_satisfies_the_standard_validator(serve, get):
    validator = pytest.importorskip("wsgiref.validate").validator

    def app(environ, start_response):
        environ = {key: value for key, value in environ.items() if key != "HTTP_CONTENT_LENGTH"}
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["wsgi.input"].read(2)]

    assert get(serve(validator(app)), "/?q", method="POST", body=b"ok").body == b"ok"


# Refusals

HOST = "Host: x"
LONG = "y" * MAX_HEAD
REFUSED = {
    "no version": (["GET /"], b"", 400, "request line"),
    "two spaces": (["GET  / HTTP/1.1", HOST], b"", 400, "request line"),
    "odd method": (["G@T / HTTP/1.1", HOST], b"", 400, "request line"),
    "other protocol": (["GET / HTTP/2.0", HOST], b"", 505, "HTTP/1.1"),
    "relative target": (["GET dags HTTP/1.1", HOST], b"", 400, "target"),
    "authority target": (["CONNECT x:443 HTTP/1.1", HOST], b"", 400, "target"),
    "no host": (["GET / HTTP/1.1"], b"", 400, "Host"),
    "two hosts": (["GET / HTTP/1.1", HOST, HOST], b"", 400, "Host"),
    "no colon": (["GET / HTTP/1.1", HOST, "nonsense"], b"", 400, "Name: value"),
    "space before colon": (["GET / HTTP/1.1", HOST, "X : 1"], b"", 400, "Name: value"),
    "empty name": (["GET / HTTP/1.1", HOST, ": 1"], b"", 400, "Name: value"),
    "control character": (["GET / HTTP/1.1", HOST, "X: a\0b"], b"", 400, "control characters"),
    "lone CR": (["GET / HTTP/1.1", HOST, "X: a\rY: b"], b"", 400, "control characters"),
    "lone LF": ([], b"GET / HTTP/1.1\nHost: x\n\n", 400, "CR LF"),
    "folded header": (["GET / HTTP/1.1", HOST, "X: a", " b"], b"", 400, "continued"),
    "TLS": ([], b"\x16\x03\x01\x02\x00", 400, "TLS"),
    "too many headers": (["GET / HTTP/1.1", HOST, *["X: 1"] * MAX_HEADERS], b"", 431, "100"),
    "long header": (["GET / HTTP/1.1", HOST, f"X: {LONG}"], b"", 431, "65536"),
    "long target": ([f"GET /{LONG} HTTP/1.1", HOST], b"", 414, "65536"),
    "long target alone": ([f"GET /{LONG}"], b"", 414, "65536"),
    "length and chunks": (
        ["POST / HTTP/1.1", HOST, "Content-Length: 5", "Transfer-Encoding: chunked"],
        b"0\r\n\r\n",
        400,
        "Content-Length",
    ),
    "chunks in 1.0": (["POST / HTTP/1.0", "Transfer-Encoding: chunked"], b"0\r\n\r\n", 400, "HTTP/1.0"),
    "other coding": (["POST / HTTP/1.1", HOST, "Transfer-Encoding: gzip, chunked"], b"", 501, "chunked"),
    "two lengths": (["POST / HTTP/1.1", HOST, "Content-Length: 1", "Content-Length: 2"], b"ab", 400, "differ"),
    "signed length": (["POST / HTTP/1.1", HOST, "Content-Length: +1"], b"a", 400, "decimal"),
    "listed length": (["POST / HTTP/1.1", HOST, "Content-Length: 1, 1"], b"a", 400, "decimal"),
    "foreign digits": (["POST / HTTP/1.1", HOST, "Content-Length: \xb2"], b"a", 400, "decimal"),
    "large body": (["POST / HTTP/1.1", HOST, f"Content-Length: {MAX_BODY + 1}"], b"a", 413, "larger"),
    "absurd length": (["POST / HTTP/1.1", HOST, f"Content-Length: {'9' * 5000}"], b"a", 413, "larger"),
    "large chunk": (["POST / HTTP/1.1", HOST, "Transfer-Encoding: chunked"], b"1000001\r\n", 413, "larger"),
    "bad chunk size": (["POST / HTTP/1.1", HOST, "Transfer-Encoding: chunked"], b"-1\r\n", 400, "hexadecimal"),
    "short chunk size": (["POST / HTTP/1.1", HOST, "Transfer-Encoding: chunked"], b"1\r\nab\r\n", 400, "longer"),
    "long chunk line": (["POST / HTTP/1.1", HOST, "Transfer-Encoding: chunked"], b"1;" + b"x" * 5000, 400, "4096"),
    "long trailer": (
        ["POST / HTTP/1.1", HOST, "Transfer-Encoding: chunked"],
        b"0\r\n" + b"T: 1\r\n" * (MAX_HEADERS + 1),
        400,
        "trailer",
    ),
    "other expectation": (["GET / HTTP/1.1", HOST, "Expect: miracles"], b"", 417, "100-continue"),
}


@pytest.mark.parametrize(("lines", "body", "status", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_broken_requests_are_refused_in_plain_words(serve, connect, caplog, lines, body, status, words):
    seen = Seen()
    client = connect(serve(seen))
    client.send(*lines, body=body)
    line, headers, text = client.answer()
    assert int(line.split()[1]) == status
    assert (headers["content-type"], headers["connection"]) == ("text/plain; charset=utf-8", "close")
    assert words in text.decode()
    assert text.count(b"\n") == 1
    client.socket.shutdown(socket.SHUT_WR)
    assert client.rest() == b""
    assert (seen.environs, caplog.records) == ([], [])


def test_a_client_in_the_middle_of_a_large_body_reads_the_refusal(serve, get):
    response = get(serve(), method="POST", body=bytes(MAX_BODY + 1))
    assert response.status == 413
    assert b"larger" in response.body


def test_the_largest_body_is_taken(serve, get):
    def app(environ, start_response):
        start_response("200 OK", [])
        return [str(len(environ["wsgi.input"].read())).encode()]

    assert get(serve(app), method="POST", body=bytes(MAX_BODY)).body == str(MAX_BODY).encode()


def test_equal_lengths_are_no_conflict(serve, connect):
    client = connect(serve(echo))
    client.send("POST / HTTP/1.1", HOST, "Content-Length: 2", "Content-Length: 2", body=b"ok")
    assert client.answer()[2] == b"ok"


@pytest.mark.parametrize(
    "part",
    [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"],
    ids=["none", "head", "body"],
)
def test_a_client_that_leaves_early_is_no_error(serve, connect, caplog, part):
    seen = Seen()
    client = connect(serve(seen))
    client.socket.sendall(part)
    client.socket.shutdown(socket.SHUT_WR)
    assert client.rest() == b""
    assert (seen.environs, caplog.records) == ([], [])


# Misbehaviour on demand


def on_connection(act):
    def app(environ, start_response):
        act(environ["mock_airflow.connection"])
        return hello(environ, start_response)

    return app


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
