"""The audit log over the API: its filters, its bounds, its order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Caller, Deploy

LOGS = "/api/v1/eventLogs"


def entry(number: int, event: str, **more: Any) -> dict[str, Any]:
    return {"event_log_id": number, "event": event, "when": f"2025-01-01T00:00:0{number}+00:00", **more}


ENTRIES = [
    entry(1, "cli_scheduler", owner="root", extra="{}"),
    entry(2, "running", owner="ana", dag_id="etl", task_id="load", run_id="r1", map_index=0, try_number=1),
    entry(3, "success", owner="ana", dag_id="etl", task_id="load", run_id="r1", map_index=0, try_number=1),
    entry(4, "running", owner="bob", dag_id="etl", task_id="send", run_id="r2", map_index=-1, try_number=2),
    entry(5, "failed", owner="bob", dag_id="ml", task_id="load", run_id="r2", map_index=3, try_number=0),
]


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy({"event_logs": ENTRIES})


def found(call: Caller, query: str = "", **more: Any) -> list[int]:
    return [row["event_log_id"] for row in call.get(f"{LOGS}?{query}", **more).get_json()["event_logs"]]


def test_entry_has_all_of_its_columns(call: Caller) -> None:
    assert call.get(f"{LOGS}/2").get_json() == {
        "dag_id": "etl",
        "event": "running",
        "event_log_id": 2,
        "execution_date": None,
        "extra": None,
        "map_index": 0,
        "owner": "ana",
        "run_id": "r1",
        "task_id": "load",
        "try_number": 1,
        "when": "2025-01-01T00:00:02+00:00",
    }
    missing = call.get(f"{LOGS}/6")
    assert (missing.status_code, missing.get_json()["title"], missing.get_json()["detail"]) == (
        404,
        "Event Log not found",
        None,
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("dag_id=etl", [2, 3, 4]),
        ("dag_id=ETL", []),
        ("dag_id=~", []),
        ("dag_id=&task_id=&run_id=&event=&owner=", [1, 2, 3, 4, 5]),
        ("task_id=load&run_id=r2", [5]),
        ("owner=bob&event=running", [4]),
        ("map_index=-1", [4]),
        ("map_index=3", [5]),
        ("map_index=0", [1, 2, 3, 4, 5]),
        ("try_number=2", [4]),
        ("try_number=0", [1, 2, 3, 4, 5]),
        ("included_events=running,failed", [2, 4, 5]),
        ("included_events=running&included_events=failed", [5]),
        ("included_events=running, failed", [2, 4]),
        ("excluded_events=running,failed", [1, 3]),
        ("included_events=running,failed&excluded_events=failed", [2, 4]),
        ("included_events=&excluded_events=", [1, 2, 3, 4, 5]),
        ("after=2025-01-01T00:00:02Z&before=2025-01-01T00:00:05Z", [3, 4]),
        ("after=2025-01-01T01:00:02%2B01:00", [3, 4, 5]),
    ],
)
def test_filters_are_combined_and_empty_ones_are_none(call: Caller, query: str, expected: list[int]) -> None:
    assert found(call, query) == expected
    assert call.get(f"{LOGS}?{query}&limit=1").get_json()["total_entries"] == len(expected)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("event_log_id", [1, 2, 3, 4, 5]),
        ("-when", [5, 4, 3, 2, 1]),
        ("task_id", [1, 2, 3, 5, 4]),
        ("-owner", [1, 4, 5, 2, 3]),
        ("dag_id", [1, 2, 3, 4, 5]),
    ],
)
def test_order_has_nothing_before_something_and_keeps_ties(call: Caller, order: str, expected: list[int]) -> None:
    assert found(call, f"order_by={order}") == expected


@pytest.mark.parametrize("order", ["try_number", "map_index", "dttm", ""])
def test_other_orders_are_refused(call: Caller, order: str) -> None:
    answer = call.get(f"{LOGS}?order_by={order}")

    assert answer.status_code == 400
    assert answer.get_json()["detail"].startswith(f"Ordering with '{order}' is disallowed")


@pytest.mark.parametrize("path", [f"/{10**20}", f"?offset={10**20}", f"?map_index={10**20}", f"?try_number={10**20}"])
def test_number_beyond_64_bits_breaks_airflow(deploy: Deploy, path: str) -> None:
    broken = deploy().get(LOGS + path)

    assert (broken.status_code, broken.headers["Content-Type"]) == (500, "text/html")
    assert deploy(airflow_bugs=False).get(LOGS + path).status_code == 400


def test_only_who_may_read_the_audit_log_does_and_of_a_dag_only_with_that_dag(call: Caller) -> None:
    assert call.get(LOGS, by="op").status_code == 403
    pairs = [("can_read", "Audit Logs")]
    actions = [{"action": {"name": action}, "resource": {"name": resource}} for action, resource in pairs]
    call.post("/api/v1/roles", json={"name": "auditor", "actions": actions})
    person = {"username": "vera", "email": "v@example.com", "first_name": "V", "last_name": "V", "password": "vera"}
    call.post("/api/v1/users", json={**person, "roles": [{"name": "auditor"}]})

    assert found(call, by="vera") == [1, 2, 3, 4, 5]
    assert call.get(f"{LOGS}?dag_id=etl", by="vera").status_code == 403
    assert call.get(f"{LOGS}?dag_id=", by="vera").status_code == 200
    assert call.get(f"{LOGS}?dag_id=~", by="vera").status_code == 200
