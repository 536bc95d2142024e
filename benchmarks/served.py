"""The servers of the table: this project's over each store, and the peers that answer the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import requests

from benchmarks.load import Target, request_of
from benchmarks.worlds import dags, with_dags

_PATIENCE = 60  # seconds until a server is up
_WORLD = dags(20)
_GIVEN = {
    "profile": "datacoves",
    "clock": "2025-03-01T00:30:00Z",
    "frozen": "yes",
    "runs": "manual",
    "rate-limit": "1000000/second",
    "burst": "1000000/second",
}
DEPLOYMENTS = 64


class Served(NamedTuple):
    """A server: what it is asked for, by the name of the case, and how much memory it takes, in MiB."""

    cases: dict[str, list[Target]]
    memory: Callable[[], float]


def resident(pid: int) -> float:
    """MiB of memory that a process and those below it have for themselves, what they share counted once."""
    below = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    total = sum(resident(int(child)) for child in below)
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines():
        if line.startswith("Pss:"):
            total += int(line.split()[1]) / 1024
    return total


@contextmanager
def _running(command: list[str], folder: Path, **given: Any) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True, **given)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _until(condition: Callable[[], bool], process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"A server did not come up: {(folder / 'log').read_text('utf-8')[-2000:]}")
        time.sleep(0.01)


def _reading(host: str, port: int, path: str, headers: dict[str, str]) -> Target:
    asked = request_of("GET", f"{path}/dags?limit=20", f"{host}:{port}", headers)
    return Target(host, port, lambda number: asked)


def _triggering(host: str, port: int, path: str, headers: dict[str, str]) -> Target:
    def request(number: int) -> bytes:
        body = json.dumps({"dag_run_id": f"bench_{number}"}).encode()
        return request_of("POST", f"{path}/dags/dag_{number % 20:03}/dagRuns", f"{host}:{port}", headers, body)

    return Target(host, port, request)


@contextmanager
def ours(database: str | None, workers: int = 1) -> Iterator[Served]:
    """``mock-airflow serve`` with a key, limits and the journal, one deployment of its own and 64 beside it."""
    with tempfile.TemporaryDirectory(prefix="mock-airflow-bench-") as name:
        folder = Path(name)
        ready, world = folder / "ready.json", folder / "world.json"
        world.write_text(json.dumps(_WORLD), "utf-8")
        command = [sys.executable, "-m", "mock_airflow", "serve", "--port", "0", "--ready-file", str(ready)]
        command += ["--world", str(world), "--workers", str(workers)]
        command += [part for option, value in _GIVEN.items() for part in (f"--{option}", value) if value != "yes"]
        command += ["--frozen"]
        if database is not None:
            at = database.replace("FOLDER", name)
            command += ["--database", at, "--deployment", f"main-{os.urandom(4).hex()}"]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
        with _running(command, folder, env=environment) as process:
            _until(ready.exists, process, folder)
            told = json.loads(ready.read_text("utf-8"))
            host, port = told["url"].removeprefix("http://").split(":")
            settings = {name.replace("-", "_"): True if value == "yes" else value for name, value in _GIVEN.items()}
            cases: dict[str, list[Target]] = {"read": [], "trigger": [], "read, 64": [], "trigger, 64": []}
            for number in range(DEPLOYMENTS + 1):
                if number:
                    body = {"settings": settings, "world": _WORLD, "name": f"d{number}-{os.urandom(4).hex()}"}
                    answer = requests.post(f"{told['url']}/__mock__/deployments", json=body, timeout=_PATIENCE)
                    answer.raise_for_status()
                    told = {**answer.json(), "url": told["url"]}
                path = told["api_url"].removeprefix(told["url"])
                suffix = ", 64" if number else ""
                cases[f"read{suffix}"].append(_reading(host, int(port), path, told["headers"]))
                cases[f"trigger{suffix}"].append(_triggering(host, int(port), path, told["headers"]))
            yield Served(cases, lambda: resident(process.pid))


def payload() -> bytes:
    """The page of 20 DAGs that the peers answer too."""
    from benchmarks.requests import call, environ_of, headers_of

    deployment = with_dags(20)
    return call(deployment.wsgi, environ_of("GET", "/api/v1/dags?limit=20", headers_of(deployment)))


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _peer(command: Callable[[int, Path], list[str]], page: bytes, path: str = "/api/v1") -> Iterator[Served]:
    port = _free()
    with tempfile.TemporaryDirectory(prefix="mock-airflow-bench-") as name:
        folder = Path(name)
        (folder / "page.json").write_bytes(page)
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
        with _running(command(port, folder), folder, env=environment) as process:

            def is_up() -> bool:
                with socket.socket() as probe:
                    return probe.connect_ex(("127.0.0.1", port)) == 0

            _until(is_up, process, folder)
            if path == "/bucket":
                requests.put(f"http://127.0.0.1:{port}/bucket", timeout=_PATIENCE).raise_for_status()
                everybodys = {"x-amz-acl": "public-read", "Content-Type": "application/json"}
                url = f"http://127.0.0.1:{port}/bucket/dags"
                requests.put(url, data=page, headers=everybodys, timeout=_PATIENCE).raise_for_status()
            yield Served({"read": [_reading("127.0.0.1", port, path, {})]}, lambda: resident(process.pid))


_WAITRESS = """
import sys
from pathlib import Path
from waitress import serve
from benchmarks.requests import bare_view
serve(bare_view(Path("page.json").read_bytes()), host="127.0.0.1", port=int(sys.argv[1]), threads=8, _quiet=True)
"""
_HTTPSERVER = """
import sys, threading
from pathlib import Path
from pytest_httpserver import HTTPServer
server = HTTPServer(host="127.0.0.1", port=int(sys.argv[1]), threaded=True)
server.no_handler_status_code = 500
page = Path("page.json").read_text()
server.expect_request("/api/v1/dags").respond_with_data(page, content_type="application/json")
server.start()
server.log.clear()
threading.Event().wait()
"""


def _document(page: bytes) -> dict[str, Any]:
    """An OpenAPI document whose one example is the page."""
    answer = {"200": {"description": "a page", "content": {"application/json": {"example": json.loads(page)}}}}
    info = {"title": "page", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": {"/api/v1/dags": {"get": {"responses": answer}}}}


def peers(page: bytes) -> dict[str, Callable[[], Any]]:
    """The peers that are installed, by name; for each that is not a line says how it is."""
    found: dict[str, Callable[[], Any]] = {}
    python = sys.executable

    def add(name: str, there: object, how: str, start: Callable[[], Any]) -> None:
        if there:
            found[name] = start
        else:
            print(f"-- {name} is not there, so it is left out: {how}", flush=True)

    ours = "pip install -e '.[benchmarks]'"
    prism = os.environ.get("PRISM") or shutil.which("prism")
    add(
        "waitress, a bare Flask view",
        find_spec("waitress"),
        ours,
        lambda: _peer(lambda port, _: [python, "-c", _WAITRESS, str(port)], page),
    )
    add(
        "pytest-httpserver",
        find_spec("pytest_httpserver"),
        ours,
        lambda: _peer(lambda port, _: [python, "-c", _HTTPSERVER, str(port)], page),
    )
    add(
        "moto_server",
        find_spec("moto"),
        ours,
        lambda: _peer(lambda port, _: [python, "-m", "moto.server", "-p", str(port)], page, "/bucket"),
    )

    def prism_command(port: int, folder: Path) -> list[str]:
        (folder / "openapi.json").write_text(json.dumps(_document(page)), "utf-8")
        return [str(prism), "mock", "-p", str(port), "-h", "127.0.0.1", "-v", "error", str(folder / "openapi.json")]

    add("Prism", prism, "npm install -g @stoplight/prism-cli, or PRISM=its path", lambda: _peer(prism_command, page))
    return found


def everything(stack: ExitStack, page: bytes) -> dict[str, Served]:
    """All servers of the table, up at the same time; the idle ones cost nothing."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.persistence.postgres import Postgres, programs

    found = {"memory": stack.enter_context(ours(None))}
    for workers in (1, 2):
        found[f"SQLite, {_count(workers)}"] = stack.enter_context(ours("sqlite:///FOLDER/airflow.db", workers))
    where = programs()
    if where is None:
        print("-- PostgreSQL is not there, so it is left out: apt-get install postgresql", flush=True)
    else:
        server = Postgres(where)
        stack.callback(server.remove)
        for workers in (1, 2, 4):
            found[f"PostgreSQL, {_count(workers)}"] = stack.enter_context(ours(server.url, workers))
        relaxed = f"{server.url}&options=-c%20synchronous_commit%3Doff"
        found["PostgreSQL, one worker, commits not waited for by the disk"] = stack.enter_context(ours(relaxed))
    for name, start in peers(page).items():
        found[name] = stack.enter_context(start())
    return found


def _count(workers: int) -> str:
    return {1: "one worker", 2: "2 workers", 4: "4 workers"}[workers]
