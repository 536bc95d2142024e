"""What a deployment has one of, such as its fault rules: it goes wherever the rest of the state goes."""

# ruff: noqa: PT012 - blocks are what is tested here

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client

from mock_airflow import MockAirflow
from mock_airflow.access.passwords import add_user
from mock_airflow.deployment import Deployment
from mock_airflow.errors import UnexpectedAnswerError
from tests.support import Deploy

WORLD = {
    "health": {"triggerer": {"status": "healthy", "latest_triggerer_heartbeat": "2025-06-01T12:00:00+00:00"}},
    "version": {"git_version": ".release:abc"},
    "users": [{"username": "vera", "password": "vera's own", "roles": [{"name": "Viewer"}]}],
    "limits": {"tiers": {"tiny": {"limit": "2/hour"}}, "limit": "100/minute"},
}


def merge_a_world(call: Any) -> None:
    assert call.post("/__mock__/world", json=WORLD, by=None).status_code < 300


CHANGES: dict[str, Callable[[Any], object]] = {
    "a merged world": merge_a_world,
    "a fault rule": lambda call: call.deployment.faults.add("GET /api/v1/pools", status=503, times=9),
    "a limit": lambda call: call.deployment.limits.set("50/minute"),
    "a tier": lambda call: call.deployment.limits.set_tier("growth"),
    "a known password": lambda call: add_user(call.deployment, "dora", "her own", "Op"),
    "a provoked failure": lambda call: MockAirflow.of(call.deployment).failures.provoke("wrong-scheme"),
}


def seen(deployment: Deployment) -> dict[str, Any]:
    """All that there is one of, and what clients are told of it; a copy is asked, so that nothing changes."""
    copy = deployment.fork()
    rules, terms, provoked = copy.faults.rules, copy.limits.terms, copy.provoked
    passwords = dict(copy.passwords)
    copy.faults.clear()
    copy.limits.set(None)
    client = Client(copy.wsgi)
    told = [client.get(f"/api/v1/{name}").get_json() for name in ("health", "version")]
    return {"told": told, "rules": rules, "terms": terms, "provoked": provoked, "passwords": passwords}


Way = Callable[[Any, Callable[[], object]], Deployment]
WAYS: dict[str, Way] = {}


def way(
    function: Callable[[Any, Callable[[], object]], Deployment],
) -> Callable[[Any, Callable[[], object]], Deployment]:
    WAYS[function.__name__] = function
    return function


@way
def reset(call: Any, change: Callable[[], object]) -> Deployment:
    change()
    call.deployment.reset()
    return call.deployment  # type: ignore[no-any-return]


@way
def restore(call: Any, change: Callable[[], object]) -> Deployment:
    before = call.deployment.snapshot()
    change()
    call.deployment.restore(before)
    return call.deployment  # type: ignore[no-any-return]


@way
def rewind(call: Any, change: Callable[[], object]) -> Deployment:
    call.get("/nowhere")
    number = call.deployment.journal.latest
    change()
    call.deployment.rewind(number)
    return call.deployment  # type: ignore[no-any-return]


@way
def fresh(call: Any, change: Callable[[], object]) -> Deployment:
    change()
    return call.deployment.fresh()  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("change", CHANGES)
def test_no_way_back_forgets_anything(deploy: Deploy, name: str, change: str) -> None:
    call = deploy(strict=True)
    before = seen(call.deployment)

    def do() -> None:
        CHANGES[change](call)
        assert seen(call.deployment) != before

    after = WAYS[name](call, do)

    assert seen(after) == before


@pytest.mark.parametrize("change", CHANGES)
def test_copies_and_later_snapshots_have_it(deploy: Deploy, change: str) -> None:
    call = deploy(strict=True)
    CHANGES[change](call)
    there = seen(call.deployment)
    snapshot, fork = call.deployment.snapshot(), call.deployment.fork()
    call.get("/nowhere")
    number = call.deployment.journal.latest

    call.deployment.reset()
    assert seen(call.deployment) != there
    call.deployment.restore(snapshot)
    assert seen(call.deployment) == seen(fork) == there
    assert number == 1 or change == "a merged world"


def test_rewound_calls_find_the_counters_of_a_rule(deploy: Deploy) -> None:
    call = deploy()
    call.deployment.faults.add("get_pools", status=503, after=1, times=1)
    statuses = [call.get("/api/v1/pools").status_code for _ in range(3)]

    call.get("/api/v1/dags")
    call.deployment.rewind(4)
    assert [rule.fired for rule in call.deployment.faults.rules] == [1]
    call.deployment.reset()
    assert call.deployment.faults.rules == ()
    assert statuses == [200, 503, 200]


def test_fault_rules_are_numbered_anew_after_a_reset(deploy: Deploy) -> None:
    call = deploy()
    assert [call.deployment.faults.add("*", latency=1).id for _ in range(2)] == [1, 2]
    call.deployment.faults.clear()
    assert call.deployment.faults.add("*", latency=1).id == 3
    call.deployment.reset()
    assert call.deployment.faults.add("*", latency=1).id == 1


def ask(airflow: MockAirflow, path: str, headers: dict[str, str]) -> int:
    return Client(airflow.deployment.wsgi).get(path, headers=headers).status_code


@pytest.mark.parametrize("back", ["reset", "restore", "rewind"])
def test_strict_mock_expects_a_failure_only_until_it_goes_back(back: str) -> None:
    with pytest.raises(UnexpectedAnswerError, match="a call was answered"), MockAirflow(strict=True) as airflow:
        before = airflow.snapshot()
        ask(airflow, "/api/v1/dags", airflow.headers)
        airflow.failures.provoke("wrong-scheme")
        assert ask(airflow, "/api/v1/dags", {}) == 403  # asked for, and stays so
        if back == "reset":
            airflow.reset()
        elif back == "restore":
            airflow.restore(before)
        else:
            airflow.rewind(1)
        assert ask(airflow, "/api/v1/dags", {}) == 403  # a refusal of access, which the failure had excused


def test_strict_mock_does_not_excuse_what_came_before_the_failure() -> None:
    with pytest.raises(UnexpectedAnswerError), MockAirflow(strict=True, profile="datacoves") as airflow:
        ask(airflow, "/api/v1/dags", {})
        airflow.failures.provoke("revoked")
    with MockAirflow(strict=True) as airflow:  # and what a rule did stays excused when the rule is gone
        airflow.faults.add("*", status=503, times=1)
        ask(airflow, "/api/v1/dags", airflow.headers)
        airflow.reset()


def test_a_delay_excuses_nothing_though_its_rule_is_gone() -> None:
    with pytest.raises(UnexpectedAnswerError), MockAirflow(strict=True, frozen=True) as airflow:
        airflow.faults.add("*", latency=1)
        ask(airflow, "/nowhere", airflow.headers)
        airflow.faults.clear()


def test_what_passwords_are_known_is_in_no_repr() -> None:
    with MockAirflow(user="vera:of-vera-alone:Viewer") as mock:
        rows = list(mock.deployment.airflow.singletons)
        assert "passwords" in {row.name for row in rows}
        assert "of-vera-alone" not in repr(rows)
