"""What Airflow 2's own web server refuses or does otherwise, over a plain socket against a whole deployment."""

import json
import socket

import pytest

from mock_airflow import MockAirflow

from .socket_client import HOST, Client

MIB = 1024 * 1024
JSON = "Content-Type: application/json"
PAGE_413 = b"<p>The data value transmitted exceeds the capacity limit.</p>\n"


@pytest.fixture(scope="module")
def airflow():
    with MockAirflow(journal_size=100) as airflow:
        yield airflow


@pytest.fixture
def connect(airflow):
    clients = []

    def start(to=airflow):
        _ = to.url
        client = Client(to._server)
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.close()


def body_of(size):
    return b'{"key": "k", "value": "' + b"x" * (size - 25) + b'"}'


@pytest.mark.parametrize(
    ("line", "fields", "status", "words"),
    [
        (f"GET /health?a={'x' * 4319} HTTP/1.1", [], "414 URI Too Long", "Request Line is too large (4342 &gt; 4094)"),
        (f"POST /{'x' * 5000} HTTP/1.1", [], "414 URI Too Long", "Request Line is too large (5015 &gt; 4094)"),
        (
            "GET /health HTTP/1.1",
            [f"X-A: {'x' * 8184}"],
            "431 Request Header Fields Too Large",
            "&#x27;limit request headers fields size&#x27;",
        ),
        (
            "GET /health HTTP/1.1",
            ["X-A: 1"] * 100,
            "431 Request Header Fields Too Large",
            "&#x27;limit request headers fields&#x27;",
        ),
        ("GET /health/\xe9 HTTP/1.1", [], "400 Bad Request", "Invalid Request Line"),
        ("GET /health?a=\xff HTTP/1.1", [], "400 Bad Request", "Invalid Request Line"),
        ("get /health HTTP/1.1", [], "400 Bad Request", "Invalid HTTP method: &#x27;get&#x27;&#x27;"),
        ("Post /health HTTP/1.1", [], "400 Bad Request", "Invalid HTTP method: &#x27;Post&#x27;&#x27;"),
        ("GE /health HTTP/1.1", [], "400 Bad Request", "Invalid HTTP method: &#x27;GE&#x27;&#x27;"),
        (f"{'A' * 21} /health HTTP/1.1", [], "400 Bad Request", "Invalid HTTP method"),
    ],
)
def test_a_head_that_gunicorn_refuses(connect, line, fields, status, words):
    client = connect()
    client.send(line, HOST, *fields)
    first, headers, page = client.answer()
    assert first == f"HTTP/1.1 {status}"
    assert (headers["content-type"], headers["connection"]) == ("text/html", "close")
    assert words in page.decode("latin-1")
    assert f"<h1><p>{status[4:]}</p></h1>" in page.decode("latin-1")


def test_a_head_at_the_bounds_is_taken(connect):
    client = connect()
    line = "GET /health?{} HTTP/1.1"
    client.send(line.format("x" * (4094 - len(line) + 2)), HOST, f"X-A: {'x' * 8183}", *["X-B: 1"] * 98)
    assert client.answer()[0] == "HTTP/1.1 200 OK"


def test_many_long_headers_are_taken_together(connect):
    client = connect()
    client.send("GET /health HTTP/1.1", HOST, *[f"X-{n}: {'x' * 8000}" for n in range(20)])
    assert client.answer()[0] == "HTTP/1.1 200 OK"


@pytest.mark.parametrize("path", ["/api/v1/variables", "/api/v1/pools", "/auth/fab/v1/users"])
def test_a_body_above_the_bound_is_refused_before_anybody_is_asked_for(connect, path):
    client = connect()
    client.send(f"POST {path} HTTP/1.1", HOST, JSON, f"Content-Length: {MIB + 1}", body=body_of(MIB + 1))
    line, headers, page = client.answer()
    assert (line, headers["content-type"]) == ("HTTP/1.1 413 REQUEST ENTITY TOO LARGE", "text/html; charset=utf-8")
    assert page.endswith(PAGE_413)
    assert headers["connection"] == "close"


