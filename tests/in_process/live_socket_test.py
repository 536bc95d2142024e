"""The socket of a test: any free port of the loopback, connections that are kept, one server a deployment."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest
import requests

from .ways import PATIENCE, TRUSTED


@pytest.fixture
def ports(airflow):
    """The clients' ports from which requests came, one a connection."""
    seen, wsgi = [], airflow.deployment.wsgi

    def watched(environ, start_response):
        seen.append(environ["REMOTE_PORT"])
        return wsgi(environ, start_response)

    airflow.deployment.wsgi = watched
    return seen


def test_it_is_any_free_port_of_the_ipv4_loopback(airflow, mock_airflow_factory):
    others = [mock_airflow_factory() for _ in range(5)]
    urls = [urlsplit(mock.url) for mock in (airflow, *others)]

    assert {url.hostname for url in urls} == {"127.0.0.1"}
    assert len({url.port for url in urls}) == 6
    assert airflow.url == airflow.url, "it keeps its port"


def test_requests_keeps_its_connection(airflow, ports):
    with requests.Session() as session:
        for status in (200, 404, 200, 405, 200):
            method, path = ("PUT" if status == 405 else "GET"), "/none" if status == 404 else ""
            answer = session.request(method, f"{airflow.api_url}/dags{path}", headers=airflow.headers)
            assert answer.status_code == status
    assert len(ports) == 5
    assert len({*ports}) == 1


def test_httpx_keeps_its_connection(airflow, ports):
    with httpx.Client(base_url=airflow.api_url, timeout=PATIENCE, verify=TRUSTED) as client:
        for _ in range(5):
            assert client.get("/health").status_code == 200
    assert (len(ports), len({*ports})) == (5, 1)


def test_aiohttp_keeps_its_connection(airflow, ports):
    async def call():
        async with aiohttp.ClientSession() as session:
            for _ in range(5):
                async with session.get(f"{airflow.api_url}/health") as answer:
                    assert answer.status == 200
                    await answer.read()

    asyncio.run(call())
    assert (len(ports), len({*ports})) == (5, 1)
