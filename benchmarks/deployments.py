"""What a deployment costs: snapshot, restore, and the live server's start and stop."""

from __future__ import annotations

import time
from collections.abc import Iterable
from statistics import median

from benchmarks.measure import Figure, at_most, best
from benchmarks.memory import resident
from benchmarks.requests import call, environ_of, headers_of
from benchmarks.worlds import with_dags, with_rows
from mock_airflow.cli.serving.hosting import Maker
from mock_airflow.deployment import Deployment
from mock_airflow.domain import dags
from mock_airflow.server.hub import Hub, Quotas
from mock_airflow.server.live import LiveServer


def figures() -> Iterable[Figure]:
    """Snapshot and restore of 3,000 rows, with a write between them; start and stop of the live server."""
    deployment = with_rows(3000)
    rows = sum(len(table) for table in deployment.airflow.tables.values())
    taken = deployment.snapshot()
    yield at_most("snapshot", best(deployment.snapshot, repeat=200) * 1e3, "ms", 0.1, f"{rows:,} rows")

    def write_and_restore() -> None:
        dags.set_paused(deployment.airflow, "dag_000", True)
        deployment.restore(taken)

    yield at_most("restore", best(lambda: deployment.restore(taken), repeat=200) * 1e3, "ms", 0.1, f"{rows:,} rows")
    yield at_most(
        "a write after a snapshot, and restore", best(write_and_restore, repeat=200) * 1e3, "ms", 0.1, f"{rows:,} rows"
    )
    starts, stops = [], []
    app = with_dags(1).wsgi
    for _ in range(30):
        begun = time.perf_counter()
        server = LiveServer(app).start()
        running = time.perf_counter()
        server.stop()
        starts.append(running - begun)
        stops.append(time.perf_counter() - running)
    yield at_most("the live server's start", median(starts) * 1e3, "ms", 5, "median of 30")
    yield at_most("the live server's stop", median(stops) * 1e3, "ms", 20, "median of 30")
    yield from _in_a_hub()


def _in_a_hub() -> Iterable[Figure]:
    """One more deployment of the demo world in a hub, and a thousand of them, each asked once."""
    hub, demo = Hub(Deployment(), Maker(None), Quotas(deployments=10_000)), {"world": "demo"}
    hub.create(None, demo, {})
    before = resident()
    more = best(lambda: hub.create(None, demo, {}), rounds=9, repeat=100)
    for name in hub.names()[:1000]:
        deployment = hub.get(name).deployment
        call(deployment.wsgi, environ_of("GET", "/api/v1/dags?limit=20", headers_of(deployment)))
    yield at_most("a deployment of the demo world made in a hub", more * 1e3, "ms", 5, "of a template, median of 9")
    taken = (resident() - before) / 1024
    yield at_most("a thousand of them, a request to each", taken, "MiB", 1024, "resident memory beyond that of one")
