"""What world files cost: making one up, loading it, capturing one, checking one."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import requests

from benchmarks.measure import Figure, at_most
from benchmarks.requests import headers_of
from mock_airflow.deployment import Deployment
from mock_airflow.server.live import LiveServer
from mock_airflow.settings import Settings
from mock_airflow.world.capture.capturing import capture
from mock_airflow.world.capture.gathering import WantedRows
from mock_airflow.world.checking import check
from mock_airflow.world.generating import generate, write
from mock_airflow.world.reading import load_worlds


def _seconds(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def _load(file: Path) -> Deployment:
    world = load_worlds([str(file)])
    deployment = Deployment(Settings.of(**world.settings))
    gc.disable()  # as `serve` does while it loads
    try:
        world.apply(deployment)
        deployment.begin()
    finally:
        gc.enable()
    return deployment


def figures() -> Iterable[Figure]:
    """A world of 200 DAGs and 100,000 runs; a capture of a small one over a socket."""
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large.json", Path(folder) / "small.json"
        spent = _seconds(lambda: write(large, generate(dags=200, runs=100_000, seed=42)))
        yield at_most(
            "generate 200 DAGs with 100,000 runs", spent, "s", 10, f"{large.stat().st_size / 1e6:.0f} MB of JSON"
        )
        loaded: list[Deployment] = []
        spent = _seconds(lambda: loaded.append(_load(large)))
        told = f"with {len(loaded[0].airflow.task_instances):,} task instances"
        yield at_most("load them", spent, "s", 15, told)
        loaded.clear()
        gc.collect()
        write(small, generate(dags=20, runs=2000, seed=42))
        _load(small)
        spent, plain = _seconds(lambda: check([str(small)])), _seconds(lambda: _load(small))
        told = f"{spent * 1e3:.0f} ms; {plain * 1e3:.0f} ms"
        yield at_most("check 20 DAGs with 2,000 runs, against loading them", spent / plain, "x", 2, told)
        write(small, generate(dags=20, runs=200, seed=42))
        yield from _capture(_load(small), Path(folder) / "captured.json")


def _capture(deployment: Deployment, output: Path) -> Iterable[Figure]:
    with LiveServer(deployment.wsgi) as server:
        headers, took = headers_of(deployment), []

        def captured() -> None:
            took.append(capture(server.url, headers, output, WantedRows(also=frozenset({"xcoms", "logs"}))))

        spent = _seconds(captured)
        with requests.Session() as session:
            session.headers.update(headers)
            url, count = f"{server.url}/api/v1/dags?limit=1", took[0].requests
            plain = _seconds(lambda: [session.get(url) for _ in range(count)])
        told = f"{count} requests in {spent:.2f} s; as many of one DAG, one after another: {plain:.2f} s"
        yield at_most("capture 20 DAGs with 200 runs and their logs", spent / plain, "x", 2.5, told)
