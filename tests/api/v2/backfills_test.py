"""Backfills over the API of Airflow 3: which runs they make, how these go, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Caller3, Deploy3

DAILY = {"dag_id": "daily", "timetable_summary": "0 6 * * *", "is_paused": False, "tasks": [{"task_id": "load"}]}
DAILY |= {"start_date": "2025-05-31T00:00:00Z", "catchup": False}
RANGE = {"dag_id": "daily", "from_date": "2025-03-01T00:00:00Z", "to_date": "2025-03-04T06:00:00Z"}
DAYS = [f"2025-03-0{day}T06:00:00Z" for day in (1, 2, 3, 4)]


@pytest.fixture
def call(deploy3: Deploy3) -> Caller3:
    return deploy3({"dags": [DAILY, {"dag_id": "loose"}]}, runs="manual")


def backfill_runs(call: Caller3) -> list[Any]:
    runs = call.get("/dags/daily/dagRuns?run_type=backfill&order_by=logical_date")["dag_runs"]
    return [run for run in runs if run["run_type"] == "backfill"]


def test_makes_a_run_for_each_moment_of_the_schedule(call: Caller3) -> None:
    made = call("POST", "/backfills", json={**RANGE, "dag_run_conf": {"a": 1}}).json

    assert made == {
        "id": 1,
        "dag_id": "daily",
        "from_date": "2025-03-01T00:00:00Z",
        "to_date": "2025-03-04T06:00:00Z",
        "dag_run_conf": {"a": 1},
        "is_paused": False,
        "reprocess_behavior": "none",
        "max_active_runs": 10,
        "created_at": "2025-06-01T12:00:00Z",
        "completed_at": None,
        "updated_at": "2025-06-01T12:00:00Z",
        "dag_display_name": "daily",
    }
    runs = backfill_runs(call)
    assert [run["logical_date"] for run in runs] == DAYS
    assert {(run["state"], run["triggered_by"], run["triggering_user_name"]) for run in runs} == {
        ("queued", "backfill", "admin")
    }
    assert runs[0]["dag_run_id"] == "backfill__2025-03-01T06:00:00+00:00"
    assert runs[0]["conf"] == {"a": 1}
    assert call.get("/backfills/1") == made
    assert call.get("/backfills?dag_id=daily")["total_entries"] == 1


def test_dry_run_tells_the_moments_and_makes_nothing(call: Caller3) -> None:
    told = call("POST", "/backfills/dry_run", json={**RANGE, "run_backwards": True}).json

    assert [each["logical_date"] for each in told["backfills"]] == DAYS[::-1]
    assert told["backfills"][0] == {"logical_date": DAYS[3], "partition_key": None, "partition_date": None}
    assert told["total_entries"] == 4
    assert backfill_runs(call) == []


def test_moments_that_have_a_run_are_left_out_unless_it_is_repeated(call: Caller3) -> None:
    for day, state in ((DAYS[0], "success"), (DAYS[1], "failed")):
        call("POST", "/dags/daily/dagRuns", json={"logical_date": day, "dag_run_id": state})
        assert call("PATCH", f"/dags/daily/dagRuns/{state}", json={"state": state}).status_code == 200

    def planned(behavior: str) -> list[str]:
        body = {**RANGE, "reprocess_behavior": behavior}
        return [each["logical_date"] for each in call("POST", "/backfills/dry_run", json=body).json["backfills"]]

    assert planned("none") == DAYS[2:]
    assert planned("failed") == DAYS[1:]
    assert planned("completed") == DAYS

    call("POST", "/backfills", json={**RANGE, "reprocess_behavior": "failed"})
    runs = {run["logical_date"]: run for run in call.get("/dags/daily/dagRuns")["dag_runs"]}
    assert (runs[DAYS[1]]["state"], runs[DAYS[1]]["run_type"]) == ("queued", "backfill")
    assert (runs[DAYS[0]]["state"], runs[DAYS[0]]["run_type"]) == ("success", "manual")


@pytest.mark.parametrize(
    ("change", "status", "detail"),
    [
        ({"dag_id": "nope"}, 404, "Could not find dag nope"),
        ({"dag_id": "loose"}, 422, "loose has a non-periodic schedule that does not support backfills"),
        (
            {"to_date": "2025-02-01T00:00:00Z"},
            422,
            "from_date (2025-03-01T00:00:00+00:00) must not be after to_date (2025-02-01T00:00:00+00:00).",
        ),
        (
            {"from_date": "2026-01-01T00:00:00Z", "to_date": "2026-01-02T00:00:00Z"},
            422,
            "Backfill cannot be executed for future dates.",
        ),
        (
            {"to_date": "2025-03-01T01:00:00Z"},
            422,
            "No runs to create for Dag daily in the range [2025-03-01 00:00:00+00:00, 2025-03-01 01:00:00+00:00]",
        ),
    ],
)
def test_refusals(call: Caller3, change: dict[str, Any], status: int, detail: str) -> None:
    assert call.detail("POST", "/backfills", json={**RANGE, **change}) == (status, detail)


def test_body_is_checked(call: Caller3) -> None:
    status, faults = call.detail("POST", "/backfills", json={**RANGE, "reprocess_behavior": "all", "more": 1})

    assert status == 422
    assert [(fault["type"], fault["loc"]) for fault in faults] == [
        ("enum", ["body", "reprocess_behavior"]),
        ("extra_forbidden", ["body", "more"]),
    ]
    assert call.detail("GET", "/backfills")[1][0]["loc"] == ["query", "dag_id"]


def test_one_backfill_at_a_time_until_it_is_over(call: Caller3) -> None:
    call("POST", "/backfills", json=RANGE)

    assert call.detail("POST", "/backfills", json=RANGE) == (409, "There is already a running backfill for dag daily")
    assert call("PUT", "/backfills/1/pause").json["is_paused"] is True
    assert call("PUT", "/backfills/1/unpause").json["is_paused"] is False
    over = call("PUT", "/backfills/1/cancel").json
    assert (over["is_paused"], over["completed_at"]) == (True, "2025-06-01T12:00:00Z")
    assert {(run["state"], run["end_date"]) for run in backfill_runs(call)} == {("failed", None)}
    for change in ("pause", "unpause", "cancel"):
        assert call.detail("PUT", f"/backfills/1/{change}") == (409, "Backfill is already completed.")
    later = {**RANGE, "reprocess_behavior": "completed"}
    assert call("POST", "/backfills", json=later).status_code == 200


def test_who_may(call: Caller3) -> None:
    call("POST", "/backfills", json=RANGE, by="user")

    assert call.detail("POST", "/backfills", json={}, by="viewer") == (403, "Forbidden")
    assert call.detail("PUT", "/backfills/1/pause", by="viewer") == (403, "Forbidden")
    assert call.detail("PUT", "/backfills/9/pause", by="viewer") == (404, "Backfill not found")
    assert call.get("/backfills/1", by="viewer")["id"] == 1
    assert call.detail("GET", "/backfills/abc")[0] == 422
    assert call.detail("GET", "/backfills/-1")[1][0]["type"] == "greater_than_equal"


def test_runs_go_by_the_backfills_own_limit_and_order(deploy3: Deploy3) -> None:
    call = deploy3({"dags": [{**DAILY, "max_active_runs": 1}], "plans": {"daily": {"load": 3600}}})
    call("POST", "/backfills", json={**RANGE, "run_backwards": True, "max_active_runs": 2})
    clock = call.deployment.clock

    def running() -> list[str]:
        return [run["logical_date"] for run in backfill_runs(call) if run["state"] == "running"]

    clock.advance(300)
    assert running() == DAYS[2:]
    call("PUT", "/backfills/1/pause")
    clock.advance(3 * 3600)
    assert running() == []
    assert [run["state"] for run in backfill_runs(call)] == ["queued", "queued", "success", "success"]
    call("PUT", "/backfills/1/unpause")
    clock.advance(300)
    assert running() == DAYS[:2]
    clock.advance(3 * 3600)
    assert call.get("/backfills/1")["completed_at"] is not None


@pytest.mark.parametrize("fields", [{}, {"timetable_partitioned": True}])
def test_more_runs_than_one_request_may_make_are_refused(deploy3: Deploy3, fields: dict[str, Any]) -> None:
    minutely = {**DAILY, "timetable_summary": "* * * * *", "start_date": "1900-01-01T00:00:00Z", **fields}
    call = deploy3({"dags": [minutely]}, runs="manual", runs_per_move=100)
    wide = {"dag_id": "daily", "from_date": "1900-01-01T00:00:00Z", "to_date": "9990-01-01T00:00:00Z"}

    for path in ("/backfills", "/backfills/dry_run"):
        refused = call("POST", path, json=wide)

        assert refused.status_code == 422
        assert "more than 100 runs" in refused.json["detail"]
        assert "runs_per_move" in refused.json["detail"]
    assert backfill_runs(call) == []
