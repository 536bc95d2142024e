"""What an older version kept is brought to the form of today, as a whole or not at all; what is newer is left alone."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import DatabaseError, SettingError
from mock_airflow.storage import documents
from tests.cli.processes import COMMAND, PATIENCE, surroundings
from tests.support import Mocked

from .postgres import Postgres

TEXTS = {"deployments": ("about", "meta"), "rows": ("doc",), "commits": ("doc",), "snapshots": ("doc",)}
POOL, RUN_KEY = "domain.records.configuration:Pool", "domain.records.runs:RunKey"


def as_before(written: str) -> str:
    """A text as the version wrote it whose schema comes before the steps below."""
    told = json.loads(written)

    def old(value: Any) -> Any:
        if isinstance(value, list):
            return [old(item) for item in value]
        if not isinstance(value, dict):
            return value
        fields = {key: old(item) for key, item in value.items()}
        if fields.get("$") == POOL:
            fields["$"] = "domain.records.pools:Allotment"
            fields["size"] = str(fields.pop("slots"))
        if fields.get("$") == RUN_KEY:  # it is part of what rows are found by
            fields["$"] = "domain.records.runs:Reference"
            fields["dag"] = fields.pop("dag_id")
        return fields

    told = old(told)
    if isinstance(told, dict) and "settings" in told:
        told["settings"] = {"page_limit": told["settings"].pop("maximum_page_limit"), **told["settings"]}
    return json.dumps(told, separators=(",", ":"))


STEPS = (
    documents.Upgrade(
        settings={"page_limit": "maximum_page_limit"}, records={"domain.records.runs:Reference": RUN_KEY}
    ),
    documents.Upgrade(
        records={"domain.records.pools:Allotment": POOL},
        change={
            "domain.records.pools:Allotment": lambda told: {
                **{key: value for key, value in told.items() if key != "size"},
                "slots": int(told["size"]),
            },
            RUN_KEY: lambda told: {
                **{key: value for key, value in told.items() if key != "dag"},
                "dag_id": told["dag"],
            },
        },
    ),
)


@pytest.fixture
def url(database: str, request: pytest.FixtureRequest) -> str:
    """A database of the test's own: what is done here is done to all of it."""
    if database.startswith("sqlite"):
        return database
    server: Postgres = request.getfixturevalue("postgres")
    return server.made()


def execute(url: str, statements: list[tuple[str, tuple[Any, ...]]]) -> list[list[Any]]:
    """The rows of each statement, in one transaction."""
    at = "%s" if url.startswith("postgresql") else "?"
    opened: Any = psycopg.connect(url) if at == "%s" else sqlite3.connect(url.removeprefix("sqlite:///"))
    with closing(opened) as connection:
        found = [connection.execute(statement.replace("?", at), values) for statement, values in statements]
        rows = [sorted(cursor.fetchall()) if cursor.description else [] for cursor in found]
        connection.commit()
    return rows


def contents(url: str) -> list[Any]:
    return execute(url, [(f"SELECT * FROM mock_airflow_{name}", ()) for name in ("schema", *TEXTS)])


def rewrite(url: str, change: Callable[[str], str]) -> None:
    """Change every text in a database."""
    places = [(f"mock_airflow_{table}", column) for table, columns in TEXTS.items() for column in columns]
    found = execute(url, [(f"SELECT DISTINCT {column} FROM {table}", ()) for table, column in places])
    updates = [
        (f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (change(text), text))
        for (table, column), texts in zip(places, found, strict=True)
        for (text,) in texts
    ]
    execute(url, updates)


@pytest.fixture
def opened(url: str) -> Iterator[Mocked]:
    with ExitStack() as stack:
        yield lambda **given: stack.enter_context(MockAirflow(database=url, **given))


def lived(mock: MockAirflow) -> None:
    """Give it a past: a run with its tasks, a pool, a snapshot, calls."""
    for path, body in (("dags/etl/dagRuns", {"dag_run_id": "mine"}), ("pools", {"name": "p", "slots": 5})):
        answer = requests.post(f"{mock.api_url}/{path}", auth=("admin", "admin"), json=body)
        assert answer.status_code == 200
    requests.post(f"{mock.url}/__mock__/snapshot").raise_for_status()
    mock.clock.advance(minutes=3)


def told(mock: MockAirflow) -> dict[str, Any]:
    """What clients are told of it."""
    ask = {"auth": ("admin", "admin"), "timeout": PATIENCE}
    paths = ("pools", "dags/etl/dagRuns", "dags/etl/dagRuns/mine/taskInstances", "config")
    before = [call.told() for call in mock.calls]
    with mock.deployment.lock:
        rows = {name: list(table) for name, table in mock.deployment.airflow.tables.items()}
    rows.pop("singletons")
    return {
        "calls": before,
        "rows": rows,
        "answers": {path: requests.get(f"{mock.api_url}/{path}", **ask).text for path in paths},  # type: ignore[arg-type]
        "limit": mock.settings.maximum_page_limit,
    }


