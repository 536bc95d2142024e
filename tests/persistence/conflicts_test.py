"""A write that loses to another, or whose connection breaks: the request is walked again, and done once."""

from __future__ import annotations

import select
import socket
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from mock_airflow import MockAirflow

from .conftest import Opened
from .postgres import Postgres

FROZEN: dict[str, Any] = {"clock": "2025-03-01T00:30:00Z", "frozen": True, "world": "etl", "profile": "datacoves"}

# Where a statement fails: when the turn is taken, when rows are written, or with the commit.
MOMENTS = {
    "turn": "CREATE TRIGGER failing BEFORE UPDATE OF version ON mock_airflow_deployments",
    "rows": "CREATE TRIGGER failing BEFORE INSERT ON mock_airflow_rows",
    "commit": "CREATE CONSTRAINT TRIGGER failing AFTER INSERT ON mock_airflow_commits DEFERRABLE INITIALLY DEFERRED",
}
FAILURES = {
    "40001": "RAISE EXCEPTION 'restart transaction' USING ERRCODE = '40001'",
    "40P01": "RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'",
    "broken connection": "PERFORM pg_terminate_backend(pg_backend_pid())",
}


def fail(url: str, moment: str, failure: str, times: int) -> None:
    """Have the next statements of a kind fail in the server itself."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SEQUENCE failures")  # counts on when a transaction is taken back
        connection.execute(
            "CREATE FUNCTION failing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # type: ignore[call-overload]
            f" IF nextval('failures') <= {times} THEN {FAILURES[failure]}; END IF; RETURN NEW; END $$"
        )
        connection.execute(f"{MOMENTS[moment]} FOR EACH ROW EXECUTE FUNCTION failing()")  # type: ignore[call-overload]


def failed(url: str) -> int:
    with psycopg.connect(url) as connection:
        (count,) = connection.execute("SELECT last_value FROM failures").fetchone() or (0,)
    return int(count)


def trigger(mock: MockAirflow, run_id: str) -> int:
    url = f"{mock.api_url}/dags/etl/dagRuns"
    return requests.post(url, headers=mock.headers, json={"dag_run_id": run_id}, timeout=60).status_code


def runs(mock: MockAirflow) -> list[str]:
    with mock.deployment.lock:  # whoever takes it has read what others wrote
        return [run.run_id for run in mock.deployment.airflow.dag_runs if run.run_type == "manual"]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_request_is_walked_again(moment: str, failure: str, postgres: Postgres, opened: Opened) -> None:
    url = postgres.made()
    first, second = opened(url, rate_limit="3/day", **FROZEN), opened(url)
    times = 1 if failure == "broken connection" else 3  # a second break in a row is a database that is away
    fail(url, moment, failure, times)

    assert trigger(first, "one") == 200

    assert failed(url) > times
    assert [trigger(second, "one"), trigger(second, "two"), trigger(first, "three")] == [409, 200, 429]
    assert runs(first) == runs(second) == runs(opened(url)) == ["one", "two"]
    assert [call.status for call in first.calls] == [200, 409, 200, 429]
    assert [call.number for call in opened(url).calls] == [1, 2, 3, 4]


def test_idle_connections_that_broke_are_replaced(postgres: Postgres, opened: Opened) -> None:
    url = postgres.made()
    mock = opened(url, **FROZEN)
    assert trigger(mock, "one") == 200
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'empty%'")

    assert trigger(mock, "two") == 200
    assert runs(opened(url)) == ["one", "two"]


def test_a_write_whose_commit_was_not_heard_of_is_done_once(postgres: Postgres, opened: Opened, tmp_path: Path) -> None:
    url = postgres.made()
    with losing(postgres.folder) as (folder, lose):
        mock = opened(url.replace(str(postgres.folder), str(folder)), **FROZEN)
        lose(b"mock_airflow_commits")
        assert trigger(mock, "one") == 200
        lose(b"mock_airflow_commits")
        answer = requests.post(f"{mock.url}/__mock__/clock/advance", json={"seconds": 60})
        assert answer.json()["now"].startswith("2025-03-01T00:31:00")
        assert lose(None) == 2

        assert runs(mock) == runs(opened(url)) == ["one"]
        assert mock.clock.now() == opened(url).clock.now()
        assert trigger(mock, "one") == 409


@contextmanager
def losing(folder: Path) -> Iterator[tuple[Path, Callable[[bytes | None], int]]]:
    """A way to the server which can lose the answer to what has certain words: it is carried out, and not heard of."""
    words: list[bytes] = []
    lost: list[bytes] = []

    def lose(what: bytes | None) -> int:
        if what is not None:
            words.append(what)
        return len(lost)

    def carry(client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(str(folder / ".s.PGSQL.5432"))
            heard: bytes | None = None  # what the server answers, once it is to be lost
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(1 << 20)
                    if not data:
                        return
                    if ready is client:
                        server.sendall(data)
                        if heard is None and words and words[0] in data:
                            heard = b""
                    elif heard is None:
                        client.sendall(data)
                    else:
                        heard += data
                        if heard.endswith(b"Z\x00\x00\x00\x05I"):  # all is done, and it waits for the next
                            lost.append(words.pop(0))
                            return

    def listen() -> None:
        while True:
            try:
                client, _ = way.accept()
            except OSError:
                return
            threading.Thread(target=carry, args=(client,), daemon=True).start()

    with tempfile.TemporaryDirectory(prefix="mock-airflow-way-") as name, socket.socket(socket.AF_UNIX) as way:
        way.bind(f"{name}/.s.PGSQL.5432")
        way.listen()
        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield Path(name), lose
        way.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_a_database_that_refuses_what_is_not_serialisable_gives_the_same(
    isolation: str, postgres: Postgres, opened: Opened
) -> None:
    """As distributed engines do it: who waited for another's write is told 40001."""
    url = postgres.made(f"ALTER DATABASE THIS SET default_transaction_isolation = '{isolation}'")
    both = opened(url, rate_limit="30/day", **FROZEN), opened(url)

    with ThreadPoolExecutor(4) as pool:
        answers = Counter(pool.map(lambda number: trigger(both[number % 2], f"r{number // 2}"), range(60)))

    assert answers[200] + answers[409] == 30
    assert answers[429] == 30
    assert sorted(runs(both[0])) == sorted(set(runs(both[1])))
    assert len(runs(both[0])) == answers[200]
    told = [[(call.number, call.status, call.path) for call in mock.calls] for mock in both]
    assert told[0] == told[1]
    assert [number for number, *_ in told[0]] == list(range(1, 61))
