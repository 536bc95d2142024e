"""DAGs and their tasks over the API: lists, filters, fields, pausing, deleting."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Deploy

WORLD = {
    "dags": [
        {
            "dag_id": "b_sales",
            "tags": ["sales", "daily"],
            "owners": ["ana"],
            "tasks": ["one", "two"],
            "schedule": "0 6 * * *",
        },
        {"dag_id": "a_report", "tags": ["report"], "is_paused": True, "tasks": ["one"]},
        {"dag_id": "c_gone", "is_active": False},
        {"dag_id": "axreport", "tasks": [{"task_id": "z", "retries": 2, "retry_delay": 90}]},
    ]
}


def ids(answer: Any) -> list[str]:
    return [dag["dag_id"] for dag in answer.get_json()["dags"]]


@pytest.mark.parametrize(
    ("query", "expected", "total"),
    [
        ("", ["a_report", "axreport", "b_sales"], 3),
        ("order_by=-dag_id", ["b_sales", "axreport", "a_report"], 3),
        ("limit=1&offset=1", ["axreport"], 3),
        ("limit=0", ["a_report", "axreport", "b_sales"], 3),
        ("only_active=false", ["a_report", "axreport", "b_sales", "c_gone"], 4),
        ("paused=true", ["a_report"], 1),
        ("paused=FALSE", ["axreport", "b_sales"], 2),
        ("tags=report&tags=daily", ["a_report", "b_sales"], 2),
        ("tags=report,daily", ["a_report", "b_sales"], 2),
        ("dag_id_pattern=SALES", ["b_sales"], 1),
        ("dag_id_pattern=a_report", ["a_report", "axreport"], 2),
        ("dag_id_pattern=b%25s", ["b_sales"], 1),
        ("limit=1&limit=2", ["a_report", "axreport"], 3),
    ],
)
def test_list_is_filtered_ordered_and_paged(deploy: Deploy, query: str, expected: list[str], total: int) -> None:
    answer = deploy(WORLD).get(f"/api/v1/dags?{query}")

    assert (ids(answer), answer.get_json()["total_entries"]) == (expected, total)


def test_pages_are_cut_silently(deploy: Deploy) -> None:
    call = deploy(WORLD, maximum_page_limit=2, fallback_page_limit=1)

    assert len(ids(call.get("/api/v1/dags?limit=100"))) == 2
    assert len(ids(call.get("/api/v1/dags?limit=0"))) == 1
    assert len(ids(call.get("/api/v1/dags"))) == 2


def test_order_that_is_not_allowed_is_named_without_its_minus(deploy: Deploy) -> None:
    answer = deploy(WORLD).get("/api/v1/dags?order_by=-owner")

    assert (
        answer.get_json()["detail"]
        == "Ordering with 'owner' is disallowed or the attribute does not exist on the model"
    )


@pytest.mark.parametrize(
    ("path", "title", "detail"),
    [
        (
            "/api/v1/dags?fields=nope",
            "DAGCollectionSchema error",
            "Invalid fields for <DAGSchema(many=False)>: OrderedSet(['nope']).",
        ),
        (
            "/api/v1/dags/b_sales?fields=dag_id,a,b",
            "DAGSchema init error",
            "Invalid fields for <DAGSchema(many=False)>: OrderedSet(['a', 'b']).",
        ),
        (
            "/api/v1/dags/b_sales/details?fields=last_parsed",
            "DAGDetailSchema init error",
            "Invalid fields for <DAGDetailSchema(many=False)>: OrderedSet(['last_parsed']).",
        ),
    ],
)
def test_unknown_fields_are_refused(deploy: Deploy, path: str, title: str, detail: str) -> None:
    answer = deploy(WORLD).get(path)

    assert (answer.status_code, answer.get_json()["title"], answer.get_json()["detail"]) == (400, title, detail)


def test_fields_choose_what_is_answered(deploy: Deploy) -> None:
    call = deploy(WORLD)

    assert call.get("/api/v1/dags/b_sales?fields=dag_id,owners").get_json() == {"dag_id": "b_sales", "owners": ["ana"]}
    assert call.get("/api/v1/dags/b_sales/details?fields=owners,last_loaded").get_json() == {
        "last_parsed": None,
        "owners": [],
    }


def test_schedule_is_told_in_three_ways(deploy: Deploy) -> None:
    dag = deploy(WORLD).get("/api/v1/dags/b_sales").get_json()

    assert dag["schedule_interval"] == {"__type": "CronExpression", "value": "0 6 * * *"}
    assert dag["timetable_description"] == "At 06:00"
    assert deploy(WORLD).get("/api/v1/dags/a_report").get_json()["schedule_interval"] is None


def test_pausing_is_kept_and_unpausing_lets_queued_runs_go_on(deploy: Deploy) -> None:
    call = deploy(WORLD)
    call.post("/api/v1/dags/a_report/dagRuns", json={"dag_run_id": "r"})
    call.deployment.clock.advance(hours=1)
    assert call.get("/api/v1/dags/a_report/dagRuns/r").get_json()["state"] == "queued"

    assert call.patch("/api/v1/dags/a_report", json={"is_paused": False}).get_json()["is_paused"] is False
    call.deployment.clock.advance(minutes=1)

    assert call.get("/api/v1/dags/a_report/dagRuns/r").get_json()["state"] == "success"


@pytest.mark.parametrize(
    ("query", "body", "status", "detail"),
    [
        ("?update_mask=tags", {"is_paused": True}, 400, "Only `is_paused` field can be updated through the REST API"),
        ("", {"dag_id": "x"}, 400, "Property is read-only - 'dag_id'"),
        ("", {"bogus": 1}, 400, "{'bogus': ['Unknown field.']}"),
        ("", {"is_paused": "x"}, 400, "'x' is not of type 'boolean' - 'is_paused'"),
    ],
)
def test_bad_patch_is_refused(deploy: Deploy, query: str, body: Any, status: int, detail: str) -> None:
    answer = deploy(WORLD).patch(f"/api/v1/dags/b_sales{query}", json=body)

    assert (answer.status_code, answer.get_json()["detail"]) == (status, detail)


def test_null_is_neither_paused_nor_not(deploy: Deploy) -> None:
    call = deploy(WORLD)

    assert call.patch("/api/v1/dags/b_sales", json={"is_paused": None}).get_json()["is_paused"] is None
    assert "b_sales" not in ids(call.get("/api/v1/dags?paused=true")) + ids(call.get("/api/v1/dags?paused=false"))


def test_many_are_patched_by_a_pattern_that_has_to_be_there(deploy: Deploy) -> None:
    call = deploy(WORLD)

    assert (
        call.patch("/api/v1/dags", json={"is_paused": True}).get_json()["detail"]
        == "Missing query parameter 'dag_id_pattern'"
    )
    answer = call.patch("/api/v1/dags?dag_id_pattern=~&limit=2", json={"is_paused": True})
    assert [(dag["dag_id"], dag["is_paused"]) for dag in answer.get_json()["dags"]] == [
        ("a_report", True),
        ("axreport", True),
    ]
    assert answer.get_json()["total_entries"] == 3
    assert ids(call.get("/api/v1/dags?paused=false")) == ["b_sales"]


def test_deleted_dag_is_gone_with_all_that_hangs_on_it(deploy: Deploy) -> None:
    call = deploy(WORLD)
    call.post("/api/v1/dags/b_sales/dagRuns", json={"dag_run_id": "r"})

    gone = call.delete("/api/v1/dags/b_sales")

    assert (gone.status_code, gone.get_data(), gone.headers["Content-Type"]) == (204, b"", "application/json")
    assert call.delete("/api/v1/dags/b_sales").get_json()["title"] == "Dag with id: 'b_sales' not found"
    assert call.get("/api/v1/dags/~/dagRuns").get_json()["total_entries"] == 0
    assert call.get("/api/v1/dags/~/dagRuns/~/taskInstances").get_json()["total_entries"] == 0
    assert (
        call.post("/api/v1/dags/b_sales/dagRuns", json={}).get_json()["detail"]
        == "DAG with dag_id: 'b_sales' not found"
    )


def test_dag_with_running_tasks_cannot_be_deleted(deploy: Deploy) -> None:
    call = deploy(WORLD)
    call.post("/api/v1/dags/b_sales/dagRuns", json={"dag_run_id": "r"})
    call.deployment.clock.advance(2.5)
    states = [
        ti["state"] for ti in call.get("/api/v1/dags/b_sales/dagRuns/r/taskInstances").get_json()["task_instances"]
    ]
    assert "running" in states

    answer = call.delete("/api/v1/dags/b_sales")

    assert (answer.status_code, answer.get_json()["title"]) == (409, "Conflict")
    assert answer.get_json()["detail"] == "Task instances of dag with id: 'b_sales' are still running"


def test_tasks_have_airflows_forms(deploy: Deploy) -> None:
    task = deploy(WORLD).get("/api/v1/dags/axreport/tasks/z").get_json()

    assert (task["retries"], task["pool_slots"], task["is_mapped"]) == (2.0, 1.0, False)
    assert task["retry_delay"] == {"__type": "TimeDelta", "days": 0, "seconds": 90, "microseconds": 0}
    assert task["class_ref"] == {"class_name": "EmptyOperator", "module_path": "airflow.operators.empty"}


@pytest.mark.parametrize(
    ("order_by", "status", "expected"),
    [
        ("task_id", 200, ["one", "two"]),
        ("-task_id", 200, ["two", "one"]),
        ("task_type", 200, ["one", "two"]),
        ("end_date", 500, None),
        ("is_mapped", 400, "'SerializedBaseOperator' object has no attribute 'is_mapped'"),
        ("nope", 400, "'SerializedBaseOperator' object has no attribute 'nope'"),
    ],
)
def test_tasks_are_ordered_by_any_attribute_of_an_operator(
    deploy: Deploy, order_by: str, status: int, expected: Any
) -> None:
    answer = deploy(WORLD).get(f"/api/v1/dags/b_sales/tasks?order_by={order_by}")

    assert answer.status_code == status
    if status == 200:
        assert [task["task_id"] for task in answer.get_json()["tasks"]] == expected
    elif status == 400:
        assert answer.get_json()["detail"] == expected


@pytest.mark.parametrize(
    ("path", "title", "detail"),
    [
        ("/api/v1/dags/x", "DAG not found", "The DAG with dag_id: x was not found"),
        ("/api/v1/dags/~", "DAG not found", "The DAG with dag_id: ~ was not found"),
        ("/api/v1/dags/x/details", "DAG not found", "The DAG with dag_id: x was not found"),
        ("/api/v1/dags/x/tasks", "DAG not found", None),
        ("/api/v1/dags/x/tasks/y", "DAG not found", None),
        ("/api/v1/dags/b_sales/tasks/y", "Task not found", None),
    ],
)
def test_not_found_is_worded_by_operation(deploy: Deploy, path: str, title: str, detail: str | None) -> None:
    answer = deploy(WORLD).get(path)

    assert (answer.status_code, answer.get_json()["title"], answer.get_json()["detail"]) == (404, title, detail)


def test_role_for_one_dag_sees_that_one(deploy: Deploy) -> None:
    grants = [{"action": {"name": "can_read"}, "resource": {"name": "DAG:b_sales"}}]
    people = [{"username": "solo", "password": "solo", "roles": [{"name": "Solo"}]}]
    call = deploy({**WORLD, "roles": [{"name": "Solo", "actions": grants}], "users": people})

    assert ids(call.get("/api/v1/dags", by="solo")) == ["b_sales"]
    assert call.get("/api/v1/dags/b_sales", by="solo").status_code == 200
    assert call.get("/api/v1/dags/a_report", by="solo").status_code == 403
    assert call.patch("/api/v1/dags/b_sales", by="solo", json={"is_paused": True}).status_code == 403


def test_schedule_by_the_calendar_has_all_its_parts(deploy: Deploy) -> None:
    interval = {"__type": "RelativeDelta", "months": 1}
    call = deploy({"dags": [{"dag_id": "d", "schedule_interval": interval, "start_date": "2025-03-10T00:00:00Z"}]})
    told = call.get("/api/v1/dags/d").get_json()["schedule_interval"]
    assert (told["__type"], told["months"], told["years"], told["day"]) == ("RelativeDelta", 1, 0, None)
