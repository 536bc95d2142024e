"""What a request waits for: several are written together, and what only counts requests waits for no disk."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests

from mock_airflow import MockAirflow

from .conflicts_test import FROZEN, fail, failed, runs, trigger
from .conftest import Opened
from .postgres import Postgres

_WRITTEN = ("deployments", "commits", "rows")


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]


def read(mock: MockAirflow) -> int:
    return requests.get(f"{mock.api_url}/dags", headers=mock.headers, timeout=60).status_code


def history(mock: MockAirflow) -> list[tuple[int, str, str, int]]:
    with mock.deployment.lock:  # whoever takes it has read what others wrote
        return [(call.number, call.method, call.path, call.status) for call in mock.calls]


@pytest.mark.parametrize("failure", ["40001", "broken connection"])
def test_each_of_several_requests_that_could_not_be_written_is_walked_again(
    failure: str, postgres: Postgres, opened: Opened
) -> None:
    url = postgres.made()
    mock = opened(url, rate_limit="12/day", **FROZEN)
    fail(url, "commit", failure, 1)

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(lambda number: trigger(mock, f"r{number}"), range(16)))

    assert failed(url) > 1
    assert answers == {200: 12, 429: 4}
    assert len(set(runs(mock))) == 12
    other = opened(url)
    assert runs(other) == runs(mock)
    assert history(other) == history(mock)
    assert [number for number, *_ in history(mock)] == list(range(1, 17))


def test_the_disk_is_waited_for_by_all_but_what_only_counts_requests(postgres: Postgres, opened: Opened) -> None:
    url = postgres.made()
    mock = opened(url, rate_limit="1000/day", profile="datacoves", world="etl", clock="2025-03-01T00:30:00Z")
    execute(
        url,
        "CREATE TABLE waited (number SERIAL, how TEXT)",
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO waited (how) VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$",
        "CREATE TRIGGER waiting BEFORE INSERT ON mock_airflow_commits FOR EACH ROW EXECUTE FUNCTION wait()",
    )

    def waited() -> list[str]:
        with psycopg.connect(url) as connection:
            return [how for (how,) in connection.execute("SELECT how FROM waited ORDER BY number OFFSET %s", [before])]

    before = len([read(mock), trigger(mock, "first")])  # what was due at the start is settled by now
    assert [read(mock), read(mock)] == [200, 200]
    assert waited() == ["off", "off"]
    before += 2
    assert trigger(mock, "one") == 200
    issued = mock.keys.create()
    mock.keys.revoke(issued)
    mock.limits.set("500/day")
    mock.clock.freeze()
    assert set(waited()) == {"on"}
    assert len(waited()) >= 5


def test_a_database_that_has_forgotten_the_last_reads_is_believed(postgres: Postgres, opened: Opened) -> None:
    """As it has when its machine crashed: the numbers of the writes that it lost are given again."""
    url = postgres.made()
    first, second = opened(url, **FROZEN), opened(url)
    assert trigger(first, "one") == 200
    assert {read(first) for _ in range(20)} == {200}  # by now it takes itself to be alone
    assert runs(second) == ["one"]
    asked = {"url": f"{first.api_url}/dags/etl/dagRuns", "headers": first.headers, "json": {"dag_run_id": "two"}}
    execute(url, *(f"CREATE TABLE kept_{name} AS SELECT * FROM mock_airflow_{name}" for name in _WRITTEN))
    assert [read(first), read(first)] == [200, 200]
    for name in _WRITTEN:
        execute(url, f"DELETE FROM mock_airflow_{name}", f"INSERT INTO mock_airflow_{name} SELECT * FROM kept_{name}")

    assert [trigger(second, "two"), read(second)] == [200, 200]  # as many as were lost

    assert requests.post(**asked, timeout=60).status_code == 409  # type: ignore[arg-type]
    assert runs(first) == runs(second) == runs(opened(url)) == ["one", "two"]
    assert history(first) == history(second)
    assert [status for *_, status in history(first)] == [200] * 23 + [409]