GIVEN = {"world": "etl", "clock": "2025-03-01T00:30:00Z", "frozen": True, "maximum_page_limit": 77}


def test_an_older_database_goes_on_where_it_was(url: str, opened: Mocked, monkeypatch: pytest.MonkeyPatch) -> None:
    first = opened(**GIVEN)
    opened(deployment="other", world="demo", maximum_page_limit=7)
    lived(first)
    first.close()
    with MockAirflow(**GIVEN) as same:  # in memory
        lived(same)
        expected = told(same)
    rewrite(url, as_before)
    with pytest.raises(SettingError):  # it is not read as it stands
        opened()
    monkeypatch.setattr(documents, "STEPS", STEPS)

    upgraded = told(opened())

    for call in (*expected["calls"], *upgraded["calls"]):
        for part in ("duration", "request", "response", "request_id"):
            call.pop(part)
    assert upgraded == expected
    assert contents(url)[0] == [(3,)]
    assert not any(":Allotment" in str(row) or ":Reference" in str(row) for table in contents(url) for row in table)
    again = opened()
    requests.post(f"{again.url}/__mock__/restore/1").raise_for_status()
    again.trigger("etl", run_id="later")
    again.clock.advance(minutes=5)
    assert again.dag_run("etl", "mine").state == again.dag_run("etl", "later").state == "success"
    assert opened(deployment="other").settings.maximum_page_limit == 7
    # Whoever has not been brought to it leaves it alone.
    before = contents(url)
    monkeypatch.setattr(documents, "STEPS", ())
    with pytest.raises(DatabaseError, match=r"made by a later mock-airflow \(schema 3, and this one reads 1\)"):
        opened()
    assert contents(url) == before


def test_one_that_cannot_be_brought_to_today_is_left_as_it_is(
    url: str, opened: Mocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(**GIVEN).close()
    opened(deployment="other", **GIVEN).close()
    rewrite(url, as_before)
    execute(url, [("UPDATE mock_airflow_rows SET doc = replace(doc, '\"size\"', '\"sice\"')", ())])
    before = contents(url)
    monkeypatch.setattr(documents, "STEPS", STEPS)

    with pytest.raises(DatabaseError, match=r"an earlier mock-airflow \(schema 1\), and its deployment 'main' cannot"):
        opened()

    assert contents(url) == before


def test_a_server_that_runs_on_is_told_that_it_is_too_old(
    url: str, opened: Mocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = opened(**GIVEN)
    monkeypatch.setattr(documents, "STEPS", (documents.Upgrade(),))
    opened()
    monkeypatch.setattr(documents, "STEPS", ())
    before = contents(url)

    answer = requests.get(f"{running.api_url}/pools", auth=("admin", "admin"))

    assert (answer.status_code, "made by a later mock-airflow" in answer.json()["detail"]) == (503, True)
    assert contents(url) == before


def test_an_older_file_is_read_as_it_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "saved"
    with MockAirflow(**GIVEN) as mock:
        lived(mock)
        expected = told(mock)["answers"]
        mock.save(path)
    head, body = path.read_text("ascii").splitlines()
    body = as_before(body)
    head = json.dumps(json.loads(head) | {"sha256": hashlib.sha256(body.encode()).hexdigest()})
    path.write_text(f"{head}\n{body}\n", "ascii")
    with pytest.raises(SettingError):
        MockAirflow.load(path)
    monkeypatch.setattr(documents, "STEPS", STEPS)

    with MockAirflow.load(path) as mock:
        assert told(mock)["answers"] == expected
        assert mock.settings.maximum_page_limit == 77


REFUSED: dict[str, tuple[str, str]] = {
    "newer": ("INSERT INTO mock_airflow_schema (number) VALUES (99)", "was made by a later mock-airflow (schema 99"),
    "foreign": (
        "ALTER TABLE mock_airflow_deployments RENAME COLUMN version TO revision",
        "has tables of another program by the names of ours",
    ),
    "damaged": ('UPDATE mock_airflow_rows SET doc = \'{"$": "nonsense"}\'', "is damaged"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_database_on_a_server_that_cannot_be_used_is_told_of_and_left_as_it_is(kind: str, postgres: Postgres) -> None:
    statement, said = REFUSED[kind]
    url = postgres.made()
    MockAirflow(database=url).close()
    execute(url, [(statement, ())])
    before = contents(url)

    command = [*COMMAND, "serve", "--port", "0", "--database", url]
    done = subprocess.run(command, env=surroundings(), capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
    assert contents(url) == before
