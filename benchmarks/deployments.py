"""What a deployment costs: snapshot, restore, and the live server's start and stop."""

from __future__ import annotations

import time
from collections.abc import Iterable
from statistics import median

from benchmarks.measure import Figure, at_most, best
from benchmarks.worlds import with_dags, with_rows
from mock_airflow.domain import dags
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
