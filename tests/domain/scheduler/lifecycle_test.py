"""The steps of a run under a scheduler, by the clock: queued, running, its end, and what it waits for."""

from __future__ import annotations

import pytest

from tests.domain.scheduler.past_world import WORLD, one, state_of, states, trigger, wait
from tests.support import Caller, Deploy


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD)


# the steps of a run


def test_run_goes_through_its_states_by_the_clock(call: Caller) -> None:
    trigger(call, "producer")
    seen = []
    for _ in range(6):
        seen.append((state_of(call, "producer"), one(call, "producer", "write")["state"]))
        wait(call, 1)

    assert seen == [
        ("queued", None),
        ("running", "queued"),
        ("running", "running"),
        ("running", "running"),
        ("running", "success"),
        ("success", "success"),
    ]


@pytest.mark.parametrize("step", [0.1, 0.7, 1000.0])
def test_history_is_the_same_however_often_somebody_looks(deploy: Deploy, step: float) -> None:
    call = deploy(WORLD)
    trigger(call, "flaky")
    for _ in range(int(100 / step) + 1):
        state_of(call, "flaky")
        wait(call, step)

    told = one(call, "flaky", "boom")
    assert (told["start_date"], told["end_date"]) == ("2025-06-01T12:00:36+00:00", "2025-06-01T12:00:40+00:00")
    assert call.get("/api/v1/dags/flaky/dagRuns/new").get_json()["end_date"] == "2025-06-01T12:00:41+00:00"


def test_instant_run_is_over_at_once(deploy: Deploy) -> None:
    call = deploy(WORLD, runs="instant")
    trigger(call, "branchy")
    assert state_of(call, "branchy") == "success"
    assert one(call, "branchy", "spread/1")["end_date"] == "2025-06-01T12:00:00+00:00"


def test_run_without_task_instances_is_a_success(call: Caller) -> None:
    trigger(call, "ended")
    wait(call, 1)
    assert states(call, "ended") == {}
    assert state_of(call, "ended") == "success"


def test_run_of_the_future_stays_queued_until_then(call: Caller) -> None:
    trigger(call, "plain", logical_date="2025-06-02T00:00:00Z")
    wait(call, 3600)
    assert state_of(call, "plain") == "queued"
    wait(call, 24 * 3600)
    assert state_of(call, "plain") == "success"


def test_paused_dag_starts_nothing_new(call: Caller) -> None:
    trigger(call, "report")
    wait(call, 2.5)
    call.patch("/api/v1/dags/report", json={"is_paused": True})
    wait(call, 100)
    assert states(call, "report") == {"collect": ["success"], "kick": [None]}
    call.patch("/api/v1/dags/report", json={"is_paused": False})
    wait(call, 100)
    assert state_of(call, "report") == "success"


def test_tasks_share_the_slots_of_their_pool(call: Caller) -> None:
    trigger(call, "branchy")
    wait(call, 7.5)
    assert sorted(states(call, "branchy")["spread"]) == ["running", "scheduled"]
    wait(call, 20)
    assert state_of(call, "branchy") == "success"


def test_task_of_a_missing_pool_waits_until_there_is_one(call: Caller) -> None:
    assert call.delete("/api/v1/pools/narrow").status_code == 204
    trigger(call, "branchy")
    wait(call, 1000)
    assert states(call, "branchy")["spread"] == ["scheduled", "scheduled"]
    call.post("/api/v1/pools", json={"name": "narrow", "slots": 2})
    wait(call, 20)
    assert state_of(call, "branchy") == "success"
