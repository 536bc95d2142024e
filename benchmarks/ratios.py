"""Whether something became slower: ``python -m benchmarks.ratios`` holds ratios against those of ratios.json.

Both sides of a ratio do the same work in turn, in one process or in two that are started in turn, and the processor's
time is what counts, of which the least of the rounds is taken; so a busy machine tells nearly the same. Exit code 1
when a ratio is more than half as large again as the one that is written down, at each of three attempts. ``--write``
writes down the least of three attempts.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.requests import bare_view, call, environ_of, headers_of, keep_alive
from benchmarks.worlds import with_dags
from mock_airflow import MockAirflow
from mock_airflow.deployment import Deployment

_WRITTEN = Path(__file__).with_name("ratios.json")
_WORSE, _ATTEMPTS = 1.5, 3
_ROUNDS = 9
_LIMITS = {"rate_limit": "1000000/second", "burst": "1000000/second"}
_FROZEN = {"clock": "2025-03-01T00:30:00Z", "frozen": True, "world": "demo", **_LIMITS}

_numbers = count()
Action = Callable[[], object]


def main() -> int:
    """Measure, compare, and print a line for each; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write down what is measured now")
    options = parser.parse_args()
    written = json.loads(_WRITTEN.read_text("utf-8")) if _WRITTEN.exists() else {}
    measured: dict[str, float] = {}
    worse = []
    for what, measure in RATIOS.items():
        before = written.get(what)
        found: list[float] = []
        while len(found) < _ATTEMPTS and (before is None or options.write or not found or min(found) > before * _WORSE):
            found.append(measure(len(found)))
        measured[what] = min(found)
        failed = not options.write and (before is None or measured[what] > before * _WORSE)
        worse += [what] if failed else []
        told = "" if before is None else f", {before:.2f} is written down"
        print(f"{'!!' if failed else 'ok'} {what:66} {measured[what]:6.2f} x{told}", flush=True)
    if options.write:
        rounded = {what: round(ratio, 2) for what, ratio in measured.items()}
        _WRITTEN.write_text(json.dumps(rounded, indent=2) + "\n", "utf-8")
    if worse:
        print(
            f"{len(worse)} of {len(measured)} became slower by half or more; if that is meant, write it down: --write."
        )
    return 1 if worse else 0


def _ratio(one: Action, other: Action, repeat: int = 40) -> float:
    """The least processor's time of one, in units of that of the other."""
    least = [float("inf")] * 2
    for _ in range(_ROUNDS):
        for number, action in enumerate((one, other)):
            begun = time.process_time()
            for _ in range(repeat):
                action()
            least[number] = min(least[number], time.process_time() - begun)
    return least[0] / least[1]


def _asking(
    deployment: Deployment, method: str, path: str, body: Callable[[int], Any] | None = None
) -> Callable[[], bytes]:
    headers = headers_of(deployment)

    def ask() -> bytes:
        data = b"" if body is None else json.dumps(body(next(_numbers))).encode()
        return call(deployment.wsgi, environ_of(method, path, headers, data), data)

    return ask


def _deployment(version: str = "2.11.2") -> Deployment:
    return with_dags(20, airflow_version=version, **_LIMITS)


def _beside_a_bare_view(method: str, path: str, body: Callable[[int], Any] | None = None) -> float:
    deployment = _deployment("3.3.2" if "/api/v2" in path else "2.11.2")
    ask = _asking(deployment, method, path, body)
    bare = bare_view(ask())
    environ = environ_of("GET", "/api/v1/dags", headers_of(deployment))
    return _ratio(ask, lambda: call(bare.wsgi_app, environ))


def _over_the_socket() -> float:
    deployment, path = _deployment(), "/api/v1/dags?limit=20"
    headers = headers_of(deployment)
    bare = bare_view(call(deployment.wsgi, environ_of("GET", path, headers)))
    with keep_alive(deployment.wsgi, path, headers) as ask, keep_alive(bare.wsgi_app, path, headers) as ask_bare:
        return _ratio(ask, ask_bare)


def _kept_in_a_file(method: str, path: str, body: Callable[[int], Any] | None = None) -> float:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = stack.enter_context(MockAirflow(database=f"sqlite:///{folder}/airflow.db", **_FROZEN))
        memory = stack.enter_context(MockAirflow(**_FROZEN))
        one, other = (_asking(mock.deployment, method, path, body) for mock in (file, memory))
        return _ratio(one, other, repeat=20)


@cache
def _tests(attempt: int) -> dict[tuple[str, bool], peers.Cost]:
    names = ("mock_airflow, its socket", "pytest-httpserver", "mock_airflow.intercept", "responses")
    return peers.costs_of(tests=60, rounds=3, names=names)


def _test(attempt: int, one: str, other: str, *, first: bool = False) -> float:
    costs = _tests(attempt)
    nothing = costs["nothing", False]
    if first:
        return (costs[one, True].start - nothing.start) / (costs[other, True].start - nothing.start)
    return (costs[one, True].each - nothing.each) / (costs[other, True].each - nothing.each)


def _run(number: int) -> dict[str, str]:
    return {"dag_run_id": f"bench_{number}"}


_DAG = "dag_003"
RATIOS: dict[str, Callable[[int], float]] = {
    "a page of 20 DAGs of v1, beside a bare Flask view": lambda _: _beside_a_bare_view("GET", "/api/v1/dags?limit=20"),
    "a page of 20 DAGs of v2, beside a bare Flask view": lambda _: _beside_a_bare_view("GET", "/api/v2/dags?limit=20"),
    "a trigger, beside a bare Flask view": lambda _: _beside_a_bare_view("POST", f"/api/v1/dags/{_DAG}/dagRuns", _run),
    "a PATCH of a DAG, beside a bare Flask view": lambda _: _beside_a_bare_view(
        "PATCH", f"/api/v1/dags/{_DAG}", lambda number: {"is_paused": number % 2 == 0}
    ),
    "a page over the socket, beside a bare Flask view on the same server": lambda _: _over_the_socket(),
    "a page with SQLite, beside memory": lambda _: _kept_in_a_file("GET", "/api/v1/dags?limit=20"),
    "a variable made with SQLite, beside memory": lambda _: _kept_in_a_file(
        "POST", "/api/v1/variables", lambda number: {"key": f"k{number}", "value": "x"}
    ),
    "a test with one request over the socket, beside pytest-httpserver": lambda attempt: _test(
        attempt, "mock_airflow, its socket", "pytest-httpserver"
    ),
    "a session's first test, beside pytest-httpserver": lambda attempt: _test(
        attempt, "mock_airflow, its socket", "pytest-httpserver", first=True
    ),
    "a test with one intercepted request, beside responses": lambda attempt: _test(
        attempt, "mock_airflow.intercept", "responses"
    ),
}


if __name__ == "__main__":
    sys.exit(main())
