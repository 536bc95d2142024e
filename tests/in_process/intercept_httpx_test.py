"""Httpx's calls, answered in process: synchronous and asynchronous clients, failures, and what is left alone."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import httpx
import pytest

from mock_airflow import MockAirflow

BASE = "https://airflow.example/team-a"
CLOCK = "2025-01-01T06:00:00Z"


@pytest.fixture
def airflow():
    with MockAirflow(clock=CLOCK, frozen=True) as mock:
        yield mock


def sync_get(path, **more):
    with httpx.Client(base_url=BASE, auth=("admin", "admin")) as client:
        return client.get(path, **more)


def async_get(path, **more):
    async def call():
        async with httpx.AsyncClient(base_url=BASE, auth=("admin", "admin")) as client:
            return await client.get(path, **more)

    return asyncio.run(call())


either = pytest.mark.parametrize("get", [sync_get, async_get], ids=["sync", "async"])


@either
def test_calls_below_the_base_url_are_answered_without_a_socket(airflow, get):
    with airflow.intercept(BASE):
        answer = get("/api/v1/pools", params={"limit": 1})

    assert answer.json()["pools"][0]["name"] == "default_pool"
    assert answer.http_version == "HTTP/1.1"
    assert (airflow.calls[0].path, airflow.calls[0].query) == ("/api/v1/pools", "limit=1")
    assert airflow._server is None


@either
def test_redirects_name_the_base_url_and_are_followed_on_demand(airflow, get):
    with airflow.intercept(BASE):
        first = get("/api/v1//dags")
        assert first.status_code == 308
        assert first.headers["Location"].startswith(f"{BASE}/api/v1/dags")
        assert get("/api/v1//dags", follow_redirects=True).status_code == 200


def test_bodies_of_every_kind_arrive(airflow):
    with airflow.intercept(BASE), httpx.Client(base_url=f"{BASE}/api/v1", auth=("admin", "admin")) as client:
        assert client.post("/pools", json={"name": "one", "slots": 1}).status_code == 200
        pieces = (piece for piece in (b'{"name": "two",', b' "slots": 2}'))
        sent = client.post("/pools", content=pieces, headers={"Content-Type": "application/json"})
        assert sent.json()["slots"] == 2


@either
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"reset": True}, httpx.ReadError),
        ({"empty": True}, httpx.RemoteProtocolError),
        ({"truncate": 10}, httpx.RemoteProtocolError),
        ({"latency": 30}, httpx.ReadTimeout),
    ],
    ids=["reset", "empty", "truncated", "late"],
)
def test_faults_are_what_httpx_raises_over_a_socket(airflow, get, fault, error):
    airflow.faults.add("GET /api/v1/dags", times=1, **fault)
    with airflow.intercept(BASE):
        with pytest.raises(error):
            get("/api/v1/dags")
        assert get("/api/v1/dags").status_code == 200


def test_other_addresses_and_other_transports_are_left_alone(airflow):
    def handler(request):
        return httpx.Response(418)

    with airflow.intercept(BASE):
        with httpx.Client(transport=httpx.MockTransport(handler)) as client:
            assert client.get(f"{BASE}/api/v1/dags").status_code == 418
        with MockAirflow() as other:
            assert httpx.get(f"{other.api_url}/health").status_code == 200
    assert airflow.calls == []


def test_nothing_is_left_of_it_afterwards(airflow):
    before = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request
    inner = MockAirflow()
    with airflow.intercept(BASE), inner.intercept(BASE):
        sync_get("/api/v1/dags")
    assert (httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request) == before
    assert (len(airflow.calls), len(inner.calls)) == (0, 1)


def test_a_delayed_answer_holds_up_no_other_task():
    mock = MockAirflow()
    mock.faults.add("GET /api/v1/dags", times=1, latency=0.2)

    async def both():
        async with httpx.AsyncClient(base_url=BASE, auth=("admin", "admin")) as client:
            slow = asyncio.create_task(client.get("/api/v1/dags"))
            await asyncio.sleep(0)
            fast = asyncio.create_task(client.get("/api/v1/pools"))
            first, _ = await asyncio.wait([slow, fast], return_when=asyncio.FIRST_COMPLETED)
            assert first == {fast}
            return await slow

    with mock.intercept(BASE):
        assert asyncio.run(both()).status_code == 200


def test_httpx_is_taken_when_it_is_imported_and_not_imported_before() -> None:
    script = """if True:
        import sys
        from mock_airflow import MockAirflow

        airflow = MockAirflow()
        with airflow.intercept("https://airflow.example"), airflow.intercept("https://other.example"):
            assert "httpx" not in sys.modules
            import httpx

            assert httpx.get("https://airflow.example/api/v1/health").status_code == 200
            assert httpx.get("https://other.example/api/v1/health").status_code == 200
            assert isinstance(httpx.__spec__.loader.get_source("httpx"), str)
        with airflow.intercept("https://airflow.example"):
            assert httpx.get("https://airflow.example/api/v1/health").status_code == 200
        transport = httpx.HTTPTransport.handle_request
        assert not hasattr(transport, "mock_airflow_layer")
    """
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert ended.returncode == 0, ended.stderr
