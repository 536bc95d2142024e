"""The twenty operations that clients use most: microseconds in process, and requests a second over one connection.

There is no budget for these; beside each stands what a bare Flask view takes for the same bytes.
"""

from __future__ import annotations

import http.client
import itertools
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.measure import Figure, side_by_side
from benchmarks.requests import bare_view, call, environ_of, headers_of
from mock_airflow.deployment import Deployment
from mock_airflow.server.live import LiveServer
from mock_airflow.settings import Settings
from mock_airflow.world.reading import load_worlds

_START = Path(__file__).parents[1] / "fixtures/recordings/airflow-2.11.2/start.json"
_RUN = "dags/orders_daily/dagRuns/scheduled__2025-01-01T06:00:00+00:00"
_NUMBERS = itertools.count()

# method, path, and what makes a body (a fresh one each time, so that a write is a write)
MOST_USED: list[tuple[str, str, Callable[[int], object] | None]] = [
    ("GET", "health", None),
    ("GET", "version", None),
    ("GET", "dags", None),
    ("GET", "dags/orders_daily", None),
    ("GET", "dags/orders_daily/details", None),
    ("PATCH", "dags/orders_daily", lambda n: {"is_paused": n % 2 == 0}),
    ("GET", "dags/orders_daily/tasks", None),
    ("GET", "dags/orders_daily/dagRuns", None),
    ("POST", "dags/orders_daily/dagRuns", lambda n: {"dag_run_id": f"bench_{n}"}),
    ("GET", _RUN, None),
    ("PATCH", f"{_RUN}/setNote", lambda n: {"note": str(n)}),
    ("POST", "dags/~/dagRuns/list", lambda n: {"states": ["success"]}),
    ("GET", f"{_RUN}/taskInstances", None),
    ("GET", f"{_RUN}/taskInstances/extract", None),
    ("GET", f"{_RUN}/taskInstances/extract/logs/1", None),
    ("GET", f"{_RUN}/taskInstances/extract/xcomEntries/return_value", None),
    ("POST", "datasets/events", lambda n: {"dataset_uri": "s3://mock-lake/stock.csv"}),
    ("GET", "variables/greeting", None),
    ("POST", "variables", lambda n: {"key": f"key_{n}", "value": "1"}),
    ("GET", "connections", None),
]


def figures() -> Iterable[Figure]:
    """One line an operation."""
    deployment = Deployment(Settings.of(runs="manual", rate_limit="1000000/second"))
    load_worlds([str(_START)]).apply(deployment)
    deployment.begin()
    headers = headers_of(deployment) | {"Accept": "application/json"}
    with LiveServer(deployment.wsgi) as server:
        connection = http.client.HTTPConnection(server.host, server.port)
        for method, path, body in MOST_USED:
            yield _measured(deployment, connection, headers, method, path, body)
        connection.close()


def _measured(
    deployment: Deployment,
    connection: http.client.HTTPConnection,
    headers: dict[str, str],
    method: str,
    path: str,
    body: Callable[[int], object] | None,
) -> Figure:
    def data() -> bytes:
        return b"" if body is None else json.dumps(body(next(_NUMBERS))).encode()

    def in_process() -> bytes:
        sent = data()
        return call(deployment.wsgi, environ_of(method, f"/api/v1/{path}", headers, sent), sent)

    def live() -> bytes:
        sent = data()
        more = {"Content-Type": "application/json"} if sent else {}
        connection.request(method, f"/api/v1/{path}", sent or None, headers | more)
        return connection.getresponse().read()

    bare = bare_view(in_process()).wsgi_app
    plain = environ_of("GET", "/api/v1/dags", headers)
    mine, theirs, ratio = side_by_side(in_process, lambda: call(bare, plain), rounds=7, repeat=60)
    seconds, _, _ = side_by_side(live, lambda: None, rounds=7, repeat=60)
    told = f"{mine * 1e6:5.0f} us, a bare view {theirs * 1e6:4.0f} us; live {1 / seconds:7,.0f} requests/s"
    shown = path if len(path) < 46 else "..." + path[-43:]
    return Figure(f"{method} {shown}", ratio, "x", "", True, told)
