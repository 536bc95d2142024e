"""Faults over the live server, as real clients see them; in the manual's table (docs/faults.md) they stand as here."""

from __future__ import annotations

import asyncio
import errno
import http.client
import json
import socket
import threading

import aiohttp
import airflow_client.client as official
import httpx
import pytest
import requests
import urllib3
from airflow_client.client.api import dag_api
from airflow_client.client.exceptions import ApiException, ServiceException

from mock_airflow import MockAirflow
from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings

PATIENCE = 20
SOON = 0.05


@pytest.fixture
def airflow():
    with MockAirflow() as mock:
        for name in ("a", "b", "c"):
            mock.add_dag(name)
        yield mock


def by_requests(airflow):
    return requests.get(airflow.api_url + "/dags", headers=airflow.headers, timeout=PATIENCE).json()


def by_urllib3(airflow):
    with urllib3.PoolManager(retries=False, timeout=PATIENCE) as pool:
        return pool.request("GET", airflow.api_url + "/dags", headers=airflow.headers).json()


def by_httpx(airflow):
    return httpx.get(airflow.api_url + "/dags", headers=airflow.headers, timeout=PATIENCE).json()


def by_aiohttp(airflow):
    async def call():
        async with (
            aiohttp.ClientSession(headers=airflow.headers, timeout=aiohttp.ClientTimeout(PATIENCE)) as session,
            session.get(airflow.api_url + "/dags") as answer,
        ):
            return await answer.json()

    return asyncio.run(call())


def by_official_client(airflow):
    configuration = official.Configuration(host=airflow.api_url, **airflow.credentials)
    configuration.retries = False
    with official.ApiClient(configuration) as client:
        return dag_api.DAGApi(client).get_dags().to_dict()


CLIENTS = {
    "requests": by_requests,
    "urllib3": by_urllib3,
    "httpx": by_httpx,
    "aiohttp": by_aiohttp,
    "official": by_official_client,
}
# What each client raises, in the order of CLIENTS; None where it takes the answer for a good one.
SEEN = {
    "reset": (
        {"reset": True},
        (
            requests.ConnectionError,
            urllib3.exceptions.ProtocolError,
            httpx.ReadError,
            aiohttp.ClientOSError,
            urllib3.exceptions.ProtocolError,
        ),
    ),
    "reset after the headers": (
        {"reset": "after"},
        (
            requests.exceptions.ChunkedEncodingError,
            urllib3.exceptions.ProtocolError,
            httpx.ReadError,
            aiohttp.ClientPayloadError,
            urllib3.exceptions.ProtocolError,
        ),
    ),
    "empty reply": (
        {"empty": True},
        (
            requests.ConnectionError,
            urllib3.exceptions.ProtocolError,
            httpx.RemoteProtocolError,
            aiohttp.ServerDisconnectedError,
            urllib3.exceptions.ProtocolError,
        ),
    ),
    "lost answer": (
        {"lost_answer": True},
        (
            requests.ConnectionError,
            urllib3.exceptions.ProtocolError,
            httpx.RemoteProtocolError,
            aiohttp.ServerDisconnectedError,
            urllib3.exceptions.ProtocolError,
        ),
    ),
    "truncated body": (
        {"truncate": 10},
        (
            requests.exceptions.ChunkedEncodingError,
            urllib3.exceptions.ProtocolError,
            httpx.RemoteProtocolError,
            aiohttp.ClientPayloadError,
            urllib3.exceptions.ProtocolError,
        ),
    ),
    "garbage": (
        {"garbage": True},
        (requests.JSONDecodeError, json.JSONDecodeError, json.JSONDecodeError, json.JSONDecodeError, Exception),
    ),
    "page of a gateway": (
        {"status": 502},
        (
            requests.JSONDecodeError,
            json.JSONDecodeError,
            json.JSONDecodeError,
            aiohttp.ContentTypeError,
            ServiceException,
        ),
    ),
    "status in the API's words": ({"status": 503, "page": "api"}, (None, None, None, None, ServiceException)),
    "wrong content type": ({"content_type": "text/html"}, (None, None, None, aiohttp.ContentTypeError, None)),
    "slow body": ({"drip": 0.02}, (None,) * 5),
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("fault", SEEN)
def test_what_a_client_sees(airflow, client, fault):
    effect, seen = SEEN[fault]
    expected = dict(zip(CLIENTS, seen, strict=True))[client]
    rule = airflow.faults.add("get_dags", **effect)
    call = CLIENTS[client]
    if expected is None:
        assert "dags" in call(airflow) or "status" in effect
    else:
        with pytest.raises(expected):
            call(airflow)

    assert [len(entry.faults) for entry in airflow.calls] in ([1], [1, 1])  # aiohttp repeats once what got no answer
    airflow.faults.heal(rule)
    assert call(airflow)["total_entries"] == 3, "the next call is answered"


def open_socket(airflow):
    """A plain socket on which a request has been sent."""
    sock = socket.create_connection(("127.0.0.1", int(airflow.url.rpartition(":")[2])), timeout=PATIENCE)
    authorization = airflow.headers["Authorization"]
    sock.sendall(f"GET /api/v1/dags HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n".encode())
    return sock


def everything(sock):
    with sock, sock.makefile("rb") as file:
        return file.read()


def test_reset_is_a_real_one(airflow):
    airflow.faults.add("get_dags", reset=True)
    with open_socket(airflow) as sock, pytest.raises(ConnectionResetError) as caught:
        sock.recv(1)

    assert caught.value.errno == errno.ECONNRESET


def test_reset_comes_after_the_whole_head(airflow):
    airflow.faults.add("get_dags", reset="after")
    with open_socket(airflow) as sock:
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        assert (answer.status, answer.getheader("Content-Type")) == (200, "application/json")
        assert int(answer.getheader("Content-Length")) > 100
        with pytest.raises(ConnectionResetError):
            answer.read()


def test_reset_in_the_middle_of_the_body(airflow):
    airflow.faults.add("get_dags", truncate=25, reset="after")
    with open_socket(airflow) as sock:
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        assert len(answer.read(25)) == 25
        with pytest.raises(ConnectionResetError):
            answer.read(1)


def test_empty_reply_has_not_a_byte_and_ends_in_peace(airflow):
    airflow.faults.add("get_dags", empty=True)

    assert everything(open_socket(airflow)) == b""


@pytest.mark.parametrize(("kept", "share"), [(10, None), (0.25, 0.25), (0, 0)])
def test_truncated_body_is_shorter_than_its_length_says(airflow, kept, share):
    airflow.faults.add("get_dags", truncate=kept)
    with open_socket(airflow) as sock:
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        whole = int(answer.getheader("Content-Length"))
        with pytest.raises(http.client.IncompleteRead) as caught:
            answer.read()

    assert len(caught.value.partial) == (kept if share is None else int(whole * share))


async def aiohttp_with_little_patience(url, headers):
    timeout = aiohttp.ClientTimeout(sock_connect=PATIENCE, sock_read=SOON)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, headers=headers) as answer:
        return await answer.read()


