"""A call of a WSGI application without a server: its result, its end, its errors."""

import pytest

from mock_airflow.in_process.wsgi_call import wsgi_call


def test_wsgi_call_closes_the_result_and_lets_errors_out():
    closed = []

    class Body(list):
        def close(self):
            closed.append(True)

    def app(environ, start_response):
        start_response("404 Not Found", [("X-A", "1"), ("X-A", "2")])
        return Body([b"gone"])

    reply = wsgi_call(app, "GET", "http://h.example/x")
    assert (reply.status, reply.reason, reply.body, closed) == (404, "Not Found", b"gone", [True])
    assert [value for name, value in reply.headers if name == "X-A"] == ["1", "2"]

    def broken(environ, start_response):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        wsgi_call(broken, "GET", "http://h.example/x")
    with pytest.raises(RuntimeError, match="must call start_response"):
        wsgi_call(lambda environ, start_response: [], "GET", "http://h.example/x")


def test_wsgi_call_takes_what_is_written():
    def app(environ, start_response):
        write = start_response("200 OK", [])
        write(b"one ")
        return [b"two"]

    assert wsgi_call(app, "GET", "http://h.example").body == b"one two"


def test_wsgi_call_leaves_out_the_body_where_there_is_none():
    def app(environ, start_response):
        start_response(environ["QUERY_STRING"], [])
        return [b"body"]

    replies = [
        wsgi_call(app, method, f"http://h.example?{status}").body
        for method, status in (("GET", "200 OK"), ("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 No"))
    ]
    assert replies == [b"body", b"", b"", b""]
