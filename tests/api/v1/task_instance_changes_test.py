"""Putting task instances into a state over the API, and notes; and what that does to their run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.v1.three_days import CLEAR, DAYS, MARK, MARKED, WORLD, path, problem, run, run_of, touched
from tests.support import Caller, Deploy


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, runs="manual")


# marking


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, "02/b"),
        ({"include_upstream": True, "include_downstream": True}, "02/a 02/b 02/c"),
        ({"include_past": True}, "01/b 02/b"),
        ({"include_future": True}, "02/b 03/b"),
        ({"include_past": True, "include_future": True, "include_downstream": True}, "01/b 02/b 03/b 01/c 02/c 03/c"),
        ({"new_state": "failed"}, ""),
        ({"dag_run_id": None, "execution_date": "2025-05-02T08:00:00+02:00"}, "02/b"),
    ],
)
def test_mark_tells_what_it_would_touch(call: Caller, form: dict[str, Any], expected: str) -> None:
    body = {name: value for name, value in {**MARKED, **form}.items() if value is not None}
    assert touched(call.post(MARK, json=body)) == expected.split()
    assert call.get(path("b")).get_json()["state"] == "failed"
    assert touched(call.post(MARK, json={**body, "dry_run": False})) == expected.split()
    assert touched(call.post(MARK, json=body)) == []


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"task_id": "none"}, (404, "Task ID none not found", None)),
        (
            {"dag_run_id": "none"},
            (404, "Not Found", "Task instance not found for task 'b' on DAG run with ID 'none'"),
        ),
        (
            {"task_id": "m"},
            (404, "Not Found", f"Task instance not found for task 'm' on DAG run with ID '{run_of(DAYS[1])}'"),
        ),
        (
            {"dag_run_id": None, "execution_date": "2025-05-02T08:00:01+02:00"},
            (404, "Not Found", "Task instance not found for task 'b' on execution_date 2025-05-02 08:00:01+02:00"),
        ),
        (
            {"execution_date": "2025-05-02T06:00:00Z"},
            (400, "Bad Request", "{'_schema': ['Exactly one of execution_date or dag_run_id must be provided']}"),
        ),
        (
            {"dag_run_id": ""},
            (400, "Bad Request", "{'_schema': ['Exactly one of execution_date or dag_run_id must be provided']}"),
        ),
        (
            {"include_past": None, "task_id": None, "bogus": 1},
            (
                400,
                "Bad Request",
                "{'task_id': ['Missing data for required field.'], "
                "'include_past': ['Missing data for required field.'], "
                "'bogus': ['Unknown field.']}",
            ),
        ),
    ],
)
def test_mark_refuses(call: Caller, form: dict[str, Any], expected: tuple[int, str, Any]) -> None:
    body = {name: value for name, value in {**MARKED, **form}.items() if value is not None}
    assert problem(call.post(MARK, json=body)) == expected


def test_mark_of_a_mapped_task_by_date_makes_airflow_fail(call: Caller) -> None:
    body = {**MARKED, "task_id": "m", "execution_date": "2025-05-02T06:00:00Z"}
    del body["dag_run_id"]
    assert call.post(MARK, json=body).status_code == 500


def test_mark_keeps_dates_and_writes_no_history(call: Caller) -> None:
    assert call.patch(path("b"), json={"new_state": "success", "dry_run": False}).get_json() == {}

    marked = call.get(path("b")).get_json()
    assert (marked["state"], marked["try_number"], marked["end_date"]) == ("success", 1, "2025-05-10T00:00:12+00:00")
    assert call.get(path("b/tries")).get_json()["total_entries"] == 1


def test_mark_makes_what_failed_after_the_task_run_again(call: Caller) -> None:
    call.patch(path("a"), json={"new_state": "success", "dry_run": False})

    assert [call.get(path(task)).get_json()["state"] for task in ("a", "b", "c")] == ["success", None, None]
    reopened = run(call)
    assert (reopened["state"], reopened["start_date"], reopened["end_date"]) == ("queued", None, None)


def test_mark_to_failed_with_downstream_clears_the_downstream_again(call: Caller) -> None:
    body = {
        **MARKED,
        "dag_run_id": run_of(DAYS[2]),
        "new_state": "failed",
        "include_downstream": True,
        "dry_run": False,
    }

    assert touched(call.post(MARK, json=body)) == ["03/b", "03/c"]
    assert [call.get(path(task, DAYS[2])).get_json()["state"] for task in ("a", "b", "c")] == [
        "success",
        "failed",
        None,
    ]


def test_mark_of_one_mapped_instance_leaves_the_others(call: Caller) -> None:
    call.patch(path("m/1"), json={"new_state": "skipped", "dry_run": False})
    assert [call.get(path(f"m/{index}")).get_json()["state"] for index in (0, 1)] == ["success", "skipped"]


def test_mark_reaches_only_runs_on_the_schedule(call: Caller) -> None:
    call.post("/api/v1/dags/etl/dagRuns", json={"dag_run_id": "between", "logical_date": "2025-05-02T07:30:00Z"})
    body = {**MARKED, "include_past": True, "include_future": True}

    assert touched(call.post(MARK, json=body)) == ["01/b", "02/b", "03/b"]
    first = {**body, "dag_run_id": "between", "include_past": False}
    references = call.post(MARK, json=first).get_json()["task_instances"]
    assert [one["dag_run_id"] for one in references] == ["between", run_of(DAYS[2])]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("none", (404, "Task not found", "Task 'none' not found in DAG 'etl'")),
        ("b/0", (404, "Not Found", f"Task instance not found for task 'b' on DAG run with ID '{run_of(DAYS[1])}'")),
        ("m", (404, "Not Found", f"Task instance not found for task 'm' on DAG run with ID '{run_of(DAYS[1])}'")),
    ],
)
def test_patch_names_what_does_not_exist(call: Caller, where: str, expected: tuple[int, str, str]) -> None:
    assert problem(call.patch(path(where), json={"new_state": "failed"})) == expected
    missing = call.patch("/api/v1/dags/none/dagRuns/r/taskInstances/t", json={"new_state": "failed"})
    assert problem(missing) == (404, "DAG not found", "DAG 'none' not found")


def test_patch_without_dry_run_false_answers_the_reference(call: Caller) -> None:
    expected = {
        "dag_id": "etl",
        "dag_run_id": run_of(DAYS[1]),
        "execution_date": "2025-05-02T06:00:00+00:00",
        "task_id": "b",
    }
    for body in ({"new_state": "failed"}, {"new_state": "success", "dry_run": True}):
        assert call.patch(path("b"), json=body).get_json() == expected
    missing = problem(call.patch(path("b"), json={}))
    assert missing == (400, "Bad Request", "{'new_state': ['Missing data for required field.']}")


def test_patch_of_a_mapped_instance_is_logged_as_two_calls(call: Caller) -> None:
    call.patch(path("m/9"), json={"new_state": "failed"})

    logged = call.get("/api/v1/eventLogs", query_string={"order_by": "-event_log_id", "limit": 2}).get_json()[
        "event_logs"
    ]
    assert [one["event"] for one in logged] == ["api.patch_task_instance", "api.patch_mapped_task_instance"]
    assert {one["extra"] for one in logged} == {'{"map_index": 9, "new_state": "failed"}'}


# notes


def test_note_is_set_changed_and_kept_through_a_clear(call: Caller) -> None:
    for note in ("one", "", "two"):
        assert call.patch(path("b/setNote"), json={"note": note}).get_json()["note"] == note
    call.post(CLEAR, json={"dry_run": False, "task_ids": ["b"]})
    assert call.get(path("b")).get_json()["note"] == "two"
    assert call.patch(path("m/1/setNote"), json={"note": "one", "map_index": 0}).get_json()["map_index"] == 1
    assert call.get(path("m/0")).get_json()["note"] is None


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "'note' is a required property"),
        ({"note": None}, "None is not of type 'string' - 'note'"),
        ({"note": "x" * 1001}, "{'note': ['Longer than maximum length 1000.']}"),
        ({"note": "x", "bogus": 1}, "{'bogus': ['Unknown field.']}"),
    ],
)
def test_note_refuses(call: Caller, body: Any, detail: str) -> None:
    assert problem(call.patch(path("b/setNote"), json=body)) == (400, "Bad Request", detail)


@pytest.mark.parametrize("where", ["m", "m/9", "b/0", "none"])
def test_note_needs_exactly_that_index(call: Caller, where: str) -> None:
    title = f"Task Instance not found for dag_id=etl, run_id={run_of(DAYS[1])}, task_id={where.split('/')[0]}"
    assert problem(call.patch(path(f"{where}/setNote"), json={"note": "x"})) == (404, title, None)


@pytest.mark.parametrize(
    ("method", "where", "body"),
    [
        ("POST", CLEAR, {}),
        ("POST", MARK, MARKED),
        ("PATCH", path("b"), {"new_state": "failed", "dry_run": False}),
        ("PATCH", path("b/setNote"), {"note": "x"}),
    ],
)
def test_viewer_changes_nothing(call: Caller, method: str, where: str, body: Any) -> None:
    assert call(method, where, json=body, by="viewer").status_code == 403
    assert call(method, where, json=body, by="user").status_code == 200
