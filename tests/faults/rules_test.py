"""Which calls a fault rule hits, how often, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import FaultError


@pytest.mark.parametrize(
    ("where", "hit", "passed"),
    [
        ("*", ("GET", "/api/v1/dags"), None),
        ("GET /api/v1/dags*", ("GET", "/api/v1/dags/a/tasks"), ("POST", "/api/v1/dags/a/dagRuns")),
        ("/api/v1/dags", ("PATCH", "/api/v1/dags"), ("GET", "/api/v1/dags/a")),
        ("get /api/v1/dags/*/tasks", ("GET", "/api/v1/dags/a/tasks"), ("GET", "/api/v1/dags/a/details")),
        ("GET *?*limit=2*", ("GET", "/api/v1/dags?limit=2"), ("GET", "/api/v1/dags")),
        ("get_dags", ("GET", "/api/v1/dags"), ("GET", "/api/v1/dags/a")),
        ("post_dag_run", ("POST", "/api/v1/dags/a/dagRuns"), ("GET", "/api/v1/dags/a/dagRuns")),
    ],
)
def test_rule_is_for_the_calls_that_it_names(airflow, ask, where, hit, passed):
    airflow.faults.add(where, status=599)

    assert ask(*hit).status == 599
    if passed is not None:
        assert ask(*passed).status != 599


def test_control_api_is_never_hit(airflow, ask):
    airflow.faults.add("*", status=599)

    assert ask("GET", "/__mock__/health").status == 200


def test_path_below_a_mount_is_known_with_and_without_it(airflow, ask):
    airflow.faults.add("GET /team-a/api/v1/dags", status=598, times=1)
    airflow.faults.add("GET /api/v1/dags", status=599)

    answers = [ask("GET", "/team-a/api/v1/dags", mount="/team-a").status for _ in range(2)]
    assert answers == [598, 599]


@pytest.mark.parametrize(
    ("conditions", "pattern"),
    [
        ({}, "xxxxxx"),
        ({"times": 2}, "xx...."),
        ({"after": 2}, "..xxxx"),
        ({"after": 1, "times": 1}, ".x...."),
        ({"every": 3}, "..x..x"),
        ({"every": 2, "after": 1, "times": 1}, "..x..."),
    ],
)
def test_calls_are_counted(airflow, statuses, conditions, pattern):
    rule = airflow.faults.add("get_dags", status=599, **conditions)

    assert "".join("x" if status == 599 else "." for status in statuses(6)) == pattern
    (counted,) = airflow.faults.list()
    assert (counted.id, counted.fired) == (rule.id, pattern.count("x"))


def test_other_calls_are_not_counted(airflow, ask):
    airflow.faults.add("get_dags", status=599, after=1)
    ask("GET", "/api/v1/pools")

    assert [ask().status, ask().status] == [200, 599]


def test_chance_comes_from_the_seed():
    def fired(seed: int) -> list[bool]:
        mock = MockAirflow(seed=seed)
        mock.faults.add("*", status=599, chance=0.5)
        with mock.intercept("http://airflow.example"):
            return [requests.get("http://airflow.example/api/v1/health").status_code == 599 for _ in range(40)]

    assert fired(1) == fired(1) != fired(2)
    assert 8 < sum(fired(1)) < 32


def test_rules_draw_nothing_from_the_ids_of_the_deployment(airflow, ask):
    drawn = airflow.deployment.ids.drawn
    airflow.faults.add("*", status=599, chance=0.5, latency=[0, 2])
    airflow.faults.add("*", status=520)
    for _ in range(5):
        ask("GET", "/api/v1/health")

    assert airflow.deployment.ids.drawn == drawn


@pytest.mark.parametrize(
    "window",
    [
        {"since": 10, "until": 20},
        {"since": timedelta(seconds=10), "until": timedelta(seconds=20)},
        {"since": "2025-06-01T12:00:10Z", "until": "2025-06-01T14:00:20+02:00"},
        {"since": datetime(2025, 6, 1, 12, 0, 10, tzinfo=timezone.utc), "until": datetime(2025, 6, 1, 12, 0, 20)},
    ],
)
def test_window_on_the_clock(airflow, ask, window):
    airflow.faults.add("get_dags", status=599, **window)
    seen = []
    for seconds in (9.999, 0.001, 9.999, 0.001):
        airflow.clock.advance(seconds)
        seen.append(ask().status)

    assert seen == [200, 599, 599, 200]


def test_principal(airflow, ask):
    airflow.faults.add("get_dags", status=599, principal="viewer")
    viewer = airflow.principal("Viewer")
    before = airflow.deployment.airflow.users.get("viewer").login_count

    assert ask().status == 200
    assert ask(headers=viewer.headers).status == 599
    assert ask(headers={}).status == 403
    assert airflow.deployment.airflow.users.get("viewer").login_count == before, "looking must not count as a login"


def test_principal_by_its_credential():
    with MockAirflow(profile="datacoves") as airflow:
        key = airflow.keys.create(name="slow")
        airflow.faults.add("*", status=599, principal=f"key:{key.key.prefix}")
        answer = requests.get(airflow.api_url + "/dags", headers={"Authorization": f"Token {key.secret}"}, timeout=20)
        other = requests.get(airflow.api_url + "/dags", headers=airflow.headers, timeout=20)
    assert (answer.status_code, other.status_code) == (599, 200)


def test_first_rule_that_answers_keeps_the_call_from_the_later_ones(airflow, statuses):
    airflow.faults.add("get_dags", status=502, times=1)
    airflow.faults.add("get_dags", status=503, times=2)

    assert statuses(4) == [502, 503, 503, 200]


def test_rules_that_do_not_answer_act_together(airflow, ask):
    airflow.faults.add("get_dags", latency=3)
    airflow.faults.add("get_dags", headers={"X-One": "1"})
    answer = ask()

    assert ("X-One", "1") in answer.headers
    assert airflow.clock.now() == datetime(2025, 6, 1, 12, 0, 3, tzinfo=timezone.utc)
    assert [fault.id for fault in airflow.calls[0].faults] == [1, 2]


def test_heal_remove_and_clear(airflow, ask):
    first, second = airflow.faults.add("get_dags", status=502), airflow.faults.add("get_dags", status=503)
    assert ask().status == 502
    assert airflow.faults.heal(first).healed
    assert ask().status == 503
    assert airflow.faults.remove(second.id).fired == 1
    assert ask().status == 200
    assert [(rule.id, rule.fired) for rule in airflow.faults.list()] == [(1, 1)]
    airflow.faults.clear()
    assert airflow.faults.list() == []
    assert airflow.faults.add("*", status=500).id == 3
    with pytest.raises(FaultError, match="no fault rule 2; the rules are 3"):
        airflow.faults.heal(2)


def test_rules_and_counters_go_with_snapshot_restore_fork_and_reset(airflow, statuses):
    airflow.faults.add("get_dags", status=599, times=3)
    statuses(1)
    kept = airflow.snapshot()
    fork = MockAirflow.of(airflow.deployment.fork())
    assert statuses(3) == [599, 599, 200]

    airflow.restore(kept)
    assert airflow.faults.list()[0].fired == 1
    assert statuses(3) == [599, 599, 200]
    assert fork.faults.list()[0].fired == 1

    airflow.reset()
    assert airflow.faults.list() == []


def test_journal_tells_which_rule_fired(airflow, ask):
    rule = airflow.faults.add("GET /api/v1/dags*", status=503, retry_after=2, times=1)
    ask()
    ask()

    hit, passed = airflow.calls
    assert hit.faults == ((rule.id, "GET /api/v1/dags*: status 503, Retry-After 2, once"),)
    assert (hit.decision, hit.status, passed.decision, passed.faults) == ("faulted", 503, "answered", ())
    assert "rule 1 fired" in hit.reason
    assert hit.told()["faults"] == [{"id": 1, "text": rule.text}]


def test_reason_stands_in_the_header_where_that_is_asked_for():
    with MockAirflow(explain_header=True) as airflow, airflow.intercept("http://airflow.example"):
        airflow.faults.add("*", status=502)
        answer = requests.get("http://airflow.example/api/v1/dags")

    assert answer.headers["X-Mock-Airflow-Reason"] == "The fault rule 1 fired (*: status 502)."
