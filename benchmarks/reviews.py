"""What a review costs: of a journal with its state, and of a file."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from benchmarks.measure import Figure, at_most
from mock_airflow import MockAirflow
from mock_airflow.journal.export import har
from mock_airflow.journal.journal import Entry
from mock_airflow.review.imported import traffic_of
from mock_airflow.review.review import review
from mock_airflow.review.traffic import Traffic

CALLS = 10_000


def figures() -> Iterable[Figure]:
    """10,000 calls of a journal, with score card and migration; and as many of an HTTP archive."""
    with MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        entries = _journal(mock)
        begun = time.perf_counter()
        found = review(Traffic(entries, mock.deployment, finished=True))
        told = f"{len(found)} advice, {found.score.avoidable} avoidable"
        seconds, begun = time.perf_counter() - begun, time.perf_counter()
        moves = len(found.migration.moves)
        told += f"; what {moves} operations become took {time.perf_counter() - begun:.2f} s more"
        yield at_most("10,000 calls of a journal reviewed, score card too", seconds, "s", 2, told)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "traffic.har"
            path.write_text(json.dumps(har(entries)), "utf-8")
            begun = time.perf_counter()
            traffic = traffic_of(path)
            read = time.perf_counter() - begun
            found = review(traffic)
            seconds = time.perf_counter() - begun - read
            size = path.stat().st_size / 2**20
    yield at_most(
        "10,000 calls of an HTTP archive reviewed", seconds, "s", 2, f"read before in {read:.2f} s, {size:.0f} MiB"
    )


def _journal(mock: MockAirflow) -> list[Entry]:
    """A client's calls of every kind, as often as it takes: pages, items, triggers, polls, logs, refusals."""
    from werkzeug.test import Client

    for number in range(150):
        mock.add_dag(f"dag_{number:03}", tasks=("extract", "load"))
    client, headers = Client(mock.deployment.wsgi), {**mock.headers, "User-Agent": "benchmark/1.0"}

    def call(method: str, path: str, json: object = None) -> None:
        client.open(f"{mock.deployment.api_path}{path}", method=method, headers=headers, json=json)
        mock.clock.advance(1)

    for offset in (0, 100):
        call("GET", f"/dags?limit=100&offset={offset}")
    for number in range(20):
        dag, run = f"dag_{number:03}", f"run_{number}"
        call("GET", f"/dags/{dag}")
        call("POST", f"/dags/{dag}/dagRuns", {"dag_run_id": run, "conf": {"n": number}})
        for _ in range(20):
            call("GET", f"/dags/{dag}/dagRuns/{run}")
        call("GET", f"/dags/{dag}/dagRuns/{run}/taskInstances")
        call("GET", f"/dags/{dag}/dagRuns/{run}/taskInstances/extract/logs/1")
        call("GET", f"/dags/{dag}/dagRuns/none")
    once = list(mock.deployment.journal)
    entries: list[Entry] = []
    while len(entries) < CALLS:
        round_of = len(entries) // len(once)
        later = timedelta(days=round_of)
        for entry in once[: CALLS - len(entries)]:
            path = entry.path.replace("/run_", f"/run_{round_of}_")
            entries.append(entry._replace(number=len(entries) + 1, at=entry.at + later, path=path))
    return entries
