"""How `mock-airflow serve` ends under load: answers go out, balancers are told, a second signal cuts."""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import requests

from .processes import PATIENCE, Server, serving


def delayed(server: Server, seconds: float) -> http.client.HTTPConnection:
    """A connection on which an answer is being made, which takes so long."""
    url = f"{server.told['url']}/__mock__"
    requests.post(f"{url}/faults", json={"where": "GET /api/v1/pools", "latency": seconds}).raise_for_status()
    connection = http.client.HTTPConnection(*server.address, timeout=PATIENCE)
    connection.request("GET", "/api/v1/pools", headers=server.told["headers"])
    fired: Any = 0
    while not fired:  # until it has come in
        fired = requests.get(f"{url}/faults").json()["faults"][0]["seen"]
    return connection


def test_an_answer_that_is_being_made_goes_out(tmp_path: Path, world: str) -> None:
    with serving(tmp_path, "--world", world) as server:
        connection = delayed(server, 0.5)

        assert server.end(signal.SIGTERM) == 0

        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Connection")) == (200, "close")
        assert json.loads(answer.read())["pools"]
        assert server.err == ""


@pytest.mark.parametrize("options", [("--stop-grace", "0"), ("--stop-grace", "0.05")])
def test_but_none_that_takes_longer_than_the_grace(tmp_path: Path, world: str, options: tuple[str, str]) -> None:
    with (
        serving(tmp_path, "--world", world, *options) as server,
        contextlib.closing(delayed(server, 3600)) as connection,
    ):
        assert server.end(signal.SIGTERM) == 0

        with pytest.raises((http.client.HTTPException, ConnectionError)):
            connection.getresponse()


def test_a_second_signal_cuts(tmp_path: Path, world: str) -> None:
    with serving(tmp_path, "--world", world, "--stop-grace", "3600") as server:
        with (
            contextlib.closing(delayed(server, 3600)),
            socket.create_connection(server.address, PATIENCE) as idle,
        ):
            idle.sendall(b"GET /__mock__/ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
            with idle.makefile("rb") as answers:
                assert answers.readline().startswith(b"HTTP/1.1 200")
                server.process.send_signal(signal.SIGTERM)
                answers.read()  # until it is closed, so the first has been heard

            assert server.end(signal.SIGTERM) == 0
        assert server.err == ""


def test_balancers_are_told_before_it_stops(tmp_path: Path, world: str) -> None:
    with serving(tmp_path, "--world", world, "--stop-delay", "3600", "--control-token", "t0ken") as server:
        url = server.told["url"]
        ready = requests.get(f"{url}/__mock__/ready")  # which asks for no token, nor for a known name
        assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
        assert requests.get(f"{url}/__mock__/ready", headers={"Host": "balanced.example"}).status_code == 200
        assert requests.get(f"{url}/__mock__/health").status_code == 401

        server.process.send_signal(signal.SIGTERM)

        while (ready := requests.get(f"{url}/__mock__/ready")).status_code == 200:
            pass
        assert (ready.status_code, ready.headers["Retry-After"]) == (503, "1")
        assert ready.json()["detail"] == "The server is about to stop."
        assert server.get("/api/v1/dags")[0] == 200  # it still answers
        assert server.end(signal.SIGTERM) == 0


def test_workers_finish_their_answers(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'airflow.db'}"
    with serving(tmp_path, "--database", database, "--workers", "2", "--world", "etl", "--frozen") as server:
        statuses: list[int] = []
        begun = threading.Semaphore(0)

        def write() -> None:
            with requests.Session() as session:
                while True:
                    try:
                        answer = session.post(
                            f"{server.told['api_url']}/pools",
                            json={"name": f"pool {threading.get_ident()} {len(statuses)}", "slots": 1},
                            headers=server.told["headers"],
                        )
                    except requests.ConnectionError:  # it has ended
                        return
                    statuses.append(answer.status_code)
                    begun.release()

        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(8):
            begun.acquire(timeout=PATIENCE)
        assert server.end(signal.SIGTERM) == 0
        for thread in threads:
            thread.join(PATIENCE)
        assert set(statuses) <= {200, 409}
        assert server.err == ""
    with serving(tmp_path, "--database", database) as server:
        found = requests.get(f"{server.told['api_url']}/pools?limit=1", headers=server.told["headers"]).json()
        assert found["total_entries"] >= 1 + statuses.count(200)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the numbers of threads out of /proc")
def test_a_signal_that_another_thread_is_given_is_heard(tmp_path: Path, world: str) -> None:
    """The system may hand a signal for the process to any thread; here it is told to which."""
    with serving(tmp_path, "--world", world) as server:
        with requests.Session() as session:  # whose connection has a thread of its own
            session.get(f"{server.told['url']}/__mock__/ready")
            threads = [int(each.name) for each in Path(f"/proc/{server.process.pid}/task").iterdir()]
            others = [each for each in threads if each != server.process.pid]
            assert others
            assert ctypes.CDLL(None).tgkill(server.process.pid, others[0], int(signal.SIGTERM)) == 0

        assert server.process.wait(PATIENCE) == 0
