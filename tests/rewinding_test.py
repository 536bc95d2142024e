"""Going back to just before a call: rows in their order, ids, clock, limits, faults, and what was done between."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings, strategies as st

from mock_airflow.errors import JournalError
from mock_airflow.testing.mock import MockAirflow
from tests.support import Deploy

WORLD = {
    "dags": [
        {"dag_id": "etl", "tasks": ["one", "two"], "schedule": "@hourly", "start_date": "2025-06-01T00:00:00+00:00"},
        {"dag_id": "other", "tasks": ["one"]},
    ],
    "pools": [{"name": name, "slots": 1} for name in "abcd"],
    "variables": [{"key": name, "value": "1"} for name in "abcd"],
}
NEW = itertools.count()
LISTS = ("/pools", "/variables", "/dags", "/dags/~/dagRuns", "/dags/etl/dagRuns", "/eventLogs", "/datasets")


def everything(call: Any) -> Any:
    """All that can be seen, through an independent copy so that looking changes nothing."""
    copy = type(call)(call.deployment.fork())
    airflow = copy.deployment.airflow
    state = {name: [*table] for name, table in airflow.tables.items() if name != "limits"}
    kept = airflow.serials.copy(), airflow.ids.drawn, airflow.clock.now()
    rules = copy.deployment.limits.terms, copy.deployment.faults.rules
    copy.deployment.limits.set(None)
    copy.deployment.faults.clear()
    return state, kept, rules, [copy.get(f"/api/v1{path}").get_json() for path in LISTS]


STEPS: dict[str, Callable[[Any], object]] = {
    "trigger": lambda call: call.post("/api/v1/dags/etl/dagRuns", json={}),
    "trigger other": lambda call: call.post("/api/v1/dags/other/dagRuns", json={}),
    "delete a pool": lambda call: call.delete("/api/v1/pools/b"),
    "add a pool": lambda call: call.post("/api/v1/pools", json={"name": "b", "slots": 3}),
    "delete a variable": lambda call: call.delete("/api/v1/variables/a"),
    "add a variable": lambda call: call.post("/api/v1/variables", json={"key": "a", "value": "2"}),
    "delete a DAG": lambda call: call.delete("/api/v1/dags/other"),
    "unpause": lambda call: call.patch("/api/v1/dags/etl", json={"is_paused": False}),
    "refused": lambda call: call.post("/api/v1/pools", json={"name": "a", "slots": 3}),
    "unknown": lambda call: call.get("/api/v1/nothing"),
    "read": lambda call: call.get("/api/v1/dags/etl/dagRuns"),
    "advance": lambda call: call.deployment.clock.advance(3000),
    "limit": lambda call: call.deployment.limits.set("3/minute"),
    "fault": lambda call: call.deployment.faults.add("GET /api/v1/pools", status=503, times=1),
    "python": lambda call: MockAirflow.of(call.deployment).add_dag(f"dag_{next(NEW)}"),
    "snapshot and back": lambda call: call.deployment.restore(call.deployment.snapshot()),
    "reset clock": lambda call: call.deployment.clock.set(call.deployment.clock.now()),
}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=10), data=st.data())
def test_goes_back_to_exactly_what_a_call_found(deploy: Deploy, names: list[str], data: Any) -> None:
    call = deploy(WORLD)
    found: dict[int, Any] = {}
    for name in names:
        before, count = everything(call), len(call.deployment.journal)
        STEPS[name](call)
        if len(call.deployment.journal) > count:
            found[len(call.deployment.journal)] = before
    for number in data.draw(st.permutations(sorted(found))):
        call.deployment.rewind(number)

        assert everything(call) == found[number]


def test_same_call_gives_the_same_answer_again(deploy: Deploy) -> None:
    call = deploy(WORLD)
    call.get("/api/v1/dags")
    first = call.post("/api/v1/dags/other/dagRuns", json={}).get_json()
    call.post("/api/v1/dags/other/dagRuns", json={"dag_run_id": "another"})
    call.deployment.clock.advance(900)

    call.deployment.rewind(2)

    assert call.get("/api/v1/dags/other/dagRuns").get_json()["total_entries"] == 0
    call.deployment.rewind(2)
    assert call.post("/api/v1/dags/other/dagRuns", json={}).get_json() == first


def test_what_limits_counted_goes_back_too(deploy: Deploy) -> None:
    for algorithm in ("token-bucket", "fixed-window", "sliding-window", "sliding-counter"):
        call = deploy(rate_limit="2/minute", limit_algorithm=algorithm)
        statuses = [call.get("/api/v1/dags").status_code for _ in range(3)]
        assert statuses == [200, 200, 429]

        call.deployment.rewind(2)

        assert [call.get("/api/v1/dags").status_code for _ in range(2)] == [200, 429]


def test_long_histories_are_cut_into_stretches(deploy: Deploy) -> None:
    call = deploy(WORLD)
    for number in range(400):  # each is a login, and every tenth a pool that comes or goes
        if number % 20 == 0:
            call.post("/api/v1/pools", json={"name": "new", "slots": 1})
        elif number % 20 == 10:
            call.delete("/api/v1/pools/new")
        else:
            call.get("/api/v1/pools")

    for number, there in ((15, False), (295, True), (1, False), (400, False), (30, True)):
        there = (number - 1) % 20 in range(1, 11)
        call.deployment.rewind(number)
        names = [pool["name"] for pool in call.get("/api/v1/pools").get_json()["pools"]]
        assert ("new" in names) == there


def test_call_that_is_not_known_is_refused_and_changes_nothing(deploy: Deploy) -> None:
    call = deploy(WORLD, journal_size=2)
    for number in range(4):
        call.post("/api/v1/pools", json={"name": f"new_{number}", "slots": 1})

    for number in (1, 5, 0):
        with pytest.raises(JournalError, match="the journal has 3 to 4"):
            call.deployment.rewind(number)
    answer = call.post("/__mock__/rewind/2", by=None)
    assert (answer.status_code, "journal_size" in answer.get_json()["detail"]) == (404, True)
    assert call.post("/__mock__/rewind/x", by=None).status_code == 404
    assert "new_3" in call.deployment.airflow.pools
    assert call.post("/__mock__/rewind/3", by=None).status_code == 204
    assert "new_1" in call.deployment.airflow.pools
    assert "new_2" not in call.deployment.airflow.pools


def test_mock_rewinds_by_number_and_by_entry_and_forks() -> None:
    with MockAirflow() as airflow:
        airflow.add_dag("etl", tasks=("one",))
        requests.get(airflow.api_url + "/dags", headers=airflow.headers)
        requests.post(airflow.api_url + "/dags/etl/dagRuns", json={}, headers=airflow.headers)
        fork = airflow.fork()

        airflow.rewind(airflow.calls[-1])
        assert len(airflow.deployment.airflow.dag_runs) == 0
        assert len(airflow.calls) == 2
        airflow.add_dag("later")
        airflow.rewind(1)
        assert "etl" in airflow.deployment.airflow.dags
        assert "later" not in airflow.deployment.airflow.dags

        assert len(fork.deployment.airflow.dag_runs) == 1
        assert fork.calls == []


def test_snapshots_over_the_wire(deploy: Deploy) -> None:
    call = deploy(WORLD)
    kept = call.post("/__mock__/snapshot", by=None).get_json()
    assert kept == {"id": 1, "name": "", "at": "2025-06-01T12:00:00+00:00"}
    for _ in range(2):
        call.delete("/api/v1/pools/a")

        assert call.post("/__mock__/restore/1", by=None).status_code == 204
        assert call.get("/api/v1/pools/a").status_code == 200
    assert call.post("/__mock__/restore/2", by=None).status_code == 404
