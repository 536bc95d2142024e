"""A server that is killed in the middle of its work: what it answered is there, and nothing is there by half.

``KILLS=100 pytest tests/persistence/killed_test.py`` does it as often.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow

from .postgres import Postgres

KILLS = int(os.environ.get("KILLS", "2"))
PATIENCE = 60  # seconds until a server that should be up fails the test


class Server:
    """``mock-airflow serve`` in a session of its own, with its workers."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._ready = folder / "ready.json"
        self._ready.unlink(missing_ok=True)
        command = [Path(sys.executable).with_name("mock-airflow"), "serve", "--port", "0"]
        command += ["--ready-file", str(self._ready)]
        self._err = folder / "err"
        self._alive, held = os.pipe()  # which the server and its workers have open for as long as they are there
        weakref.finalize(self, os.close, self._alive)
        with self._err.open("ab") as err:
            self.process = subprocess.Popen(
                [*command, *arguments],
                stdout=subprocess.DEVNULL,
                stderr=err,
                start_new_session=True,
                pass_fds=[held],
            )
        os.close(held)
        deadline = time.monotonic() + PATIENCE
        while not self._ready.exists():
            assert self.process.poll() is None, self._err.read_text()
            assert time.monotonic() < deadline, self._err.read_text()
            time.sleep(0.01)
        self.told: dict[str, Any] = json.loads(self._ready.read_text())

    def kill(self) -> None:
        """Have it and its workers be gone at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def is_anybody_there(self, patience: float = 0) -> bool:
        """Whether it, or one of its workers, still is after so many seconds."""
        return not select.select([self._alive], [], [], patience)[0]

    def end(self) -> int:
        """Ask it to end; gives the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)


