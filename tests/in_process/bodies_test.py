"""Bodies in pieces, cookies, paths before the API's root, and broken answers: each way in as the others."""

from __future__ import annotations

import asyncio
import re
import ssl
from datetime import datetime, timezone
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import responses

from mock_airflow import MockAirflow
from mock_airflow.server.httpserver import AirflowHTTPServer

from .ways import BASE, PATIENCE, TRUSTED

JSON = {"Content-Type": "application/json"}
ADMIN = ("admin", "admin")
POOL = [b'{"name": "in pieces", ', b'"slots": ', b"4}"]


@pytest.fixture(params=["live", "intercept", "register", "httpserver", "httpserver tls"])
def by_requests(request, airflow, tls):
    """A session of requests and the base URL to send to."""
    with requests.Session() as session:
        session.auth, session.trust_env = ADMIN, False  # or the environment's bundle of certificates counts more
        session.verify = str(tls.ca_file)
        yield from opened(request.param, airflow, tls, session)


@pytest.fixture(params=["live", "intercept"])
def by_httpx(request, airflow, tls):
    """A client of httpx and the base URL to send to."""
    with httpx.Client(auth=ADMIN, timeout=PATIENCE, verify=TRUSTED) as client:
        yield from opened(request.param, airflow, tls, client)


def opened(name: str, airflow: MockAirflow, tls: Any, client: Any) -> Any:
    if name == "live":
        yield client, airflow.url
    elif name == "intercept":
        with airflow.intercept(BASE):
            yield client, BASE
    elif name == "register":
        with responses.RequestsMock() as rsps:
            airflow.register(rsps, BASE)
            yield client, BASE
    else:
        with AirflowHTTPServer(airflow.deployment.wsgi, tls if name.endswith("tls") else None) as server:
            yield client, server.url_for("").rstrip("/")


def test_requests_sends_in_pieces(by_requests):
    session, base = by_requests
    answer = session.post(f"{base}/api/v1/pools", data=iter(POOL), headers=JSON)

    assert (answer.status_code, answer.json()["slots"]) == (200, 4)


def test_httpx_sends_in_pieces(by_httpx):
    client, base = by_httpx
    answer = client.post(f"{base}/api/v1/pools", content=iter(POOL), headers=JSON)

    assert (answer.status_code, answer.json()["slots"]) == (200, 4)


async def pieces():
    for piece in POOL:
        await asyncio.sleep(0)
        yield piece


@pytest.mark.parametrize("inside", [False, True], ids=["live", "intercept"])
def test_async_httpx_sends_and_reads_in_pieces(airflow, inside):
    async def call(base):
        async with httpx.AsyncClient(auth=ADMIN, timeout=PATIENCE, verify=TRUSTED) as client:
            made = await client.post(f"{base}/api/v1/pools", content=pieces(), headers=JSON)
            async with client.stream("GET", f"{base}/api/v1/pools") as answer:
                read = [piece async for piece in answer.aiter_bytes(50)]
            return made.json()["slots"], read

    if inside:
        with airflow.intercept(BASE):
            slots, read = asyncio.run(call(BASE))
    else:
        slots, read = asyncio.run(call(airflow.url))
    assert slots == 4
    assert {len(piece) for piece in read[:-1]} == {50}
    assert b"in pieces" in b"".join(read)


def test_aiohttp_sends_and_reads_in_pieces(airflow):
    async def call():
        async with aiohttp.ClientSession(headers=airflow.headers) as session:
            async with session.post(f"{airflow.api_url}/pools", data=pieces(), headers=JSON) as made:
                slots = (await made.json())["slots"]
            async with session.get(f"{airflow.api_url}/pools") as answer:
                return slots, [piece async for piece in answer.content.iter_chunked(50)]

    slots, read = asyncio.run(call())
    assert slots == 4
    assert b"in pieces" in b"".join(read)


def test_requests_reads_in_pieces(by_requests):
    session, base = by_requests
    whole = session.get(f"{base}/api/v1/dags").content
    with session.get(f"{base}/api/v1/dags", stream=True) as answer:
        read = list(answer.iter_content(100))

    assert b"".join(read) == whole
    assert {len(piece) for piece in read[:-1]} == {100}


