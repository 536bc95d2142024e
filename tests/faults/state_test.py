"""Effects on what a request finds: earlier states, drifting pages, ended credentials, repeated and lost writes."""

from __future__ import annotations

import json

import pytest
import requests

from mock_airflow import MockAirflow
from tests.support import Deploy

POOL = b'{"name": "p", "slots": 1}'


def names(reply):
    return [dag["dag_id"] for dag in json.loads(reply.body)["dags"]]


def test_lost_answer_is_carried_out(airflow, ask):
    airflow.faults.add("POST *", lost_answer=True, times=1)
    reply = ask("POST", "/api/v1/pools", POOL)
    lost = airflow.calls[0]

    assert reply.delivery is not None
    assert not reply.delivery.head
    assert (lost.status, lost.response_body, lost.decision) == (0, "", "faulted")
    assert [change.table for change in lost.changes if change.table == "pools"] == ["pools"]
    assert ask("POST", "/api/v1/pools", POOL).status == 409, "as a client finds out that tries again"


def test_gateways_patience_ends_before_the_write(airflow, ask):
    airflow.faults.add("POST *", lost_answer=True, status=504)
    reply = ask("POST", "/api/v1/pools", POOL)

    assert (reply.status, reply.delivery) == (504, None)
    assert ask("GET", "/api/v1/pools/p").status == 200


def test_duplicate_delivery(airflow, ask):
    airflow.faults.add("*", duplicate=True)

    assert ask("POST", "/api/v1/pools", POOL).status == 409, "the second of the two finds the first one's pool"
    airflow.clock.unfreeze()
    assert ask("POST", "/api/v1/dags/a/dagRuns", b"{}").status == 200
    assert json.loads(ask("GET", "/api/v1/dags/a/dagRuns").body)["total_entries"] == 2
    assert airflow.faults.list()[0].seen == 2, "reads are none of its business"


def test_stale_reads_stay_where_the_rule_began(airflow, ask):
    rule = airflow.faults.add("get_dags", stale=True)
    airflow.add_dag("f")
    airflow.clock.advance(hours=1)

    assert names(ask()) == ["a", "b", "c", "d", "e"]
    assert ask("GET", "/api/v1/dags/f").status == 200, "another operation"
    airflow.faults.heal(rule)
    assert names(ask()) == ["a", "b", "c", "d", "e", "f"]


def test_replica_lags_behind_on_the_clock(airflow, ask):
    airflow.faults.add("GET *", stale=5)

    assert ask("POST", "/api/v1/pools", POOL).status == 200
    assert ask("GET", "/api/v1/pools/p").status == 404
    airflow.clock.advance(4.9)
    assert ask("GET", "/api/v1/pools/p").status == 404
    airflow.clock.advance(0.1)
    assert ask("GET", "/api/v1/pools/p").status == 200
    assert ask("DELETE", "/api/v1/pools/p").status == 204, "writes find what is there"
    assert ask("GET", "/api/v1/pools/p").status == 200


def test_runs_live_on_in_a_state_that_lags(airflow, ask):
    run = airflow.trigger("a")
    path = f"/api/v1/dags/a/dagRuns/{run.run_id}"
    airflow.faults.add("GET *", stale=600)

    def state():
        return json.loads(ask("GET", path).body)["state"]

    assert state() == "queued"
    airflow.clock.advance(minutes=9)
    assert (state(), airflow.dag_run("a", run.run_id).state) == ("queued", "success")
    airflow.clock.advance(minutes=10)
    assert state() == "success"


def test_earlier_states_that_are_kept_stay_few(airflow, ask):
    airflow.faults.add("GET *", stale=70)
    for number in range(90):
        ask("POST", "/api/v1/pools", b'{"name": "%d", "slots": 1}' % number)
        airflow.clock.advance(1)
    pools = json.loads(ask("GET", "/api/v1/pools").body)["total_entries"] - 1

    assert 15 <= pools <= 21, "as of 70 s ago, or a little before"
    assert len(airflow.deployment.faults.history) <= 65


