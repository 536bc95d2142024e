"""Exchanges over every way in: status, reason, headers and bytes are the same, and so is what changed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from mock_airflow import MockAirflow
from mock_airflow.in_process.wsgi_call import wsgi_call

from .ways import WAYS, Answer, Sent, answer_of

JSON = {"Content-Type": "application/json"}
LARGE = "räksmörgås " * 30_000


class Exchange(NamedTuple):
    """A request, the status it gets, and what has to happen before it."""

    status: int
    method: str
    path: str
    body: Any = None  # bytes as they are, anything else as JSON
    headers: dict[str, str] = {}  # noqa: RUF012 - nobody changes it
    by: str | None = "admin"
    limits: str | None = None
    failure: dict[str, Any] | None = None
    settings: dict[str, Any] = {}  # noqa: RUF012


EXCHANGES = {
    "list": Exchange(200, "GET", "/api/v1/dags"),
    "query with lists": Exchange(200, "GET", "/api/v1/dags?tags=team%20a&tags=n1&limit=1&order_by=-dag_id"),
    "lists in one value": Exchange(200, "GET", "/api/v1/dags?fields=dag_id,is_paused"),
    "plus and percent in a query": Exchange(200, "GET", "/api/v1/dags?dag_id_pattern=a+b%2Bc%25"),
    "empty values in a query": Exchange(400, "GET", "/api/v1/dags?limit=&offset"),
    "no credential needed": Exchange(200, "GET", "/api/v1/health", by=None),
    "text": Exchange(200, "GET", "/api/v1/dags/etl_0/dagRuns", headers={"Accept": "text/html"}),
    "gzip is offered": Exchange(200, "GET", "/api/v1/dags", headers={"Accept-Encoding": "gzip, deflate, br"}),
    "percent-encoded id": Exchange(200, "GET", "/api/v1/dags/caf%C3%A9.t%C3%A4glich"),
    "percent-encoded slash": Exchange(404, "GET", "/api/v1/variables/a%2Fb%20c"),
    "trigger": Exchange(200, "POST", "/api/v1/dags/etl_0/dagRuns", {"dag_run_id": "one", "conf": {"größe": "ß"}}),
    "update with a mask": Exchange(200, "PATCH", "/api/v1/dags/etl_1?update_mask=is_paused", {"is_paused": True}),
    "delete": Exchange(204, "DELETE", "/api/v1/dags/etl_2"),
    "head": Exchange(200, "HEAD", "/api/v1/dags"),
    "head of nothing": Exchange(404, "HEAD", "/api/v1/dags/none"),
    "options": Exchange(200, "OPTIONS", "/api/v1/dags", by=None),
    "put": Exchange(405, "PUT", "/api/v1/dags", {}),
    "method nobody knows": Exchange(405, "BREW", "/api/v1/dags"),
    "unknown route": Exchange(404, "GET", "/api/v1/nowhere"),
    "unknown page": Exchange(404, "GET", "/nowhere", by=None),
    "doubled slash": Exchange(308, "GET", "/api/v1//dags?limit=1"),
    "no credential": Exchange(401, "GET", "/api/v1/dags", by=None, settings={"profile": "datacoves"}),
    "no credential either": Exchange(403, "GET", "/api/v1/dags", by=None),
    "wrong password": Exchange(403, "GET", "/api/v1/dags", by="nobody"),
    "not allowed": Exchange(403, "POST", "/api/v1/pools", {"name": "p", "slots": 1}, by="vera"),
    "not found": Exchange(404, "GET", "/api/v1/dags/none"),
    "conflict": Exchange(409, "POST", "/api/v1/pools", {"name": "default_pool", "slots": 1}),
    "form instead of JSON": Exchange(
        415, "POST", "/api/v1/pools", b"name=p&slots=1", {"Content-Type": "application/x-www-form-urlencoded"}
    ),
    "broken JSON": Exchange(400, "POST", "/api/v1/pools", b'{"name": ', JSON),
    "empty body": Exchange(400, "POST", "/api/v1/pools", None, JSON),
    "large body": Exchange(200, "POST", "/api/v1/variables", {"key": "large", "value": LARGE}),
    "too large body": Exchange(413, "POST", "/api/v1/variables", {"key": "large", "value": LARGE * 2}),
    "limited": Exchange(429, "GET", "/api/v1/dags", limits="1/minute"),
    "unavailable": Exchange(503, "GET", "/api/v1/dags", failure={"status": 503, "retry_after": 30}),
    "page of a gateway": Exchange(502, "GET", "/api/v1/dags", failure={"status": 502}),
    "garbage": Exchange(200, "GET", "/api/v1/dags", failure={"garbage": True}),
    "another body": Exchange(200, "GET", "/api/v1/dags", failure={"body": "überlastet"}),
    "wrong content type": Exchange(200, "GET", "/api/v1/dags", failure={"content_type": "text/html"}),
    "slow body": Exchange(200, "GET", "/api/v1/pools", failure={"drip": {"bytes": 100, "every": 0}}),
}
# The official client's REST part sends JSON and knows Airflow's own methods; it reads a body as UTF-8 text.
NOT_BY_THE_OFFICIAL_CLIENT = {"form instead of JSON", "broken JSON", "method nobody knows", "garbage"}


def prepared(exchange: Exchange, airflow: MockAirflow) -> None:
    if exchange.limits is not None:
        airflow.limits.set(exchange.limits)
        airflow.limits.exhaust()
    if exchange.failure is not None:
        airflow.faults.add("*", **exchange.failure)


def sent(exchange: Exchange, base: str) -> Sent:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "a-client/1"}
    if exchange.by is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{exchange.by}:{exchange.by}".encode()).decode()
    body = exchange.body
    if body is not None and not isinstance(body, bytes):
        headers |= JSON
        body = json.dumps(body).encode()
    return Sent(exchange.method, base + exchange.path, headers | exchange.headers, body)


def without_transport(exchange: Exchange, base: str, airflow: MockAirflow) -> Answer:
    """What the application itself answers."""
    prepared(exchange, airflow)
    method, url, headers, body = sent(exchange, base)
    reply = wsgi_call(airflow.deployment.wsgi, method, url, headers.items(), body or b"")
    return answer_of(reply.status, reply.reason, reply.headers, reply.body)


def what_there_is(airflow: MockAirflow) -> dict[str, list[Any]]:
    return {name: list(table) for name, table in airflow.deployment.airflow.tables.items()}


def every_pair() -> Iterator[tuple[str, str]]:
    for what in EXCHANGES:
        for name in WAYS:
            if name != "live official client" or what not in NOT_BY_THE_OFFICIAL_CLIENT:
                yield what, name


@pytest.mark.parametrize(("what", "name"), [*every_pair()])
def test_answers_are_equal(name, what, templates, open_way):
    exchange = EXCHANGES[what]
    airflow, reference = MockAirflow.of(templates(**exchange.settings)), MockAirflow.of(templates(**exchange.settings))
    prepared(exchange, airflow)
    with airflow, open_way(name, airflow) as (base, send):
        got = send(sent(exchange, base))
        expected = without_transport(exchange, base, reference)

    assert got.status == exchange.status, got.body[:500]
    assert got == expected
    assert what_there_is(airflow) == what_there_is(reference)
    entry, other = airflow.calls[-1], reference.calls[-1]
    assert (entry.method, entry.path, entry.query) == (other.method, other.path, other.query)
    assert (entry.principal, entry.decision, entry.status) == (other.principal, other.decision, other.status)
