"""Who is let in when slots of a pool, or of a DAG, come free: over all runs and DAGs, and however they came free."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Deploy

POOL = "/api/v1/pools/line"


def task(task_id: str, weight: int = 1, slots: int = 1, **more: Any) -> dict[str, Any]:
    told = {"task_id": task_id, "operator_name": "PythonOperator", "weight_rule": "absolute", "pool": "line"}
    return {**told, "priority_weight": weight, "pool_slots": slots, **more}


def world(dags: dict[str, list[dict[str, Any]]], slots: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "pools": [{"name": "line", "slots": slots}, {"name": "other", "slots": 9}],
        "dags": [{"dag_id": dag_id, "tasks": tasks, **more} for dag_id, tasks in dags.items()],
        "plans": {dag_id: {one["task_id"]: 1 for one in tasks} for dag_id, tasks in dags.items()},
    }


def trigger(call: Any, dag_id: str, run_id: str, day: int) -> None:
    body = {"dag_run_id": run_id, "logical_date": f"2025-03-{day:02d}T00:00:00Z"}
    assert call.post(f"/api/v1/dags/{dag_id}/dagRuns", json=body).status_code == 200


def instances(call: Any) -> list[Any]:
    rows: list[Any] = call.get("/api/v1/dags/~/dagRuns/~/taskInstances").get_json()["task_instances"]
    return rows


def in_turn(call: Any) -> list[str]:
    """The task instances that began, in that order."""
    begun = sorted((row for row in instances(call) if row["start_date"]), key=lambda row: row["start_date"])
    return [
        f"{row['dag_run_id']} {row['task_id']}" + (f" {row['map_index']}" if row["map_index"] >= 0 else "")
        for row in begun
    ]


def state_of(call: Any, run_id: str, task_id: str = "work") -> str | None:
    (found,) = [row["state"] for row in instances(call) if (row["dag_run_id"], row["task_id"]) == (run_id, task_id)]
    return found  # type: ignore[no-any-return]


def give(call: Any, slots: int) -> None:
    assert call.patch(f"{POOL}?update_mask=slots", json={"slots": slots}).status_code == 200


def test_opened_pool_takes_by_weight_then_date_then_map_index(deploy: Deploy) -> None:
    """The order that a real one showed."""
    call = deploy(
        world(
            {
                "one": [task("light"), task("heavy", 7), task("middle", 4)],
                "two": [task("heavier", 8), task("mapped", 4, is_mapped=True), task("a_mapped", 4, is_mapped=True)],
            }
        )
        | {"plans": {"two": {name: {"length": 2, "seconds": 1} for name in ("mapped", "a_mapped")}}}
    )
    for dag_id, run_id, day in (("one", "A", 5), ("two", "B", 3), ("one", "C", 1), ("two", "D", 2)):
        trigger(call, dag_id, run_id, day)
    call.deployment.clock.advance(10)
    assert {row["state"] for row in instances(call)} == {"scheduled"}
    give(call, 1)
    call.deployment.clock.advance(200)

    mapped = ["mapped 0", "a_mapped 0", "mapped 1", "a_mapped 1"]
    assert in_turn(call) == [
        *("D heavier", "B heavier", "C heavy", "A heavy", "C middle"),
        *(f"D {name}" for name in mapped),
        *(f"B {name}" for name in mapped),
        *("A middle", "C light", "A light"),
    ]


def test_runs_that_begin_together_share_by_weight(deploy: Deploy) -> None:
    call = deploy(world({"first": [task("low")], "second": [task("high", 5)]}, slots=1))
    trigger(call, "first", "A", 1)
    trigger(call, "second", "B", 2)
    call.deployment.clock.advance(20)

    assert in_turn(call) == ["B high", "A low"]


def test_heavier_one_that_waits_comes_before_what_follows(deploy: Deploy) -> None:
    """The slot that a task frees is not kept for the task after it."""
    call = deploy(
        world({"chain": [task("head", downstream_task_ids=["tail"]), task("tail")], "rival": [task("big", 9)]}, slots=1)
    )
    trigger(call, "chain", "A", 1)
    call.deployment.clock.advance(1.5)
    trigger(call, "rival", "B", 2)
    call.deployment.clock.advance(20)

    assert in_turn(call) == ["A head", "B big", "A tail"]


def test_narrow_ones_pass_a_wide_one_that_has_no_room(deploy: Deploy) -> None:
    call = deploy(world({"d": [task("wide", 9, 3), task("narrow"), task("too", 5)]}))
    trigger(call, "d", "A", 1)
    call.deployment.clock.advance(5)
    give(call, 2)
    call.deployment.clock.advance(20)
    assert in_turn(call) in (["A too", "A narrow"], ["A narrow", "A too"])
    give(call, 3)
    call.deployment.clock.advance(20)
    assert in_turn(call)[-1] == "A wide"


def test_slots_of_the_dag_go_to_the_heaviest_of_all_pools(deploy: Deploy) -> None:
    tasks = [task("a_low", 1, pool="other"), task("b_high", 5), task("c_middle", 3, pool="other")]
    call = deploy(world({"d": tasks}, slots=5, max_active_tasks=1))
    trigger(call, "d", "A", 1)
    call.deployment.clock.advance(30)

    assert in_turn(call) == ["A b_high", "A c_middle", "A a_low"]


RUN, WORK = "/api/v1/dags/d/dagRuns/A", "/api/v1/dags/d/dagRuns/A/taskInstances/work"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", RUN, None),
        ("PATCH", RUN, {"state": "failed"}),
        ("PATCH", RUN, {"state": "success"}),
        ("PATCH", WORK, {"new_state": "failed", "dry_run": False}),
        ("PATCH", WORK, {"new_state": "success", "dry_run": False}),
        ("PATCH", POOL + "?update_mask=slots", {"slots": 2}),
    ],
)
@pytest.mark.parametrize("after", [1.5, 60])
def test_whatever_frees_a_slot_lets_others_in(deploy: Deploy, method: str, path: str, body: Any, after: float) -> None:
    """While the one that holds the slot is queued, or runs; those who wait are another run's and another DAG's."""
    call = deploy(world({"d": [task("work")], "e": [task("work")]}, slots=1) | {"plans": {"d": {"work": 5000}}})
    trigger(call, "d", "A", 1)
    trigger(call, "e", "C", 3)
    call.deployment.clock.advance(after)
    assert (state_of(call, "A"), state_of(call, "C")) == ("queued" if after < 2 else "running", "scheduled")
    answer = call(method, path, json=body) if body is not None else call(method, path)
    assert answer.status_code in (200, 204)
    call.deployment.clock.advance(10)

    assert state_of(call, "C") == "success"


def test_queued_task_that_is_cleared_stands_in_line_again(deploy: Deploy) -> None:
    call = deploy(world({"d": [task("work")], "e": [task("work", 9)]}, slots=1))
    trigger(call, "d", "A", 1)
    call.deployment.clock.advance(1)
    trigger(call, "e", "C", 3)
    call.deployment.clock.advance(0.5)
    assert state_of(call, "A") == "queued"
    body = {"dry_run": False, "dag_run_id": "A", "only_failed": False, "reset_dag_runs": False}
    assert call.post("/api/v1/dags/d/clearTaskInstances", json=body).status_code == 200
    call.deployment.clock.advance(30)

    assert in_turn(call) == ["C work", "A work"]
