"""Clearing task instances over the API: which are cleared, and what that does to them and their run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.v1.three_days import CLEAR, DAYS, WORLD, path, problem, run, run_of, touched
from tests.support import Caller, Deploy


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, runs="manual")


# which are cleared


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, "02/b 02/a 02/c"),
        ({"only_failed": False, "task_ids": ["b"]}, "01/b 02/b 03/b"),
        ({"only_failed": False, "dag_run_id": run_of(DAYS[0])}, "01/b 01/a 01/c 01/m 01/m"),
        ({"only_failed": False, "task_ids": ["b", "a"], "dag_run_id": run_of(DAYS[0])}, "01/a 01/b"),
        ({"task_ids": ["b"], "include_downstream": True}, "02/b 02/c"),
        ({"task_ids": ["b"], "include_upstream": True}, "02/a 02/b"),
        ({"task_ids": ["none", "b", "b"]}, "02/b"),
        ({"task_ids": ["none"]}, ""),
        ({"only_failed": False, "only_running": True}, ""),
        ({"only_failed": False, "task_ids": ["c"], "start_date": "2025-05-02T06:00:00Z"}, "02/c 03/c"),
        ({"only_failed": False, "task_ids": ["c"], "end_date": "2025-05-02 06:00:00Z"}, "01/c 02/c"),
        ({"only_failed": False, "task_ids": ["c"], "start_date": "2025-05-02T08:00+02"}, "02/c 03/c"),
        ({"only_failed": False, "task_ids": ["c"], "dag_run_id": run_of(DAYS[1]), "include_past": True}, "01/c 02/c"),
        ({"only_failed": False, "task_ids": ["c"], "dag_run_id": run_of(DAYS[1]), "include_future": True}, "02/c 03/c"),
        ({"task_ids": ["b"], "dag_run_id": None, "include_subdags": True, "include_parentdag": True}, "02/b"),
    ],
)
def test_clear_tells_what_it_would_touch(call: Caller, form: dict[str, Any], expected: str) -> None:
    assert touched(call.post(CLEAR, json=form)) == expected.split()
    assert run(call)["state"] == "success"
    assert call.get(path("b")).get_json()["state"] == "failed"


@pytest.mark.parametrize(
    ("form", "detail"),
    [
        ({"only_running": True}, "{'_schema': ['only_failed and only_running both are set to True']}"),
        (
            {"start_date": "2025-02-02T00:00:00Z", "end_date": "2025-02-01T00:00:00Z"},
            "{'_schema': ['end_date is sooner than start_date']}",
        ),
        (
            {"dag_run_id": "r", "start_date": "2025-02-02T00:00:00Z"},
            "{'_schema': ['Exactly one of dag_run_id or start_date must be provided']}",
        ),
        (
            {"dag_run_id": "r", "end_date": "2025-02-02T00:00:00Z"},
            "{'_schema': ['Exactly one of dag_run_id or end_date must be provided']}",
        ),
        (
            {"dag_run_id": "r", "start_date": "2025-02-02T00:00:00Z", "end_date": "2025-02-02T00:00:00Z"},
            "{'_schema': ['Exactly one of dag_run_id or (start_date and end_date) must be provided']}",
        ),
        (
            {"bogus": 1, "end_date": "x", "start_date": "2025-01-01"},
            "{'start_date': ['Not a valid datetime.'], 'end_date': ['Not a valid datetime.'], "
            "'bogus': ['Unknown field.']}",
        ),
        ({"start_date": "2025-13-01T00:00:00Z"}, "{'start_date': ['Not a valid datetime.']}"),
        ({"task_ids": []}, "[] should be non-empty - 'task_ids'"),
        ({"task_ids": [["m", 1]]}, "['m', 1] is not of type 'string' - 'task_ids.0'"),
    ],
)
def test_clear_refuses(call: Caller, form: dict[str, Any], detail: str) -> None:
    assert problem(call.post(CLEAR, json=form)) == (400, "Bad Request", detail)


def test_date_without_a_zone_is_refused_before_anything_else(call: Caller) -> None:
    answer = call.post(CLEAR, json={"start_date": "2025-01-01T00:00:00", "bogus": 1})
    assert problem(answer) == (400, "Invalid datetime format", "Naive datetime is disallowed")


def test_clear_names_what_does_not_exist(call: Caller) -> None:
    missing = call.post("/api/v1/dags/none/clearTaskInstances", json={})
    assert problem(missing) == (404, "Dag id none not found", None)
    for run_id in ("none", ""):
        title = f"Dag Run id {run_id} not found in dag etl"
        assert problem(call.post(CLEAR, json={"dag_run_id": run_id})) == (404, title, None)
    unknown = call.post("/api/v1/dags/none/clearTaskInstances", json={"bogus": 1})
    assert problem(unknown) == (400, "Bad Request", "{'bogus': ['Unknown field.']}")


# what clearing does


def test_cleared_instance_keeps_its_past_and_may_try_again(call: Caller) -> None:
    call.post(CLEAR, json={"dry_run": False, "task_ids": ["b"]})

    cleared = call.get(path("b")).get_json()
    assert (cleared["state"], cleared["try_number"], cleared["max_tries"]) == (None, 1, 3)
    assert (cleared["start_date"], cleared["pid"], cleared["hostname"]) == ("2025-05-10T00:00:10+00:00", 9, "worker")
    tries = call.get(path("b/tries")).get_json()["task_instances"]
    assert [(one["state"], one["max_tries"], one["pool"]) for one in tries] == [("failed", 0, "old"), (None, 3, "own")]
    assert run(call)["state"] == "success"


@pytest.mark.parametrize(
    ("form", "weight"), [({}, 5), ({"include_downstream": True}, 6), ({"include_upstream": True}, 5)]
)
def test_weight_of_a_cleared_instance_counts_only_the_tasks_asked_for(call: Caller, form: Any, weight: int) -> None:
    call.post(CLEAR, json={"dry_run": False, "task_ids": ["b"], **form})
    assert call.get(path("b")).get_json()["priority_weight"] == weight


def test_clearing_twice_neither_adds_tries_nor_history(call: Caller) -> None:
    for _ in range(2):
        call.post(CLEAR, json={"dry_run": False, "only_failed": False, "task_ids": ["b"]})

    assert call.get(path("b")).get_json()["max_tries"] == 3
    assert call.get(path("b/tries")).get_json()["total_entries"] == 2


def test_reset_of_runs_queues_the_finished_ones(call: Caller) -> None:
    call.post(CLEAR, json={"dry_run": False, "task_ids": ["b"], "reset_dag_runs": True})

    reopened = run(call)
    dates = [reopened[name] for name in ("start_date", "end_date", "last_scheduling_decision")]
    assert (reopened["state"], dates) == ("queued", [None, None, None])
    assert run(call, DAYS[0])["state"] == "success"


def test_clear_of_what_never_ran_ends_it_and_leaves_a_failed_attempt(call: Caller) -> None:
    call.post("/api/v1/dags/etl/dagRuns", json={"dag_run_id": "new"})
    call.post("/api/v1/dags/etl/dagRuns/new/clear", json={"dry_run": False})

    where = "/api/v1/dags/etl/dagRuns/new/taskInstances/c"
    cleared = call.get(where).get_json()
    assert (cleared["state"], cleared["start_date"], cleared["end_date"]) == (None, None, "2025-06-01T12:00:00+00:00")
    tries = call.get(f"{where}/tries").get_json()["task_instances"]
    assert [(one["try_number"], one["state"]) for one in tries] == [(0, "failed"), (0, None)]
