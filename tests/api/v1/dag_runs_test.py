"""DAG runs over the API: triggering, listing, putting into a state, clearing, deleting."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Caller, Deploy

DONE = {"start_date": "2025-05-10T00:00:00Z", "end_date": "2025-05-10T00:00:20Z"}
LOOKED = {"last_scheduling_decision": "2025-05-10T00:00:19Z"}
TASKS = [{"task_id": "one", "downstream_task_ids": ["two"]}, {"task_id": "two", "retries": 3}]
WORLD = {
    "dags": [
        {"dag_id": "daily", "schedule": "0 6 * * *", "tasks": TASKS},
        {"dag_id": "weekly", "schedule": 7 * 24 * 3600, "tasks": ["x"]},
        {"dag_id": "never", "tasks": ["x"], "start_date": "2025-01-01T00:00:00Z", "end_date": "2025-05-31T00:00:00Z"},
    ],
    "dag_runs": [
        {
            "dag_id": "daily",
            "dag_run_id": "good",
            "state": "success",
            "logical_date": "2025-05-01T06:00:00Z",
            **DONE,
            **LOOKED,
        },
        {"dag_id": "daily", "dag_run_id": "bad", "state": "failed", "logical_date": "2025-05-02T06:00:00Z", **DONE},
        {
            "dag_id": "never",
            "dag_run_id": "full",
            "state": "success",
            "logical_date": "2025-05-03T06:00:00Z",
            "conf": {"a": 1},
        },
    ],
    "task_instances": [
        {
            "dag_id": "daily",
            "dag_run_id": run,
            "task_id": task,
            "state": state,
            "try_number": tries,
            **(DONE if tries else {}),
        }
        for run, task, state, tries in (
            ("good", "one", "success", 1),
            ("good", "two", "skipped", 0),
            ("bad", "one", "failed", 1),
            ("bad", "two", "upstream_failed", 0),
        )
    ],
}
NOW = "2025-06-01T12:00:00+00:00"
DATES = ("start_date", "end_date", "last_scheduling_decision")


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, runs="manual")


def path(run: str = "", dag: str = "daily") -> str:
    return f"/api/v1/dags/{dag}/dagRuns/{run}" if run else f"/api/v1/dags/{dag}/dagRuns"


def problem(answer: Any) -> tuple[int, Any, Any]:
    told = answer.get_json()
    return answer.status_code, told["title"], told["detail"]


def states(call: Caller, run: str) -> list[Any]:
    return [ti["state"] for ti in call.get(f"{path(run)}/taskInstances").get_json()["task_instances"]]


# triggering


@pytest.mark.parametrize(
    ("dag", "start", "end"),
    [
        ("daily", "2025-05-18T06:00:00+00:00", "2025-05-19T06:00:00+00:00"),
        ("weekly", "2025-05-12T18:30:00+00:00", "2025-05-20T00:00:00+05:30"),
        ("never", "2025-05-20T00:00:00+05:30", "2025-05-20T00:00:00+05:30"),
    ],
)
def test_dates_are_answered_once_in_the_zone_they_came_in(call: Caller, dag: str, start: str, end: str) -> None:
    sent = "2025-05-20T00:00:00+05:30"
    made = call.post(path(dag=dag), json={"logical_date": sent}).get_json()

    assert made["dag_run_id"] == f"manual__{sent}"
    assert [made[name] for name in ("logical_date", "execution_date")] == [sent, sent]
    assert (made["data_interval_start"], made["data_interval_end"]) == (start, end)
    read = call.get(path(f"manual__{sent}".replace("+", "%2B"), dag)).get_json()
    assert read["logical_date"] == "2025-05-19T18:30:00+00:00"
    assert {read[name][-6:] for name in ("data_interval_start", "data_interval_end")} == {"+00:00"}


@pytest.mark.parametrize("date", ["2025-05-20t00:00:00Z", "2025-05-20T00:00:00z"])
def test_lower_case_letters_in_a_date_are_refused_late(call: Caller, date: str) -> None:
    refused = problem(call.post(path(), json={"logical_date": date}))
    assert refused == (400, "Bad Request", "{'logical_date': ['Not a valid datetime.']}")


@pytest.mark.parametrize(
    ("date", "count"),
    [
        ("2024-12-31T23:59:59Z", 0),
        ("2025-01-01T00:00:00Z", 1),
        ("2025-05-31T00:00:00Z", 1),
        ("2025-05-31T00:00:01Z", 0),
    ],
)
def test_run_outside_of_the_dags_dates_has_no_task_instances(call: Caller, date: str, count: int) -> None:
    call.post(path(dag="never"), json={"dag_run_id": "r", "logical_date": date})
    assert call.get(f"{path('r', 'never')}/taskInstances").get_json()["total_entries"] == count


# listing


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        ("id", ["good", "bad", "full"]),
        ("-id", ["full", "bad", "good"]),
        ("dag_id", ["good", "bad", "full"]),
        ("-dag_id", ["full", "bad", "good"]),
        ("conf", ["good", "bad", "full"]),
        ("-conf", ["full", "good", "bad"]),
        ("-state", ["good", "full", "bad"]),
        ("end_date", ["full", "good", "bad"]),
    ],
)
def test_list_is_ordered(call: Caller, order_by: str, expected: list[str]) -> None:
    answer = call.get(path(dag="~"), query_string={"order_by": order_by}).get_json()
    assert [run["dag_run_id"] for run in answer["dag_runs"]] == expected


@pytest.mark.parametrize("value", ["2025-05-02T06:00:00Z", None, "2025-05-02 06:00+0000"])
def test_batch_reads_updated_at_and_ignores_it(call: Caller, value: str | None) -> None:
    assert call.post("/api/v1/dags/~/dagRuns/list", json={"updated_at_gte": value}).get_json()["total_entries"] == 3


@pytest.mark.parametrize("value", ["x", 5, "2025-05-02"])
def test_batch_refuses_an_updated_at_that_is_no_date(call: Caller, value: Any) -> None:
    refused = problem(call.post("/api/v1/dags/~/dagRuns/list", json={"updated_at_lte": value}))
    assert refused == (400, "Bad Request", "{'updated_at_lte': ['Not a valid datetime.']}")


# states


@pytest.mark.parametrize(
    ("run", "state", "expected"),
    [
        ("good", "success", ["success", "success"]),
        ("good", "failed", ["success", "skipped"]),
        ("good", "queued", ["success", "skipped"]),
        ("bad", "success", ["success", "success"]),
        ("bad", "failed", ["failed", "upstream_failed"]),
    ],
)
def test_state_of_a_finished_run(call: Caller, run: str, state: str, expected: list[str]) -> None:
    told = call.patch(path(run), json={"state": state}).get_json()

    assert (told["state"], states(call, run)) == (state, expected)
    kept = None if state == "queued" else "2025-05-10T00:00:20+00:00"
    assert told["end_date"] == kept
    assert told == call.get(path(run)).get_json()


def test_queued_forgets_the_dates_but_not_the_scheduler(call: Caller) -> None:
    told = call.patch(path("good"), json={"state": "queued"}).get_json()
    assert [told[name] for name in DATES] == [None, None, "2025-05-10T00:00:19+00:00"]


@pytest.mark.parametrize(("state", "instances"), [("success", "success"), ("failed", "skipped"), ("queued", None)])
def test_state_of_a_run_that_never_ran(call: Caller, state: str, instances: str | None) -> None:
    call.post(path(), json={"dag_run_id": "new"})
    told = call.patch(path("new"), json={"state": state}).get_json()

    assert (told["start_date"], told["end_date"]) == (None, None if state == "queued" else NOW)
    assert states(call, "new") == [instances, instances]
    one = call.get(f"{path('new')}/taskInstances/one").get_json()
    dates = (one["start_date"], one["end_date"], one["duration"], one["try_number"])
    assert dates == ((None, None, None, 0) if instances is None else (NOW, NOW, 0.0, 0))


# clearing


def test_clear_queues_the_run_and_forgets_what_it_did(call: Caller) -> None:
    references = call.post(f"{path('bad')}/clear", json={}).get_json()["task_instances"]
    assert [one["task_id"] for one in references] == ["one", "two"]
    assert states(call, "bad") == ["failed", "upstream_failed"]

    told = call.post(f"{path('good')}/clear", json={"dry_run": False}).get_json()
    assert [told["state"], *(told[name] for name in DATES)] == ["queued", None, None, None]
    assert states(call, "good") == [None, None]
    two = call.get(f"{path('good')}/taskInstances/two").get_json()
    assert (two["try_number"], two["max_tries"]) == (0, 3)


def test_clear_leaves_an_unfinished_run_as_it_is(call: Caller) -> None:
    call.post(path(), json={"dag_run_id": "new", "note": "kept"})
    before = call.get(path("new")).get_json()
    assert call.post(f"{path('new')}/clear", json={"dry_run": False}).get_json() == before


# what stays


@pytest.mark.parametrize("change", [{"state": "success"}, {"state": "failed"}])
def test_without_a_scheduler_nothing_starts_by_itself(call: Caller, change: dict[str, str]) -> None:
    for run in ("a", "b"):
        call.post(path(), json={"dag_run_id": run, "logical_date": f"2025-05-1{ord(run) % 10}T00:00:00Z"})
    call.patch(path("a"), json=change)
    call.deployment.clock.advance(3600)

    assert call.get(path("b")).get_json()["state"] == "queued"
    assert states(call, "b") == [None, None]


def test_deleted_run_can_be_made_again(call: Caller) -> None:
    assert call.delete(path("good")).status_code == 204
    gone = "DAGRun with DAG ID: 'daily' and DagRun ID: 'good' not found"
    assert problem(call.get(path("good"))) == (404, "DAGRun not found", gone)
    assert problem(call.delete(path("good"))) == (404, "Not Found", gone)
    again = call.post(path(), json={"dag_run_id": "good", "logical_date": "2025-05-01T06:00:00Z"})
    assert again.status_code == 200
    assert states(call, "good") == [None, None]
