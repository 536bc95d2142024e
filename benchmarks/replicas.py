"""Several processes over one database under load: ``python -m benchmarks.replicas postgresql://...``.

By default 64 clients send 20,000 requests to 4 workers, a quarter of them over the limit. Exactly as many are admitted
as one process would admit, every run id is there once, and each process tells the same history.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import requests

from mock_airflow import MockAirflow

_PATIENCE = 120  # seconds


def main() -> int:
    """Send the load, check what became of it, and print figures; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", help="sqlite:///FILE or postgresql://...")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--requests", type=int, default=20_000)
    options = parser.parse_args()
    limit = options.requests * 3 // 4
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        # The installed command: a module that is named would be looked for in the checkout first.
        command = [str(Path(sys.executable).with_name("mock-airflow")), "serve", "--port", "0", "--fresh"]
        command += ["--ready-file", str(ready)]
        command += ["--database", options.database, "--deployment", "replicas", "--workers", str(options.workers)]
        command += ["--profile", "datacoves", "--world", "etl", "--clock", "2025-03-01T00:30:00Z", "--frozen"]
        command += ["--rate-limit", f"{limit}/day", "--journal-size", str(options.requests + 10)]
        command += ["--journal-bytes", str(10**10)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not ready.exists():
                if server.poll() is not None:
                    raise SystemExit(f"The server ended with {server.returncode} before it served.")
                time.sleep(0.05)
            told = json.loads(ready.read_text())
            began = time.perf_counter()
            answers, latencies = _load(told, options.clients, options.requests)
            took = time.perf_counter() - began
        finally:
            server.terminate()
            server.wait(_PATIENCE)
    return _judge(options, limit, answers, latencies, took)


def _load(told: dict[str, Any], clients: int, count: int) -> tuple[Counter[int], list[float]]:
    """The answers by status, and how long each took."""
    answers: Counter[int] = Counter()
    latencies: list[float] = []
    lock = threading.Lock()
    left = iter(range(count))

    def client() -> None:
        session = requests.Session()
        session.headers.update(told["headers"])
        while True:
            with lock:
                number = next(left, None)
            if number is None:
                return
            began = time.perf_counter()
            if number % 4:
                answer = session.get(f"{told['api_url']}/dags?limit=20", timeout=_PATIENCE)
            else:
                body = {"dag_run_id": f"r{number}"}
                answer = session.post(f"{told['api_url']}/dags/etl/dagRuns", json=body, timeout=_PATIENCE)
            with lock:
                answers[answer.status_code] += 1
                latencies.append(time.perf_counter() - began)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, latencies


def _judge(options: Any, limit: int, answers: Counter[int], latencies: list[float], took: float) -> int:
    found = [MockAirflow(database=options.database, deployment="replicas") for _ in range(2)]
    runs = [run.run_id for run in found[0].deployment.airflow.dag_runs if run.run_type == "manual"]
    histories = [[(call.number, call.method, call.status) for call in mock.calls] for mock in found]
    checks = {
        "admitted": (answers[200], limit),
        "refused": (answers[429], options.requests - limit),
        "run ids that are there once": (len(set(runs)), len(runs)),
        "calls in the history": (len(histories[0]), options.requests),
        "histories that are equal": (histories[0] == histories[1], True),
        "numbers without a gap": ([number for number, *_ in histories[0]] == [*range(1, options.requests + 1)], True),
    }
    for what, (got, wanted) in checks.items():
        print(f"{what:<28} {got} of {wanted}")
    latencies.sort()
    middle, late = (1000 * latencies[len(latencies) * part // 100] for part in (50, 99))
    print(f"{options.requests / took:.0f} requests a second, half within {middle:.0f} ms, 99 % within {late:.0f} ms")
    for mock in found:
        mock.close()
    return 0 if all(got == wanted for got, wanted in checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