class Writer(threading.Thread):
    """A client that writes down what was answered to it."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._server = server
        self.ended = threading.Event()
        self.runs: list[str] = []
        self.variables: list[str] = []
        self.keys: list[str] = []
        self.refused: list[tuple[int, str]] = []
        self.moments: list[str] = []

    def run(self) -> None:
        told, session = self._server.told, requests.Session()
        session.headers.update(told["headers"])
        number = 0
        while not self.ended.is_set():
            number += 1
            name = f"{self.name}-{number}"
            try:
                self._post(session, f"{told['api_url']}/dags/etl/dagRuns", {"dag_run_id": name}, self.runs, name)
                self._post(session, f"{told['api_url']}/variables", {"key": name, "value": "x"}, self.variables, name)
                if number % 5 == 0:
                    secret = f"{name}-" + "s" * 32
                    self._post(session, f"{told['url']}/__mock__/keys", {"secret": secret}, self.keys, secret)
                    answer = session.post(
                        f"{told['url']}/__mock__/clock/advance", json={"seconds": 1}, timeout=PATIENCE
                    )
                    if answer.ok:
                        self.moments.append(answer.json()["now"])
            except requests.RequestException:
                return

    def _post(self, session: requests.Session, url: str, body: dict[str, Any], kept: list[str], name: str) -> None:
        answer = session.post(url, json=body, timeout=PATIENCE)
        if answer.status_code == 200:
            kept.append(name)
        else:
            self.refused.append((answer.status_code, answer.text))


def check(mock: MockAirflow, writers: list[Writer]) -> None:
    """Everything that was answered is there, and every run is whole."""
    airflow = mock.deployment.airflow
    runs = {run.run_id: run for run in airflow.dag_runs if run.run_type == "manual"}
    for writer in writers:
        assert set(writer.runs) <= runs.keys()
        assert all(name in airflow.variables for name in writer.variables)
        assert all(mock.deployment.keys.find(secret) is not None for secret in writer.keys)
        assert all(moment <= mock.clock.now().isoformat() for moment in writer.moments)
    tasks = len(airflow.dags.get("etl").tasks)  # type: ignore[union-attr]
    for run in runs.values():
        assert len(airflow.task_instances.group("run", run.key)) == tasks
    ids = [run.id for run in runs.values()]
    assert len(ids) == len(set(ids))
    numbers = [call.number for call in mock.calls]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_that_was_answered_is_lost(database: str, name: str, workers: int, tmp_path: Path) -> None:
    chance = random.Random(workers)
    given = ["--database", database, "--deployment", name, "--profile", "datacoves", "--workers", str(workers)]
    begun = ["--world", "etl", "--clock", "2025-03-01T00:30:00Z", "--frozen"]
    written: list[Writer] = []
    for kill in range(KILLS):
        server = Server(tmp_path, *given, *begun)
        writers = [Writer(server, f"w{kill}-{number}") for number in range(4)]
        for writer in writers:
            writer.start()
        while not any(writer.runs for writer in writers):
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.4))
        server.kill()
        for writer in writers:
            writer.join(PATIENCE)
        written += writers
        with MockAirflow(database=database, deployment=name) as mock:
            check(mock, written)

    assert sum(len(writer.runs) for writer in written) >= KILLS
    assert [refused for writer in written for refused in writer.refused] == []


def test_a_server_that_is_asked_to_end_ends_its_workers(tmp_path: Path) -> None:
    server = Server(tmp_path, "--database", f"sqlite:///{tmp_path / 'airflow.db'}", "--workers", "2")

    assert requests.get(server.told["api_url"] + "/dags", headers=server.told["headers"]).status_code == 200
    assert server.end() == 0
    assert not server.is_anybody_there()


def test_workers_end_when_their_server_is_killed(tmp_path: Path) -> None:
    for _ in range(3):  # at whatever moment
        server = Server(tmp_path, "--database", f"sqlite:///{tmp_path / 'airflow.db'}", "--workers", "2")
        server.process.kill()
        server.process.wait(PATIENCE)
        assert not server.is_anybody_there(PATIENCE)


def test_a_database_that_goes_is_waited_for_and_gone_on_with(postgres: Postgres, name: str, tmp_path: Path) -> None:
    server = Server(
        tmp_path,
        *("--database", postgres.url, "--deployment", name, "--profile", "datacoves", "--workers", "2"),
        *("--world", "etl", "--clock", "2025-03-01T00:30:00Z", "--frozen"),
    )
    writers = [Writer(server, f"w{number}") for number in range(4)]
    for writer in writers:
        writer.start()

    def until(condition: Any) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.005)

    until(lambda: any(writer.runs for writer in writers))
    postgres.stop()
    try:
        until(lambda: any(writer.refused for writer in writers))
        answer = requests.get(server.told["api_url"] + "/dags", headers=server.told["headers"], timeout=PATIENCE)
        ready = requests.get(server.told["url"] + "/__mock__/ready", timeout=PATIENCE)
        asked = ("/__mock__/deployments", "/__mock__/deployments/one", "/d/one/api/v1/version")
        of_the_hub = [requests.get(server.told["url"] + path, timeout=PATIENCE) for path in asked]
    finally:
        postgres.start()
    so_far = sum(len(writer.runs) for writer in writers)
    until(lambda: sum(len(writer.runs) for writer in writers) > so_far + 4)
    for writer in writers:
        writer.ended.set()
    for writer in writers:
        writer.join(PATIENCE)

    assert server.end() == 0
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert "cannot be reached" in answer.json()["detail"]
    assert ready.status_code == 503
    assert "cannot be reached" in ready.json()["detail"]  # the driver words it by how far the database has gone
    for told in of_the_hub:
        assert (told.status_code, told.headers["Retry-After"], told.json()["status"]) == (503, "2", 503)
        assert "cannot be reached" in told.json()["detail"]
    assert {status for writer in writers for status, _ in writer.refused} == {503}
    with MockAirflow(database=postgres.url, deployment=name) as mock:
        check(mock, writers)
