"""A deployment that is kept in a database: it goes on where it was, and what cannot be used is left alone."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import DatabaseAwayError, DatabaseError, SettingError
from tests.support import Mocked

FROZEN = {"clock": "2025-03-01T00:30:00Z", "frozen": True}


@pytest.fixture
def opened(database: str, name: str) -> Iterator[Mocked]:
    """Opens the test's deployment, as another process would."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(MockAirflow(database=database, deployment=name, **settings))


def rows(mock: MockAirflow) -> dict[str, list[Any]]:
    """All rows as the database has them, by table."""
    with mock.deployment.lock:
        return {
            name: [row for row in table if getattr(row, "name", "") != "passwords"]
            for name, table in mock.deployment.airflow.tables.items()
        }


@pytest.mark.parametrize("profile", ["airflow2", "airflow3", "datacoves", "astro", "airbyte"])
def test_it_goes_on_where_it_was(opened: Mocked, profile: str) -> None:
    first = opened(profile=profile, **FROZEN)
    first.add_dag("etl", tasks=("extract", "load"), schedule="@hourly", is_paused=False)
    first.limits.set("100/hour")
    first.faults.add("GET */pools", status=503, times=2)
    first.trigger("etl", {"day": 1}, run_id="mine")
    first.clock.advance(minutes=31)
    requests.get(first.api_url + "/pools", headers=first.headers)
    requests.get(first.api_url + "/dags", headers=first.headers)
    first.clock.advance(minutes=5)

    second = opened()

    assert rows(second) == rows(first)
    assert (second.settings.profile, second.clock.now(), second.clock.frozen) == (profile, first.clock.now(), True)
    assert second.credentials == first.credentials
    assert [(call.number, call.path, call.status) for call in second.calls] == [
        (call.number, call.path, call.status) for call in first.calls
    ]
    assert requests.get(second.api_url + "/pools", headers=second.headers).status_code == 503
    assert requests.get(second.api_url + "/pools", headers=second.headers).status_code == 200
    second.clock.advance(hours=2)
    states = [run.state for run in second.deployment.airflow.dag_runs]
    assert second.dag_run("etl", "mine").state == "success"
    assert len(states) > 1
    assert rows(second) == rows(first)
    second.reset()
    assert "etl" not in second.deployment.airflow.dags


def test_a_world_is_for_an_empty_database_and_fresh_begins_anew(opened: Mocked, tmp_path: Path) -> None:
    opened(world="etl").add_dag("mine", tasks=("one",))

    again = opened(world="etl")
    assert "mine" in again.deployment.airflow.dags
    with pytest.raises(SettingError, match="whose profile is airflow2, which cannot be changed to datacoves"):
        opened(profile="datacoves")
    anew = opened(profile="datacoves", fresh=True)
    assert "mine" not in anew.deployment.airflow.dags
    # It is another deployment of the same name.
    answer = requests.get(again.api_url + "/pools", auth=("admin", "admin"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "was begun anew by another server" in answer.json()["detail"]


def test_no_secret_is_in_the_file(tmp_path: Path) -> None:
    url, path = f"sqlite:///{tmp_path / 'airflow.db'}", tmp_path / "airflow.db"
    secrets = ["my-own-secret-key-0001", "a-password-of-vera", "token-of-the-control"]
    with MockAirflow(
        database=url,
        profile="datacoves",
        key=f"{secrets[0]}:admin",
        user=f"vera:{secrets[1]}:Admin",
        control_token=secrets[2],
    ) as mock:
        secrets += [mock.keys.create().secret, mock.credentials["api_key"]]
        for secret in (secrets[0], secrets[3]):
            headers = {"Authorization": f"Token {secret}"}
            assert requests.get(mock.api_url + "/dags", headers=headers).status_code == 200
        requests.post(mock.url + "/__mock__/keys", headers={"Authorization": f"Bearer {secrets[2]}"}, json={})
        assert "a-password" not in repr(mock)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert [secret for secret in secrets if secret.encode() in path.read_bytes()] == []
    assert path.stat().st_mode & 0o077 == 0


def test_a_refused_request_leaves_nothing(opened: Mocked) -> None:
    mock = opened(**FROZEN)
    mock.add_dag("etl", tasks=("one",))
    before = rows(mock)

    url = f"{mock.api_url}/dags/etl/dagRuns"
    assert requests.post(url, auth=("admin", "admin"), json={"conf": []}).status_code == 400

    assert rows(opened())["dag_runs"] == before["dag_runs"] == []


def test_a_write_of_thousands_of_rows_is_read_by_others(opened: Mocked) -> None:
    first, second = opened(**FROZEN), opened()
    first.add_dag("often", tasks=("one",), schedule="* * * * *", start_date="2025-03-01T00:00:00Z", is_paused=False)
    first.clock.advance(days=1)
    first.deployment.settle()

    assert len(rows(second)["dag_runs"]) > 1000
    assert rows(second) == rows(first)
    assert rows(opened()) == rows(first)


def test_others_are_let_in_while_a_call_waits(opened: Mocked) -> None:
    first, second = opened(), opened()
    first.faults.add("GET */pools", latency={"fixed": 30})
    first.clock.freeze()

    assert requests.get(first.api_url + "/pools", auth=("admin", "admin")).status_code == 200

    with second.deployment.lock:  # whoever has the next turn reads what others wrote
        (call,) = second.calls
    assert "latency 30 s" in call.faults[0].text
    assert second.clock.now() == first.clock.now()


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda path: path.write_text("dags: []\n" * 100), "damaged, or no SQLite database at all"),
    "foreign": (lambda path: _execute(path, "CREATE TABLE things (id INTEGER)"), "is a database of another program"),
    "newer": (lambda path: _newer(path), "was made by a later mock-airflow"),
    "cut": (lambda path: _cut(path), "damaged"),
    "scribbled": (lambda path: _scribble(path), "damaged"),
}


