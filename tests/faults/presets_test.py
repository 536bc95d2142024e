"""The presets: troubles that people know, in one call."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.faults.presets import PRESETS

BASE = "http://airflow.example"
URL = BASE + "/api/v1/dags"


@pytest.fixture
def outcomes(airflow):
    """What so many calls came to: a status, or the error's name."""

    def call(count, method="GET", path="/api/v1/dags", **more):
        found = []
        with airflow.intercept(BASE):
            for _ in range(count):
                try:
                    answer = requests.request(method, BASE + path, headers=airflow.headers, **more)
                    found.append(answer.status_code)
                except requests.RequestException as error:
                    found.append(type(error).__name__)
        return found

    return call


@pytest.mark.parametrize("name", PRESETS)
def test_each_is_a_list_of_rules_and_may_be_for_some_calls_only(airflow, outcomes, name):
    rules = airflow.faults.preset(name, where="get_pools")

    assert [rule.id for rule in airflow.faults.list()] == [rule.id for rule in rules]
    assert {(rule.preset, rule.where.text) for rule in rules} == {(name, "get_pools")}
    assert outcomes(3) == [200, 200, 200]


def test_flaky_gateway(airflow, outcomes):
    airflow.faults.preset("flaky-gateway")
    reads, writes = Counter(outcomes(300)), Counter(outcomes(100, "POST", json={}, path="/api/v1/pools"))

    assert reads[200] > 210
    assert {502, 503, "ConnectionError", "ChunkedEncodingError"} < set(reads)
    assert {502, 503, 504} < set(writes)


def test_airflow_restarting(airflow, outcomes):
    airflow.faults.preset("airflow-restarting")

    assert outcomes(3) == ["ConnectionError", 502, 502]
    airflow.clock.advance(20)
    assert outcomes(2) == [503, 503]
    airflow.clock.advance(10)
    before = airflow.clock.now()
    assert outcomes(5) == [200] * 5
    assert (airflow.clock.now() - before).total_seconds() == 12


def test_client_outlives_a_restart(airflow, monkeypatch):
    """With urllib3's retries, on the deployment's clock; no time is spent."""
    monkeypatch.setattr("urllib3.util.retry.time.sleep", airflow.clock.advance)
    airflow.faults.preset("airflow-restarting")
    with requests.Session() as session, airflow.intercept(BASE):
        retry = requests.adapters.Retry(12, status_forcelist=[502], backoff_factor=1)
        session.mount(BASE, requests.adapters.HTTPAdapter(max_retries=retry))
        assert session.get(URL, headers=airflow.headers).status_code == 200

    assert {call.status for call in airflow.calls} >= {0, 502, 200}


def test_webserver_overloaded(airflow, outcomes):
    airflow.faults.preset("webserver-overloaded")
    seen = Counter(outcomes(77))
    airflow.faults.clear()
    airflow.faults.preset("webserver-overloaded")

    assert seen[504] == 7
    assert seen[503] == 10
    assert set(seen) == {200, 503, 504}
    assert set(outcomes(11, timeout=30)) >= {200, 503, "ReadTimeout"}


def test_token_expires_mid_poll():
    with MockAirflow(profile="datacoves", clock="2025-06-01T12:00:00Z", frozen=True) as airflow:
        airflow.add_dag("etl", tasks=("one",))
        airflow.faults.preset("token-expires-mid-poll")
        headers, seen = airflow.headers, []
        run = airflow.trigger("etl")
        with airflow.intercept(BASE):
            for _ in range(60):
                answer = requests.get(f"{URL}/etl/dagRuns/{run.run_id}", headers=headers)
                seen.append(answer.status_code)
                if answer.status_code == 401:
                    headers = {"Authorization": f"Token {airflow.keys.create().secret}"}
                elif answer.json()["state"] == "success":
                    break
                airflow.clock.advance(1)

    assert seen[:4] == [200, 200, 401, 200]
    assert seen.count(401) == 1


def test_page_drift(airflow, ask):
    airflow.faults.preset("page-drift")
    seen = []
    for offset in (0, 2, 4):
        told = json.loads(ask("GET", f"/api/v1/dags?limit=2&offset={offset}&order_by=dag_id").body)
        seen.append(("".join(dag["dag_id"] for dag in told["dags"]), told["total_entries"]))

    assert seen == [("ab", 5), ("bc", 6), ("", 4)]
