"""Ways for a client to reach an Airflow, each as a function that sends an exact request and gives the whole answer."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, NamedTuple

import aiohttp
import airflow_client.client as official
import httpx
import requests
import responses
import urllib3
from airflow_client.client.exceptions import ApiException
from yarl import URL

from mock_airflow import MockAirflow
from mock_airflow.server.httpserver import AirflowHTTPServer
from mock_airflow.server.tls import ThrowawayAuthority

BASE = "https://airflow.example"
PATIENCE = 20
TRUSTED = ssl.create_default_context()  # made once, as it takes longer than a call

# What belongs to the connection and not to the answer (RFC 9110, 7.6.1), so it may differ from way to way.
OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding"}


class Sent(NamedTuple):
    """One request, its URL written out to the last percent sign."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None


class Answer(NamedTuple):
    """What came back. Names of headers in lower case, sorted."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes


Send = Callable[[Sent], Answer]


def answer_of(status: int, reason: str | None, headers: Any, body: bytes | None) -> Answer:
    """An answer in the form in which all are compared."""
    told = [(name.lower(), value) for name, value in headers]
    return Answer(status, reason or "", sorted(pair for pair in told if pair[0] not in OF_THE_CONNECTION), body or b"")


def by_requests(session: requests.Session, verify: str | bool = True) -> Send:
    """Requests, however the session is answered."""

    def send(sent: Sent) -> Answer:
        got = session.request(
            sent.method,
            sent.url,
            headers=sent.headers,
            data=sent.body,
            allow_redirects=False,
            timeout=PATIENCE,
            verify=verify,  # a session's own counts less than the environment's REQUESTS_CA_BUNDLE
        )
        return answer_of(got.status_code, got.reason, got.raw.headers.iteritems(), got.content)

    return send


def by_httpx(client: httpx.Client) -> Send:
    """Httpx, synchronous."""

    def send(sent: Sent) -> Answer:
        got = client.request(sent.method, sent.url, headers=sent.headers, content=sent.body)
        return answer_of(got.status_code, got.reason_phrase, got.headers.multi_items(), got.content)

    return send


def by_async_httpx(sent: Sent) -> Answer:
    """Httpx, asynchronous."""

    async def call() -> Answer:
        async with httpx.AsyncClient(timeout=PATIENCE, verify=TRUSTED) as client:
            got = await client.request(sent.method, sent.url, headers=sent.headers, content=sent.body)
            return answer_of(got.status_code, got.reason_phrase, got.headers.multi_items(), got.content)

    return asyncio.run(call())


def by_aiohttp(sent: Sent) -> Answer:
    """Aiohttp."""

    async def call() -> Answer:
        timeout = aiohttp.ClientTimeout(PATIENCE)
        url, body = URL(sent.url, encoded=True), BytesIO(sent.body) if sent.body is not None else None
        async with (
            aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
            session.request(
                sent.method, url, headers=sent.headers, data=body, allow_redirects=False, skip_auto_headers=NOT_SENT
            ) as got,
        ):
            return answer_of(got.status, got.reason, got.headers.items(), await got.read())

    return asyncio.run(call())


NOT_SENT = ("Content-Type",)  # which aiohttp would make up


def by_urllib3(pool: urllib3.PoolManager) -> Send:
    """Urllib3 by itself."""

    def send(sent: Sent) -> Answer:
        got = pool.request(sent.method, sent.url, headers=sent.headers, body=sent.body, redirect=False, retries=False)
        return answer_of(got.status, got.reason, got.headers.iteritems(), got.data)

    return send


def by_official_client(sent: Sent) -> Answer:
    """The REST client beneath apache-airflow-client; it takes and gives JSON, and raises for what is no success."""
    with official.ApiClient(official.Configuration(host=sent.url)) as client:
        body = json.loads(sent.body) if sent.body else None
        client.rest_client.pool_manager.connection_pool_kw["retries"] = urllib3.Retry(False, redirect=False)
        try:
            got = client.rest_client.request(sent.method, sent.url, headers=sent.headers, body=body)
            return answer_of(got.status, got.reason, got.getheaders().items(), got.data)
        except ApiException as error:
            data = error.body if isinstance(error.body, bytes) else (error.body or "").encode()
            return answer_of(error.status, error.reason, error.headers.items(), data)


# The whole of a client in a process of its own: one request a line, one answer a line.
_CHILD = """
import base64, http.client, json, sys
from urllib.parse import urlsplit
for line in sys.stdin:
    method, url, headers, body = json.loads(line)
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.request(method, url.partition(parts.netloc)[2], base64.b64decode(body) or None, headers)
    got = connection.getresponse()
    answer = [got.status, got.reason, got.getheaders(), base64.b64encode(got.read()).decode()]
    connection.close()
    print(json.dumps(answer), flush=True)
"""


@contextlib.contextmanager
def child_process() -> Iterator[Send]:
    """A client in a process of its own, on the standard library alone."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        to_child, from_child = child.stdin, child.stdout

        def send(sent: Sent) -> Answer:
            body = base64.b64encode(sent.body or b"").decode()
            print(json.dumps([sent.method, sent.url, sent.headers, body]), file=to_child, flush=True)
            status, reason, headers, data = json.loads(from_child.readline())
            return answer_of(status, reason, headers, base64.b64decode(data))

        yield send
        to_child.close()


@contextlib.contextmanager
def way(name: str, airflow: MockAirflow, tls: ThrowawayAuthority, child: Send) -> Iterator[tuple[str, Send]]:
    """A way in, opened: the base URL to which requests have to go, and what sends them."""
    with contextlib.ExitStack() as stack:
        if name in LIVE:
            base = airflow.url
        elif name.startswith("httpserver"):
            server = AirflowHTTPServer(airflow.deployment.wsgi, tls if name.endswith("tls") else None)
            server.start()
            stack.callback(server.stop)
            base = server.url_for("").rstrip("/")
        else:
            base = BASE
        if name.startswith("intercept"):
            stack.enter_context(airflow.intercept(BASE))
        elif name == "register":
            airflow.register(stack.enter_context(responses.RequestsMock()), BASE)
        if name in ("live httpx", "intercept httpx"):
            yield base, by_httpx(stack.enter_context(httpx.Client(timeout=PATIENCE, verify=TRUSTED)))
        elif name == "live urllib3":
            yield base, by_urllib3(stack.enter_context(urllib3.PoolManager(timeout=PATIENCE)))
        elif name in FUNCTIONS:
            yield base, FUNCTIONS[name]
        elif name == "live process":
            yield base, child
        else:
            session = stack.enter_context(requests.Session())
            yield base, by_requests(session, str(tls.ca_file))


FUNCTIONS: dict[str, Send] = {
    "live async httpx": by_async_httpx,
    "intercept async httpx": by_async_httpx,
    "live aiohttp": by_aiohttp,
    "live official client": by_official_client,
}
LIVE = (
    "live requests",
    "live httpx",
    "live async httpx",
    "live aiohttp",
    "live urllib3",
    "live official client",
    "live process",
)
WAYS = (
    *LIVE,
    "intercept requests",
    "intercept httpx",
    "intercept async httpx",
    "register",
    "httpserver",
    "httpserver tls",
)