def test_a_body_at_the_bound_is_read(connect):
    client = connect()
    client.send("POST /api/v1/variables HTTP/1.1", HOST, JSON, f"Content-Length: {MIB}", body=body_of(MIB))
    assert client.answer()[0] == "HTTP/1.1 403 FORBIDDEN"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/api/v1/nope", 404), ("PUT", "/api/v1/variables", 405), ("GET", "/api/v1/pools", 413)],
)
def test_the_route_is_looked_at_first_and_any_operation_reads_its_body(connect, method, path, status):
    client = connect()
    client.send(f"{method} {path} HTTP/1.1", HOST, f"Content-Length: {40 * MIB}", body=b"{")
    assert client.answer()[0].split()[1] == str(status)


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [("/api/v1/variables", MIB + 1, "413"), ("/api/v1/nope", 10, "404"), ("/api/v1/variables", 100 * MIB, "413")],
)
def test_a_client_that_waits_for_leave_uploads_nothing_that_is_refused(connect, path, length, status):
    client = connect()
    client.send(f"POST {path} HTTP/1.1", HOST, JSON, f"Content-Length: {length}", "Expect: 100-continue")
    assert client.answer()[0].split()[1] == status


def test_a_client_that_waits_for_leave_gets_it(connect):
    client = connect()
    client.send("POST /api/v1/pools HTTP/1.1", HOST, JSON, "Content-Length: 5", "Expect: 100-continue")
    assert client.socket.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.socket.sendall(b"{bad}")
    line, headers, answer = client.answer()
    assert (line, json.loads(answer)["detail"]) == ("HTTP/1.1 400 BAD REQUEST", "Request body is not valid JSON")
    assert "connection" not in headers
    client.send("GET /health HTTP/1.1", HOST)
    assert client.answer()[0] == "HTTP/1.1 200 OK"


def chunked(client, data, kind="application/json"):
    client.send("POST /api/v1/pools HTTP/1.1", HOST, f"Content-Type: {kind}", "Transfer-Encoding: chunked")
    client.socket.sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data))
    line, _, answer = client.answer()
    return int(line.split()[1]), json.loads(answer)["detail"]


def test_a_body_in_chunks_is_cut_at_the_bound(connect):
    assert chunked(connect(), body_of(MIB + 1)) == (400, "Request body is not valid JSON")
    assert chunked(connect(), body_of(2 * MIB), "text/plain")[0] == 415
    assert chunked(connect(), b'{"name": "p"}' + b" " * 2 * MIB)[0] == 403


def test_the_bound_is_a_setting_that_the_configuration_tells():
    with MockAirflow(allowed_payload_size=0.5, expose_config="True") as airflow:
        headers = {"Content-Type": "application/json"}
        with airflow.intercept("http://airflow.test"):
            import requests

            sent = requests.post("http://airflow.test/api/v1/pools", data=body_of(MIB // 2 + 1), headers=headers)
            taken = requests.post("http://airflow.test/api/v1/pools", data=body_of(MIB // 2), headers=headers)
            told = requests.get(
                "http://airflow.test/api/v1/config/section/webserver/option/allowed_payload_size",
                headers={**airflow.headers, "Accept": "application/json"},
            )
        assert (sent.status_code, taken.status_code) == (413, 403)
        assert told.json()["sections"][0]["options"] == [{"key": "allowed_payload_size", "value": "0.5"}]


def test_an_old_protocol_is_answered_in_its_own(connect):
    client = connect()
    client.send("GET /health HTTP/1.0", "Connection: keep-alive")
    assert client.answer()[0] == "HTTP/1.0 200 OK"


def test_each_connection_is_closed_where_that_is_asked_for(connect):
    with MockAirflow(keep_alive=False) as closing:
        client = connect(closing)
        client.send("GET /health HTTP/1.1", HOST, "Connection: keep-alive")
        line, headers, _ = client.answer()
        assert (line, headers["connection"]) == ("HTTP/1.1 200 OK", "close")
        assert client.rest() == b""


def test_a_client_that_leaves_in_the_middle_of_a_body_breaks_nothing(connect, caplog):
    client = connect()
    client.send("POST /__mock__/world HTTP/1.1", HOST, JSON, f"Content-Length: {2 * MIB}", body=b"{")
    client.socket.shutdown(socket.SHUT_WR)
    client.rest()
    assert [record for record in caplog.records if record.exc_info] == []
