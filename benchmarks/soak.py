"""Whether memory and database stay as large as they are over a million requests: ``python -m benchmarks.soak``.

Reads and writes in turn, each write taken back by a later one, with a key, a limit and the journal on. ``--database``
takes what ``serve`` takes; what its file or PostgreSQL's database is large counts. Exit code 1 when the last tenth is
larger than the second by more than a tenth.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.memory import resident
from benchmarks.requests import call, environ_of, headers_of
from mock_airflow import MockAirflow

_MORE = 1.1  # times as much as at first


def main() -> int:
    """Send the requests and print a line at each tenth; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="sqlite:///FILE or postgresql://...; without it all is in memory")
    parser.add_argument("--requests", type=int, default=1_000_000)
    options = parser.parse_args()
    kept = {} if options.database is None else {"database": options.database, "deployment": "soak", "fresh": True}
    limits = {"rate_limit": "1000000/second", "burst": "1000000/second"}
    size_of = sizing(options.database or "")
    told: list[tuple[float, float]] = []
    with MockAirflow(world="demo", profile="datacoves", clock="2025-03-01T00:30:00Z", **limits, **kept) as mock:
        ask = asking(mock)
        began = time.perf_counter()
        for number in range(1, options.requests + 1):
            next(ask)
            if number % (options.requests // 10) == 0:
                told.append((resident() / 1024, size := size_of() / 1e6))
                rate = number / (time.perf_counter() - began)
                told_so = f"{told[-1][0]:.1f} MiB of memory, {size:.1f} MB of file"
                print(f"{number:>9,} requests, {rate:,.0f} a second: {told_so}", flush=True)
    (memory, size), (memory_last, size_last) = told[1], told[-1]
    bounded = memory_last <= memory * _MORE and size_last <= size * _MORE
    verdict = "bounded" if bounded else "GROWS"
    print(f"memory {memory_last / memory:.3f} x, file {size_last / (size or 1):.3f} x: {verdict}")
    return 0 if bounded else 1


def sizing(database: str) -> Callable[[], int]:
    """How many bytes a database takes at the time."""
    if not database:
        return lambda: 0
    if database.startswith("sqlite:///"):
        file = database[len("sqlite:///") :]
        files = [Path(file), Path(f"{file}-wal")]
        return lambda: sum(path.stat().st_size for path in files if path.exists())

    def size() -> int:
        import psycopg

        with psycopg.connect(database) as connection:
            (found,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
        return int(found)

    return size


def asking(mock: MockAirflow) -> Iterator[bytes]:
    """Requests without end: seven of ten read; a variable and a run are made and deleted again."""
    deployment = mock.deployment
    headers = headers_of(deployment)
    dag = next(iter(deployment.airflow.dags)).dag_id

    def asked(method: str, path: str, body: object = None) -> Callable[[], bytes]:
        data = b"" if body is None else json.dumps(body).encode()
        environ = environ_of(method, f"/api/v1/{path}", headers, data)
        return lambda: call(deployment.wsgi, dict(environ), data)

    page, listed = asked("GET", "dags?limit=20"), asked("GET", "dags/~/dagRuns?limit=20")
    number = 0
    while True:
        number += 1
        name = f"soak_{number}"
        yield asked("POST", "variables", {"key": name, "value": "x" * 40})()
        yield page()
        yield listed()
        yield asked("GET", f"variables/{name}")()
        yield asked("POST", f"dags/{dag}/dagRuns", {"dag_run_id": name})()
        yield page()
        yield asked("GET", f"dags/{dag}/dagRuns/{name}")()
        yield asked("GET", f"dags/{dag}/dagRuns/{name}/taskInstances")()
        yield asked("DELETE", f"variables/{name}")()
        yield asked("DELETE", f"dags/{dag}/dagRuns/{name}")()


if __name__ == "__main__":
    sys.exit(main())
