"""What the live server takes in, what it makes of it, and what it refuses."""

import socket

import pytest

from mock_airflow.server.wire import MAX_BODY, MAX_HEAD, MAX_HEADERS

from .socket_client import HOST, Seen, echo

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