def test_httpx_reads_in_pieces(by_httpx):
    client, base = by_httpx
    whole = client.get(f"{base}/api/v1/dags").content
    with client.stream("GET", f"{base}/api/v1/dags") as answer:
        read = list(answer.iter_bytes(100))

    assert b"".join(read) == whole
    assert {len(piece) for piece in read[:-1]} == {100}


def log_in(client: Any, base: str) -> None:
    page = client.get(f"{base}/login/").text
    token = re.search(r'name="csrf_token" type="hidden" value="(\w+)"', page)
    assert token is not None
    client.post(f"{base}/login/", data={"csrf_token": token[1], "username": "vera", "password": "vera"})


def test_requests_keeps_the_cookie_of_a_login(by_requests, airflow):
    airflow.clock.set(datetime.now(timezone.utc))  # by which a client's jar of cookies goes
    session, base = by_requests
    session.auth = None
    log_in(session, base)

    assert session.get(f"{base}/api/v1/dags").status_code == 200
    assert airflow.calls[-1].principal == "vera"
    session.cookies.clear()
    assert session.get(f"{base}/api/v1/dags").status_code == 403


def test_httpx_keeps_the_cookie_of_a_login(by_httpx, airflow):
    airflow.clock.set(datetime.now(timezone.utc))
    client, base = by_httpx
    client.auth = None
    log_in(client, base)

    assert client.get(f"{base}/api/v1/dags").status_code == 200
    assert airflow.calls[-1].principal == "vera"


@pytest.mark.parametrize("way", ["live", "intercept", "register"])
def test_a_vendors_path_before_the_root_is_answered_everywhere(templates, tls, way):
    airflow = MockAirflow.of(templates(profile="astronomer-software"))
    mount = airflow.deployment.mount
    with airflow, requests.Session() as session:
        session.headers.update(airflow.headers)
        for client, base in opened(way, airflow, tls, session):
            answer = client.get(f"{base}{mount}/api/v1//dags?limit=1")
            assert [each.status_code for each in (*answer.history, answer)] == [308, 200]
            assert answer.url == f"{base}{mount}/api/v1/dags?limit=1"
            assert client.get(f"{base}/api/v1/dags", allow_redirects=False).status_code != 200


BROKEN = [
    {"reset": True},
    {"empty": True},
    {"lost_answer": True},
    {"reset": "after"},
    {"truncate": 10},
    {"truncate": 0},
]


def failure(airflow, client, base, effect):
    airflow.faults.add("get_dags", times=1, **effect)
    with pytest.raises((requests.RequestException, httpx.TransportError)) as caught:
        client.get(f"{base}/api/v1/dags", timeout=PATIENCE)
    return caught.type, str(caught.value)


@pytest.mark.parametrize("effect", BROKEN, ids=str)
def test_requests_meets_broken_answers_alike(by_requests, airflow, effect):
    session, base = by_requests
    with airflow.intercept("http://other.example"):
        kind, said = failure(airflow, session, "http://other.example", effect)
    over_tls = base.startswith("https://127.0.0.1")  # where Python's ssl tells a reset as the end of the stream

    assert failure(airflow, session, base, effect) == (kind, said) or (over_tls and "reset" in effect)
    assert session.get(f"{base}/api/v1/dags").status_code == 200


@pytest.mark.parametrize("effect", BROKEN, ids=str)
def test_httpx_meets_broken_answers_alike(by_httpx, airflow, effect):
    client, base = by_httpx
    with airflow.intercept("http://other.example"):
        expected = failure(airflow, client, "http://other.example", effect)

    assert failure(airflow, client, base, effect) == expected
    assert client.get(f"{base}/api/v1/dags").status_code == 200


def test_tls_is_spoken_by_every_client_that_trusts_the_authority(airflow, tls):
    trusting = ssl.create_default_context(cafile=tls.ca_file)
    with AirflowHTTPServer(airflow.deployment.wsgi, tls) as server:
        url = server.url_for("/api/v1/health")
        with httpx.Client(verify=trusting) as client:
            assert client.get(url).status_code == 200

        async def call():
            async with aiohttp.ClientSession() as session, session.get(url, ssl=trusting) as answer:
                return answer.status

        assert asyncio.run(call()) == 200
        with httpx.Client(verify=TRUSTED) as client, pytest.raises(httpx.ConnectError):
            client.get(url)