def _execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _made(path: Path) -> None:
    MockAirflow(database=f"sqlite:///{path}").close()


def _newer(path: Path) -> None:
    _made(path)
    _execute(path, "INSERT INTO mock_airflow_schema (number) VALUES (99)")


def _cut(path: Path) -> None:
    _made(path)
    _execute(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _scribble(path: Path) -> None:
    _made(path)
    _execute(path, """UPDATE mock_airflow_rows SET doc = '{"$": "nonsense"}'""")


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_cannot_be_used_is_told_of_and_left_as_it_is(kind: str, tmp_path: Path) -> None:
    make, said = FILES[kind]
    path = tmp_path / "airflow.db"
    make(path)
    before = path.read_bytes()

    command = [
        Path(sys.executable).with_name("mock-airflow"),
        "serve",
        "--port",
        "0",
        "--database",
        f"sqlite:///{path}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
    assert path.read_bytes() == before


def open_files(file: Path) -> list[str]:
    """The descriptors of this process that are open on it."""
    return [each.name for each in Path("/proc/self/fd").iterdir() if os.path.realpath(each) == str(file)]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="What is open is read from /proc.")
def test_whoever_still_reads_when_it_is_closed_leaves_nothing_open(tmp_path: Path) -> None:
    reading, closed = threading.Event(), threading.Event()
    mock = MockAirflow(database=f"sqlite:///{tmp_path / 'airflow.db'}", **FROZEN)
    replica = mock.deployment.replica
    assert replica is not None

    def read() -> None:
        reading.set()
        closed.wait()

    late = threading.Thread(target=replica.walk, args=(read, read), kwargs={"lightly": True})
    late.start()
    reading.wait()
    assert open_files(tmp_path / "airflow.db")
    mock.close()
    closed.set()
    late.join()
    assert open_files(tmp_path / "airflow.db") == []
    replica.walk(read, read, lightly=True)  # as a stream of events does that was in a pause
    assert open_files(tmp_path / "airflow.db") == []


@pytest.mark.parametrize("url", ["mysql://x/y", "airflow.db", "sqlite://", "sqlite:///:memory:", "postgresql"])
def test_only_files_and_postgresql_are_databases(url: str) -> None:
    with pytest.raises(DatabaseError, match="A database is given as sqlite:///FILE"):
        MockAirflow(database=url)


def test_a_folder_that_is_not_there_and_a_server_that_is_not_are_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="there is no folder"):
        MockAirflow(database=f"sqlite:///{tmp_path / 'no' / 'airflow.db'}")
    with pytest.raises(DatabaseAwayError, match="cannot be reached") as told:
        MockAirflow(database=f"postgresql://mock:s3cret@/x?host={tmp_path}")
    assert "s3cret" not in str(told.value)