def urllib3_with_little_patience(url, headers):
    with urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=PATIENCE, read=SOON)) as pool:
        return pool.request("GET", url, headers=headers)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda url, headers: requests.get(url, headers=headers, timeout=(PATIENCE, SOON)), requests.ReadTimeout),
        (urllib3_with_little_patience, urllib3.exceptions.ReadTimeoutError),
        (
            lambda url, headers: httpx.get(url, headers=headers, timeout=httpx.Timeout(PATIENCE, read=SOON)),
            httpx.ReadTimeout,
        ),
        (lambda url, headers: asyncio.run(aiohttp_with_little_patience(url, headers)), aiohttp.SocketTimeoutError),
    ],
    ids=["requests", "urllib3", "httpx", "aiohttp"],
)
def test_client_that_does_not_wait_for_a_late_answer(call, error):
    """The server is late until the client has given up; the write would be done all the same."""
    given_up = threading.Event()
    late = Deployment(Settings.of(), wait=lambda seconds: given_up.wait(PATIENCE))
    with MockAirflow.of(late) as airflow:
        airflow.faults.add("get_dags", latency=5)
        try:
            with pytest.raises(error):
                call(airflow.api_url + "/dags", airflow.headers)
        finally:
            given_up.set()


def test_official_client_retries_a_reset_by_itself(airflow):
    """Its urllib3 repeats a GET up to three times, so one reset is not even noticed."""
    airflow.faults.add("get_dags", reset=True, times=1)
    configuration = official.Configuration(host=airflow.api_url, **airflow.credentials)
    with official.ApiClient(configuration) as client:
        assert dag_api.DAGApi(client).get_dags().total_entries == 3

    assert [entry.status for entry in airflow.calls] == [0, 200]


def test_official_client_gives_up_after_three_retries(airflow):
    airflow.faults.add("get_dags", reset=True)
    configuration = official.Configuration(host=airflow.api_url, **airflow.credentials)
    with official.ApiClient(configuration) as client, pytest.raises((urllib3.exceptions.MaxRetryError, ApiException)):
        dag_api.DAGApi(client).get_dags()

    assert len(airflow.calls) == 4
