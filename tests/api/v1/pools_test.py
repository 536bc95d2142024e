"""Pools over the API, whole: the rules of each operation and the failures of Airflow's own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Deploy

POOLS = "/api/v1/pools"


@pytest.fixture
def call(deploy: Deploy) -> Any:
    caller = deploy({"pools": [{"name": "etl", "slots": 3, "description": "d"}, {"name": "wide", "slots": 9}]})
    return caller


def names(answer: Any) -> list[str]:
    return [pool["name"] for pool in answer.get_json()["pools"]]


def test_list_is_in_the_order_of_making(call: Any) -> None:
    call.post(POOLS, json={"name": "a", "slots": 1})

    assert names(call.get(POOLS)) == ["default_pool", "etl", "wide", "a"]
    assert names(call.get(f"{POOLS}?order_by=-slots&limit=2")) == ["default_pool", "wide"]
    assert names(call.get(f"{POOLS}?order_by=name")) == ["a", "default_pool", "etl", "wide"]


def test_renamed_pool_keeps_its_place(call: Any) -> None:
    call.patch(f"{POOLS}/etl", json={"name": "zz", "slots": 3})

    assert names(call.get(POOLS)) == ["default_pool", "zz", "wide"]


def test_made_pool_is_answered_with_200_and_read_back(call: Any) -> None:
    made = call.post(POOLS, json={"name": "p", "slots": 2, "include_deferred": True})

    assert (made.status_code, call.get(f"{POOLS}/p").get_json()) == (200, made.get_json())
    assert made.get_json() == {
        "deferred_slots": 0,
        "description": None,
        "include_deferred": True,
        "name": "p",
        "occupied_slots": 0,
        "open_slots": 2,
        "queued_slots": 0,
        "running_slots": 0,
        "scheduled_slots": 0,
        "slots": 2,
    }


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({}, 400, "Missing required property(ies): ['name', 'slots']"),
        ({"name": "x", "bogus": 1}, 400, "Missing required property(ies): ['slots']"),
        ({"name": "x", "slots": 1, "bogus": 1}, 400, "{'bogus': ['Unknown field.']}"),
        ({"name": "x" * 257, "slots": 1}, 400, "{'name': ['Longer than maximum length 256.']}"),
        ({"name": "etl", "slots": 1}, 409, "Pool: etl already exists"),
        ({"name": None, "slots": 1}, 400, "None is not of type 'string' - 'name'"),
        ({"name": "x", "slots": 1.5}, 400, "1.5 is not of type 'integer' - 'slots'"),
    ],
)
def test_bad_pool_is_refused(call: Any, body: Any, status: int, detail: str) -> None:
    answer = call.post(POOLS, json=body)

    assert (answer.status_code, answer.get_json()["detail"]) == (status, detail)


@pytest.mark.parametrize(
    ("name", "query", "body", "status", "detail"),
    [
        ("etl", "", {"name": "etl"}, 400, "Missing required property(ies): ['slots']"),
        ("etl", "?update_mask=nope", {"slots": 1}, 400, "Invalid field: nope in update mask"),
        ("none", "", {"name": "none", "slots": 1}, 404, "Pool with name:'none' not found"),
        ("default_pool", "", {"name": "other", "slots": 1}, 400, "Default Pool's name can't be modified"),
        ("default_pool", "", {"slots": 1}, 400, "Default Pool's name can't be modified"),
    ],
)
def test_bad_change_is_refused(call: Any, name: str, query: str, body: Any, status: int, detail: str) -> None:
    answer = call.patch(f"{POOLS}/{name}{query}", json=body)

    assert (answer.status_code, answer.get_json()["detail"]) == (status, detail)


def test_change_without_mask_takes_include_deferred_back(call: Any) -> None:
    call.post(POOLS, json={"name": "p", "slots": 2, "include_deferred": True, "description": "kept"})

    changed = call.patch(f"{POOLS}/p", json={"name": "p", "slots": 5}).get_json()

    assert (changed["slots"], changed["include_deferred"], changed["description"]) == (5, False, "kept")


def test_mask_changes_only_what_it_names(call: Any) -> None:
    changed = call.patch(
        f"{POOLS}/etl?update_mask=slots, description", json={"slots": 8, "description": "new", "name": "x"}
    )

    assert (changed.get_json()["name"], changed.get_json()["slots"], changed.get_json()["description"]) == (
        "etl",
        8,
        "new",
    )
    assert call.patch(f"{POOLS}/default_pool?update_mask=slots", json={"slots": 5}).get_json()["slots"] == 5


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", {"name": "wide", "slots": 1}),
        ("?update_mask=slots", {"name": "etl"}),
        ("", {"name": "etl", "slots": 1 << 64}),
    ],
)
def test_where_airflow_fails_so_do_we_and_nothing_changes(call: Any, query: str, body: Any) -> None:
    before = call.get(POOLS).get_json()

    answer = call.patch(f"{POOLS}/etl{query}", json=body)

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert call.get(POOLS).get_json() == before


def test_infinite_pool_is_kept_and_breaks_every_answer_with_it(call: Any) -> None:
    made = call.post(POOLS, json={"name": "inf", "slots": -1})

    assert (made.status_code, made.headers["Content-Type"]) == (500, "application/problem+json")
    assert made.get_json()["title"] == "Response body does not conform to specification"
    assert "On instance['pools'][3]['open_slots']" in call.get(POOLS).get_json()["detail"]
    assert call.get(f"{POOLS}?limit=2").status_code == 200
    assert call.delete(f"{POOLS}/inf").status_code == 204
    assert call.get(POOLS).status_code == 200


def test_infinite_pool_is_refused_without_airflows_bugs(deploy: Deploy) -> None:
    call = deploy(airflow_bugs=False)

    assert call.post(POOLS, json={"name": "inf", "slots": -1}).status_code == 400
    assert names(call.get(POOLS)) == ["default_pool"]


def test_deleting(call: Any) -> None:
    gone = call.delete(f"{POOLS}/etl")

    assert (gone.status_code, gone.headers["Content-Type"]) == (204, "text/html; charset=utf-8")
    assert call.delete(f"{POOLS}/etl").status_code == 404
    assert call.delete(f"{POOLS}/default_pool").get_json()["detail"] == "Default Pool can't be deleted"


def test_slots_are_held_by_what_runs(deploy: Deploy) -> None:
    tasks = [{"task_id": name, "pool": "etl", "operator_name": "PythonOperator"} for name in ("one", "two")]
    call = deploy({"pools": [{"name": "etl", "slots": 5}], "dags": [{"dag_id": "d", "tasks": tasks}]})
    call.post("/api/v1/dags/d/dagRuns", json={})
    call.deployment.clock.advance(1.5)
    queued = call.get(f"{POOLS}/etl").get_json()
    call.deployment.clock.advance(1)
    running = call.get(f"{POOLS}/etl").get_json()

    assert (queued["queued_slots"], queued["open_slots"]) == (2, 3)
    assert (running["running_slots"], running["occupied_slots"], running["open_slots"]) == (2, 2, 3)


@pytest.mark.parametrize(
    ("by", "read", "write"),
    [
        ("admin", 200, 200),
        ("op", 200, 200),
        ("user", 200, 403),
        ("viewer", 200, 403),
        ("public", 403, 403),
        (None, 403, 403),
    ],
)
def test_roles(call: Any, by: str | None, read: int, write: int) -> None:
    assert call.get(POOLS, by=by).status_code == read
    assert call.post(POOLS, by=by, json={"name": "p", "slots": 1}).status_code == write
