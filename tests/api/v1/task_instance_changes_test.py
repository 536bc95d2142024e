"""Changing task instances over the API: clearing, putting into a state, notes; and what that does to their run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Caller, Deploy

DAYS = ("2025-05-01", "2025-05-02", "2025-05-03")
RAN = {"try_number": 1, "hostname": "worker", "pid": 9}
TIMES = {"start_date": "2025-05-10T00:00:10Z", "end_date": "2025-05-10T00:00:12Z"}
TASKS = [
    {"task_id": "b", "downstream_task_ids": ["c"], "retries": 2, "priority_weight": 5, "pool": "own"},
    {"task_id": "a", "downstream_task_ids": ["b"]},
    {"task_id": "c"},
    {"task_id": "m", "is_mapped": True},
]


def run_of(day: str) -> str:
    return f"scheduled__{day}T06:00:00+00:00"


def rows(day: str, state: str) -> list[dict[str, Any]]:
    base = {"dag_id": "etl", "dag_run_id": run_of(day), **RAN, **TIMES, "duration": 2.0}
    plain = [{**base, "task_id": task, "state": state, "max_tries": 0, "pool": "old"} for task in ("b", "a", "c")]
    return [*plain, *({**base, "task_id": "m", "map_index": index, "state": "success"} for index in (0, 1))]


WORLD = {
    "pools": [{"name": "own", "slots": 3}],
    "dags": [{"dag_id": "etl", "schedule": "0 6 * * *", "tasks": TASKS}],
    "dag_runs": [
        {
            "dag_id": "etl",
            "dag_run_id": run_of(day),
            "run_type": "scheduled",
            "state": "success",
            "logical_date": f"{day}T06:00:00Z",
            "last_scheduling_decision": "2025-05-10T00:00:12Z",
            **TIMES,
        }
        for day in DAYS
    ],
    "task_instances": [*rows(DAYS[0], "success"), *rows(DAYS[1], "failed"), *rows(DAYS[2], "success")],
}
CLEAR = "/api/v1/dags/etl/clearTaskInstances"
MARK = "/api/v1/dags/etl/updateTaskInstancesState"
MARKED = {
    "dag_run_id": run_of(DAYS[1]),
    "include_downstream": False,
    "include_future": False,
    "include_past": False,
    "include_upstream": False,
    "new_state": "skipped",
    "task_id": "b",
}


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, runs="manual")


def path(task: str, day: str = DAYS[1]) -> str:
    return f"/api/v1/dags/etl/dagRuns/{run_of(day).replace('+', '%2B')}/taskInstances/{task}"


def run(call: Caller, day: str = DAYS[1]) -> Any:
    return call.get(path("x", day).removesuffix("/taskInstances/x")).get_json()


def problem(answer: Any) -> tuple[int, Any, Any]:
    told = answer.get_json()
    return answer.status_code, told["title"], told["detail"]


def touched(answer: Any) -> list[str]:
    """The references an answer gives, as day/task."""
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [f"{one['dag_run_id'][19:21]}/{one['task_id']}" for one in answer.get_json()["task_instances"]]


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
