"""`intercept()`: requests' calls to one base URL, answered in process; everything else as it was."""

import asyncio
import functools
import io
import threading

import pytest
import requests
import responses
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from mock_airflow import MockAirflow
from mock_airflow.errors import BaseUrlError
from mock_airflow.in_process.interception import Interception

BASE = "https://airflow.example/team-a"


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello from ", environ["PATH_INFO"].encode("latin-1")]


def said(text):
    """An application that says this text."""

    def app(environ, start_response):
        start_response("200 OK", [])
        return [text.encode()]

    return app


class Seen:
    """An application that keeps what it is called with, and answers with the request's body."""

    def __init__(self, *statuses):
        self.environs = []
        self.bodies = []
        self.statuses = list(statuses)

    def __call__(self, environ, start_response):
        self.environs.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        status = self.statuses.pop(0) if self.statuses else "200 OK"
        start_response(status, [("Retry-After", "7")] if status.startswith("429") else [])
        return [self.bodies[-1]]


@pytest.fixture
def airflow():
    with MockAirflow() as mock:
        mock.add_dag("etl")
        yield mock


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    before = requests.Session.get_adapter
    yield
    assert requests.Session.get_adapter is before


@pytest.mark.parametrize(
    "base_url",
    [
        BASE,
        BASE + "/",
        BASE + "/api/v1",
        BASE + "/api/v1/",
        "https://airflow.example",
        "https://airflow.example/",
        "https://airflow.example/api/v1",
        "https://AIRFLOW.example:443/api/v1/",
        "http://localhost:8080",
    ],
)
def test_any_form_of_base_url_reaches_the_api(airflow, base_url):
    root = base_url.rstrip("/").removesuffix("/api/v1")
    with airflow.intercept(base_url):
        answer = requests.get(f"{root}/api/v1/dags", headers=airflow.headers)

    assert (answer.status_code, answer.json()["total_entries"]) == (200, 1)
    assert [call.path for call in airflow.calls] == ["/api/v1/dags"]