def paged(ask, total=5):
    """All rows as a client reads them that pages by twos, and the totals that it is told."""
    rows, totals, offset = [], [], 0
    while offset < total:
        told = json.loads(ask("GET", f"/api/v1/dags?limit=2&offset={offset}&order_by=dag_id").body)
        rows += [dag["dag_id"] for dag in told["dags"]]
        totals.append(total := told["total_entries"])
        offset += 2
    return "".join(rows), totals


@pytest.mark.parametrize(
    ("drift", "rows", "totals"),
    [
        ("added", "abbcde", [5, 6, 6]),
        ("removed", "abde", [5, 4]),
        ("reordered", "abbcd", [5, 5, 5]),
        ({"removed": 2}, "abe", [5, 3]),
    ],
)
def test_pages_drift(airflow, ask, drift, rows, totals):
    airflow.faults.add("get_dags", drift=drift)

    assert paged(ask) == (rows, totals)
    airflow.faults.clear()
    assert paged(ask) == ("abcde", [5, 5, 5])


def test_drift_counts_only_pages_after_the_first(airflow, ask):
    airflow.faults.add("get_dags", drift="removed", times=1)
    ask()
    ask("GET", "/api/v1/dags?offset=0")

    assert [airflow.faults.list()[0].seen, paged(ask)[0]] == [0, "abde"]
    assert airflow.calls[-1].query == "limit=2&offset=2&order_by=dag_id", "the journal tells what was asked"


def test_key_expires():
    with MockAirflow(profile="datacoves") as airflow:
        airflow.faults.add("*", expire_credential=True, after=1, times=1)
        url = airflow.api_url + "/dags"
        old = [requests.get(url, headers=airflow.headers, timeout=20).status_code for _ in range(3)]
        new = {"Authorization": f"Token {airflow.keys.create().secret}"}

        assert old == [200, 401, 401]
        assert requests.get(url, headers=new, timeout=20).status_code == 200
        assert "expired" in airflow.calls[1].reason


def test_token_expires_and_the_next_one_is_good():
    with MockAirflow(profile="airbyte") as airflow:
        airflow.faults.add("*/dags", expire_credential=True, after=1, times=1)
        url, token = airflow.api_url + "/dags", airflow.headers
        seen = [requests.get(url, headers=token, timeout=20).status_code for _ in range(3)]

        assert seen == [200, 401, 401]
        assert requests.get(url, headers=airflow.headers, timeout=20).status_code == 200


def test_password_becomes_another(airflow, ask):
    viewer = airflow.principal("Viewer")
    airflow.faults.add("*", expire_credential=True, principal="viewer", times=1)

    assert ask(headers=viewer.headers).status == 403
    assert ask().status == 200
    again = airflow.principal("Viewer")
    assert ask(headers=again.headers).status == 200


def test_session_ends_and_the_password_stays(airflow, ask):
    admin = airflow.deployment.airflow.users.get("admin")
    cookie = {"Cookie": f"session={airflow.deployment.sessions.begin(admin).secret}"}
    assert ask(headers=cookie).status == 200
    airflow.faults.add("*", expire_credential=True, times=1)

    assert [ask(headers=cookie).status, ask().status] == [403, 200]


def test_nobodys_credential_cannot_expire(airflow, ask):
    airflow.faults.add("*", expire_credential=True)

    assert ask(headers={}).status == 403
    assert airflow.faults.list()[0].seen == 0


def test_a_stale_read_outlives_its_rules(deploy: Deploy) -> None:
    call = deploy()
    faults = call.deployment.faults
    faults.add("GET /api/v1/pools", latency=1, stale=True)
    sleep = call.deployment.clock.sleep

    def cleared_meanwhile(seconds: float) -> None:
        faults.clear()
        sleep(seconds)

    call.deployment.clock.sleep = cleared_meanwhile
    assert call.get("/api/v1/pools").status_code == 200
