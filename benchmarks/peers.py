"""What a test pays for its mock: this project's ways in beside `responses`, `pytest-httpserver` and moto's `mock_aws`.

Each has two files of 500 tests of the same shape: without a request, and with one, sent by a session of requests that
the file's tests share (moto has two more, for its users' own way: a client of boto3 that they share). A file runs in a
process of its own, with the one plugin that it needs, in turn with all the others; the least of its runs counts. It is
the processor's time, of client and server together, so that a busy machine tells the same. The first test of a file is
left out: what is imported or made once a session ends there, and is a figure of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Figure, at_most

TESTS, ROUNDS = 500, 7

# Tells the processor's seconds up to the end of the first test, and those of each later test.
_CONFTEST = """
import json, time

ends = []

def pytest_runtest_logfinish(nodeid):
    ends.append(time.process_time())

def pytest_unconfigure():
    with open("measured.json", "w") as file:
        json.dump([ends[0], (ends[-1] - ends[0]) / (len(ends) - 1)], file)
"""

_REQUESTS = "import requests\nsession = requests.Session()\n"
_GET = "assert session.get('https://airflow.example/api/v1/health').ok"


class Way(NamedTuple):
    """A way to have calls answered: what stands above the tests, a test with `CALL` in it, the call, what it needs."""

    head: str
    test: str
    call: str
    plugin: str | None = None
    package: str = "requests"


class Cost(NamedTuple):
    """The processor's seconds up to the end of the first test, and of each later test."""

    start: float
    each: float


NOTHING = Way("", "():\n    CALL\n", "pass")
WAYS: Mapping[str, Way] = {
    "mock_airflow, its socket": Way(
        _REQUESTS,
        "(mock_airflow):\n    CALL\n",
        "assert session.get(mock_airflow.url + '/api/v1/health').ok",
        "pytest_mock_airflow.plugin",
    ),
    "pytest-httpserver": Way(
        _REQUESTS,
        "(httpserver):\n    httpserver.expect_request('/api/v1/health').respond_with_json({})\n    CALL\n",
        "assert session.get(httpserver.url_for('/api/v1/health')).ok",
        "pytest_httpserver.pytest_plugin",
        "pytest_httpserver",
    ),
    "mock_airflow.intercept": Way(
        _REQUESTS,
        "(mock_airflow):\n    with mock_airflow.intercept('https://airflow.example'):\n        CALL\n",
        _GET,
        "pytest_mock_airflow.plugin",
    ),
    "mock_airflow.register": Way(
        f"import responses\n{_REQUESTS}",
        "(mock_airflow):\n    with responses.RequestsMock() as rsps:\n"
        "        mock_airflow.register(rsps, 'https://airflow.example')\n        CALL\n",
        _GET,
        "pytest_mock_airflow.plugin",
        "responses",
    ),
    "responses": Way(
        f"import responses\n{_REQUESTS}",
        "():\n    with responses.RequestsMock(assert_all_requests_are_fired=False) as rsps:\n"
        "        rsps.get('https://airflow.example/api/v1/health', json={})\n        CALL\n",
        _GET,
        package="responses",
    ),
    "mock_aws": Way(
        f"from moto import mock_aws\n{_REQUESTS}",
        "():\n    with mock_aws():\n        CALL\n",
        "assert session.get('https://s3.amazonaws.com/').ok",
        package="moto",
    ),
    "mock_aws, by boto3": Way(
        "import boto3\nfrom moto import mock_aws\nwith mock_aws():\n    client = boto3.client('s3', 'eu-west-1')\n",
        "():\n    with mock_aws():\n        CALL\n",
        "client.list_buckets()",
        package="moto",
    ),
}


def figures() -> Iterable[Figure]:
    """A test of each way without and with a request, over an empty test; then what each adds to a session."""
    for package in sorted({way.package for way in WAYS.values() if find_spec(way.package) is None}):
        print(f"-- {package} is not installed, so it is left out: pip install -e '.[benchmarks]'", flush=True)
    costs = costs_of(TESTS, ROUNDS)
    start, empty = costs.pop(("nothing", False))
    over = {key: cost.each - empty for key, cost in costs.items()}
    for (name, asks), seconds in over.items():
        what = f"a test with {name}, {'one request' if asks else 'no request'}"
        told = f"{(seconds + empty) / empty:.1f} x an empty test, of {empty * 1e3:.2f} ms"
        if name == "mock_airflow, its socket" and not asks:
            yield at_most(what, seconds * 1e3, "ms", 0.5, told)
        else:
            yield _figure(what, seconds * 1e3, told)
    yield from _against(over)
    for (name, asks), cost in costs.items():
        if asks:
            yield _figure(f"a session's first test with {name}", (cost.start - start) * 1e3, "over an empty one's")


def _against(over: Mapping[tuple[str, bool], float]) -> Iterator[Figure]:
    """What stands next to what: a server to a server, in process to in process, one emulator to another."""
    pairs = (
        ("mock_airflow, its socket", "pytest-httpserver", 1.5),
        ("mock_airflow.intercept", "responses", 3),
        ("mock_airflow.register", "responses", 4),
        ("mock_airflow.intercept", "mock_aws", 0.5),
        ("mock_airflow, its socket", "mock_aws, by boto3", 0.75),
    )
    for ours, theirs, limit in pairs:
        if (ours, True) in over and (theirs, True) in over:
            ratio = over[ours, True] / over[theirs, True]
            told = f"an emulator's answer against a canned one{' (an emulator, too)' if 'aws' in theirs else ''}"
            yield at_most(f"one request: {ours}, against {theirs}", ratio, "x", limit, told)


def _figure(what: str, value: float, told: str) -> Figure:
    return Figure(what, value, "ms", "", True, told)


def costs_of(tests: int, rounds: int, names: Iterable[str] = WAYS) -> dict[tuple[str, bool], Cost]:
    """The least of each file's runs, by the way's name and whether its tests send a request."""
    ways = {name: WAYS[name] for name in names if find_spec(WAYS[name].package) is not None}
    files = {("nothing", False): NOTHING} | {(name, asks): way for name, way in ways.items() for asks in (False, True)}
    runs: dict[tuple[str, bool], list[Cost]] = {key: [] for key in files}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
        for number, ((_, asks), way) in enumerate(files.items()):
            test = way.test.replace("CALL", way.call if asks else "pass")
            source = "\n".join(f"def test_{each}{test}" for each in range(tests + 1))
            (folder / f"way{number}_test.py").write_text(way.head + source, encoding="utf-8")
        for _ in range(rounds):
            for number, (key, way) in enumerate(files.items()):
                runs[key].append(_run(folder, f"way{number}_test.py", way.plugin))
    return {key: Cost(min(cost.start for cost in each), min(cost.each for cost in each)) for key, each in runs.items()}


def _run(folder: Path, file: str, plugin: str | None) -> Cost:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_", "MOCK_"))}
    environment = kept | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    quiet = ("-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", ".")
    command = [sys.executable, "-m", "pytest", *quiet, *(("-p", plugin) if plugin is not None else ()), file]
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"The tests of {file} fail:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return Cost(*json.loads((folder / "measured.json").read_text(encoding="utf-8")))