def test_no_socket_is_opened(airflow, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    with airflow.intercept(BASE):
        assert requests.get(BASE + "/api/v1/health").ok


def test_other_urls_go_where_they_went(airflow):
    inside = Interception(hello, BASE)
    for url in (
        "https://airflow.example/team-ab/api/v1/dags",
        "https://airflow.example/team",
        "https://airflow.example/",
        "http://airflow.example/team-a",
        "https://airflow.example:8443/team-a",
        "https://other.example/team-a",
        "https://",
        "mailto:somebody",
    ):
        assert not inside.takes(url), url
    with responses.RequestsMock() as rsps, airflow.intercept(BASE):
        rsps.get("https://airflow.example/team-ab", body="real")
        assert requests.get("https://airflow.example/team-ab").text == "real"
    assert airflow.calls == []


def test_below_the_api_root_only_the_api_is_taken():
    inside = Interception(hello, BASE + "/api/v1")

    assert inside.takes(BASE + "/api/v1/dags")
    assert inside.takes(BASE + "/api/v1//dags")
    assert not inside.takes(BASE + "/health")


@pytest.mark.parametrize("bad", ["airflow.example", "", "ftp://airflow.example", "https://", "https://h:port", None])
def test_what_is_no_base_url_is_refused(airflow, bad):
    with pytest.raises(BaseUrlError, match="is not a base URL"):
        airflow.intercept(bad)


def test_doubled_slash_is_redirected_with_method_body_and_headers(airflow):
    with airflow.intercept(BASE):
        answer = requests.post(f"{BASE}/api/v1//dags/etl/dagRuns", headers=airflow.headers, json={"note": "again"})

    assert [each.status_code for each in answer.history] == [308]
    assert answer.history[0].headers["Location"] == f"{BASE}/api/v1/dags/etl/dagRuns"
    assert (answer.status_code, answer.json()["note"]) == (200, "again")
    assert answer.request.method == "POST"


def test_answer_is_as_from_a_server(airflow):
    with airflow.intercept(BASE):
        answer = requests.get(BASE + "/api/v1/dags", headers=airflow.headers, params={"limit": 1}, timeout=(1, 2))
        head = requests.head(BASE + "/api/v1/dags", headers=airflow.headers)
    live = requests.get(airflow.api_url + "/dags", headers=airflow.headers, params={"limit": 1})

    assert answer.content == live.content
    assert {*answer.headers} == {*live.headers}
    assert answer.raw.headers.getlist("content-type") == ["application/json"]
    assert (answer.reason, answer.encoding, answer.raw.version) == ("OK", live.encoding, 11)
    assert answer.elapsed.total_seconds() >= 0
    assert (head.status_code, head.content) == (200, b"")
    assert airflow.calls[0].query == "limit=1"


def test_streaming():
    with Interception(hello, BASE):
        answer = requests.get(BASE + "/x", stream=True)
        assert list(answer.iter_content(4)) == [b"hell", b"o fr", b"om /", b"x"]
        with requests.get(BASE + "/x", stream=True) as answer:
            assert answer.raw.read(5) == b"hello"
            assert [*answer.iter_lines()] == [b" from /x"]


def test_cookies_are_kept_and_sent_again():
    seen = Seen()

    def app(environ, start_response):
        seen(environ, lambda *args: None)
        start_response("200 OK", [("Set-Cookie", "session=abc; Path=/"), ("Set-Cookie", "other=1; Path=/")])
        return []

    session = requests.Session()
    with Interception(app, BASE):
        answer = session.get(BASE)
        session.get(BASE)

    assert answer.cookies.get_dict() == {"session": "abc", "other": "1"}
    assert answer.raw.headers.getlist("Set-Cookie") == ["session=abc; Path=/", "other=1; Path=/"]
    assert {*seen.environs[1]["HTTP_COOKIE"].split("; ")} == {"session=abc", "other=1"}


@pytest.mark.parametrize(
    ("body", "arrives"),
    [
        (None, b""),
        ("räksmörgås", "räksmörgås".encode()),
        (b"\x00\xff", b"\x00\xff"),
        ({"a": "1 2"}, b"a=1+2"),
        (io.BytesIO(b"from a file"), b"from a file"),
        ((piece for piece in (b"in ", b"pieces")), b"in pieces"),
    ],
)
def test_every_kind_of_body_arrives(body, arrives):
    seen = Seen()
    with Interception(seen, BASE):
        answer = requests.post(BASE, data=body)

    assert answer.content == arrives
    assert seen.environs[0]["CONTENT_LENGTH"] == str(len(arrives))


def test_environ_is_that_of_a_server():
    seen = Seen()
    with Interception(seen, BASE):
        requests.get(BASE + "/a%2Fb%20c/ä?x=1&x=%202", headers={"X-One": "1", "X_Two": "2", "Host": "other.example"})
    environ = seen.environs[0]

    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/team-a", "/a/b c/ä".encode().decode("latin-1"))
    assert environ["QUERY_STRING"] == "x=1&x=%202"
    assert (environ["HTTP_HOST"], environ["wsgi.url_scheme"], environ["SERVER_PORT"]) == (
        "other.example",
        "https",
        "443",
    )
    assert environ["HTTP_X_ONE"] == "1"
    assert "HTTP_X_TWO" not in environ
    assert "CONTENT_LENGTH" not in environ


@responses.activate
def test_responses_in_the_same_test_keeps_working(airflow):
    responses.get("https://billing.example/", json={"ok": True})
    with airflow.intercept(BASE):
        assert requests.get("https://billing.example/").json() == {"ok": True}
        assert requests.get(BASE + "/api/v1/health").ok
        with pytest.raises(requests.ConnectionError):
            requests.get("https://unknown.example/")
    with pytest.raises(requests.ConnectionError):
        requests.get(BASE + "/api/v1/health")

    assert len(airflow.calls) == 1


def test_responses_activated_inside_keeps_working(airflow):
    with airflow.intercept(BASE), responses.RequestsMock() as rsps:
        rsps.get("https://billing.example/", json={"ok": True})
        assert requests.get("https://billing.example/").json() == {"ok": True}
        assert requests.get(BASE + "/api/v1/health").ok


def test_the_last_entered_answers_where_several_fit():
    with Interception(said("outer"), "https://airflow.example"):
        with Interception(said("inner"), BASE):
            assert requests.get(BASE + "/x").text == "inner"
            assert requests.get("https://airflow.example/x").text == "outer"
        assert requests.get(BASE + "/x").text == "outer"


def test_leaving_in_another_order_than_entering():
    first, second = Interception(said("first"), BASE), Interception(said("second"), "https://second.example")
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert requests.get("https://second.example").text == "second"
    with responses.RequestsMock() as rsps:
        rsps.get(BASE, body="real")
        assert requests.get(BASE).text == "real"
    second.__exit__(None, None, None)


def test_somebody_elses_layer_on_top_survives():
    own, taken = requests.Session.get_adapter, []
    interception = Interception(said("ours"), BASE)
    interception.__enter__()
    ours = requests.Session.get_adapter

    @functools.wraps(ours)
    def theirs(session, url):
        taken.append(url)
        return ours(session, url)

    requests.Session.get_adapter = theirs
    assert requests.get(BASE).text == "ours"
    interception.__exit__(None, None, None)
    assert requests.Session.get_adapter is theirs
    with Interception(said("again"), BASE):
        assert requests.get(BASE).text == "again"
    assert requests.Session.get_adapter is theirs
    requests.Session.get_adapter = ours  # they leave
    assert taken == [BASE, BASE]
    with Interception(said("third"), BASE):
        assert requests.get(BASE).text == "third"
    assert requests.Session.get_adapter is own


def test_it_is_left_when_the_block_fails(airflow):
    with pytest.raises(ZeroDivisionError), airflow.intercept(BASE):
        1 / 0  # noqa: B018 - the block fails here


def test_decorator(airflow):
    @airflow.intercept(BASE)
    def health(depth=0):
        """Ask."""
        return [requests.get(BASE + "/api/v1/health").status_code] + (health(depth - 1) if depth else [])

    assert health(depth=2) == [200, 200, 200]
    assert (health.__name__, health.__doc__) == ("health", "Ask.")


def test_decorator_of_a_coroutine_function(airflow):
    @airflow.intercept(BASE)
    async def health():
        await asyncio.sleep(0)
        return requests.get(BASE + "/api/v1/health").status_code

    coroutine = health()
    assert asyncio.run(coroutine) == 200


def test_decorating_a_class_is_refused(airflow):
    with pytest.raises(TypeError, match="Decorate the methods of Case, not the class"):

        @airflow.intercept(BASE)
        class Case:
            pass


def test_threads_are_answered_at_the_same_time(airflow):
    barrier = threading.Barrier(8)
    statuses = []

    def ask():
        session = requests.Session()
        barrier.wait()
        for _ in range(10):
            statuses.append(session.get(BASE + "/api/v1/dags", headers=airflow.headers).status_code)

    with airflow.intercept(BASE):
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert statuses == [200] * 80
    assert sorted(call.number for call in airflow.calls) == [*range(1, 81)]


def test_threads_that_enter_and_leave_leave_nothing_behind():
    barrier = threading.Barrier(8)
    texts = []

    def ask(number):
        base = f"https://h{number}.example"
        barrier.wait()
        for _ in range(20):
            with Interception(said(str(number)), base):
                texts.append((number, requests.get(base).text))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(texts) == 160
    assert all(str(number) == text for number, text in texts)


def test_retries_of_a_mounted_adapter_are_kept(monkeypatch):
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)
    seen = Seen("429 Too Many Requests", "503 Service Unavailable")
    session = requests.Session()
    retry = Retry(total=3, status_forcelist=[503], allowed_methods=None, backoff_factor=0)
    session.mount("https://", HTTPAdapter(max_retries=retry))
    with Interception(seen, BASE):
        answer = session.post(BASE, data=io.BytesIO(b"whole"))

    assert answer.text == "whole"
    assert (len(seen.environs), seen.bodies, slept) == (3, [b"whole"] * 3, [7])


def test_retries_that_run_out():
    statuses = ["503 Service Unavailable"] * 9
    for raises in (True, False):
        seen = Seen(*statuses)
        session = requests.Session()
        retry = Retry(total=2, status_forcelist=[503], backoff_factor=0, raise_on_status=raises)
        session.mount("https://", HTTPAdapter(max_retries=retry))
        with Interception(seen, BASE):
            if raises:
                with pytest.raises(requests.exceptions.RetryError, match="too many 503 error responses"):
                    session.get(BASE)
            else:
                assert session.get(BASE).status_code == 503
        assert len(seen.environs) == 3


def test_a_plain_session_does_not_retry():
    seen = Seen("429 Too Many Requests")
    with Interception(seen, BASE):
        assert requests.get(BASE).status_code == 429
    assert len(seen.environs) == 1
