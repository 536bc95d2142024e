"""The setting ``read_only``: what reads works, and nothing changes, by whichever way it is asked for."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from tests.profiles.mwaa.asking import Aws

PLAIN = [{}, {"airflow_version": "3.3.2"}, {"profile": "datacoves"}, {"profile": "astronomer-software"}]
OF_READERS = ("tokens", "limits", "sessions", "keys", "users")


def made(**settings: Any) -> MockAirflow:
    return MockAirflow(read_only=True, frozen=True, clock="2025-01-01T06:00:00Z", world="etl", **settings)


def state(airflow: MockAirflow) -> Any:
    """All rows of Airflow's."""
    tables = airflow.deployment.airflow.tables
    return {name: list(tables[name]) for name in tables if name not in OF_READERS}


@pytest.mark.parametrize("settings", PLAIN, ids=["2", "3", "gate", "houston"])
def test_reads_work_and_writes_change_nothing(settings: dict[str, str]) -> None:
    with made(**settings) as airflow:
        headers = airflow.headers
        dag = requests.get(f"{airflow.api_url}/dags", headers=headers).json()["dags"][0]["dag_id"]
        before = state(airflow)
        writes: list[tuple[str, str, Any]] = [
            ("POST", f"/dags/{dag}/dagRuns", {"logical_date": None} if "airflow_version" in settings else {}),
            ("PATCH", f"/dags/{dag}", {"is_paused": True}),
            ("DELETE", f"/dags/{dag}", None),
            ("POST", "/variables", {"key": "k", "value": "v"}),
            ("POST", "/pools", {"name": "p", "slots": 1, "description": "", "include_deferred": False}),
        ]
        for method, path, body in writes:
            answer = requests.request(method, airflow.api_url + path, json=body, headers=headers)

            assert answer.status_code == 403, (path, answer.text)
            assert "this Mock Airflow is read-only (the setting read_only)" in answer.json()["detail"]
            assert "without --read-only" in answer.json()["detail"]
            call = airflow.calls[-1]
            assert (call.decision, call.rule) == ("refused", "read_only")
            assert {change.table for change in call.changes} <= {"keys", "users"}  # that they were used
        assert state(airflow) == before
        listed = requests.post(f"{airflow.api_url}/dags/~/dagRuns/list", json={}, headers=headers)
        assert listed.status_code == 200, listed.text


def test_what_airflow_refuses_by_itself_it_refuses_in_its_own_words() -> None:
    with made() as airflow:
        before = state(airflow)
        for path, status in (("/dags/none/dagRuns", 404), ("/pools", 400)):
            answer = requests.post(airflow.api_url + path, json={}, headers=airflow.headers)
            assert answer.status_code == status
            assert "read-only" not in answer.text
        assert requests.post(f"{airflow.api_url}/pools", json={"name": "p", "slots": 1}).status_code == 403
        assert airflow.calls[-1].rule != "read_only"  # nobody knows who that was
        assert state(airflow) == before  # the audit log among it, which Airflow writes such calls to


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/clock", {"frozen": False}),
        ("POST", "/clock/advance", {"seconds": 60}),
        ("POST", "/reset", None),
        ("POST", "/world", {"pools": [{"name": "p", "slots": 1}]}),
        ("POST", "/keys", {"name": "k"}),
        ("PUT", "/limits", {"limit": "1/hour"}),
        ("POST", "/faults", {"where": "*", "status": 503}),
        ("POST", "/snapshot", None),
        ("DELETE", "/journal", None),
        ("POST", "/tokens/expire", None),
    ],
)
def test_the_control_api_only_tells(method: str, path: str, body: Any) -> None:
    with made() as airflow:
        requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)
        before, now, calls = state(airflow), airflow.clock.now(), len(airflow.calls)

        answer = requests.request(method, f"{airflow.url}/__mock__{path}", json=body)

        assert answer.status_code == 403, answer.text
        assert "is read-only (the setting read_only)" in answer.json()["detail"]
        assert (state(airflow), airflow.clock.now(), len(airflow.calls)) == (before, now, calls)
        assert airflow.clock.frozen
        for read in ("/clock", "/journal", "/keys", "/limits", "/faults", "/health", "/ready"):
            assert requests.get(f"{airflow.url}/__mock__{read}").status_code == 200


@pytest.mark.parametrize("form", ["clock/run", "world/snapshot", "world/reset"])
def test_the_console_only_tells(form: str) -> None:
    with made() as airflow:
        page = f"{airflow.url}/__mock__/page/{form.partition('/')[0]}"
        before, now = state(airflow), airflow.clock.now()
        assert requests.get(page).status_code == 200

        told = requests.post(f"{airflow.url}/__mock__/page/{form}", data={"by": "1h"}, headers={"Referer": page})

        assert "read-only (the setting read_only)" in told.text  # where the form stands
        assert (state(airflow), airflow.clock.now()) == (before, now)


def test_waiting_for_a_run_does_not_move_a_clock_that_stands_still() -> None:
    with made(airflow_version="3.3.2") as airflow:
        run = airflow.trigger(next(iter(airflow.deployment.airflow.dags)).dag_id)  # a test's own process may
        now = airflow.clock.now()

        url = f"{airflow.api_url}/dags/{run.dag_id}/dagRuns/{run.run_id}/wait?interval=1"
        answer = requests.get(url, headers=airflow.headers)

        assert (answer.status_code, len(answer.text.splitlines())) == (200, 1)
        assert airflow.clock.now() == now


@pytest.mark.parametrize("effect", [{"latency": 30}, {"drip": 30}], ids=["latency", "drip"])
def test_what_is_slow_does_not_move_a_clock_that_stands_still(effect: dict[str, Any]) -> None:
    with made() as airflow:
        airflow.faults.add("GET *", **effect)
        now = airflow.clock.now()

        answer = requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)

        assert (answer.status_code, len(airflow.calls[-1].faults)) == (200, 1)
        assert airflow.clock.now() == now


def test_a_command_line_only_tells() -> None:
    with made(profile="mwaa") as airflow:
        aws, before = Aws(airflow), state(airflow)

        refused = aws.run("variables set colour blue")

        assert (refused.status_code, "is read-only" in refused.text) == (403, True)
        assert state(airflow) == before
        assert aws.run("dags list").status_code == 200


def test_tokens_are_still_handed_out() -> None:
    with made(airflow_version="3.3.2") as airflow:
        answer = requests.post(f"{airflow.url}/auth/token", json=airflow.credentials)
        assert answer.status_code == 201, answer.text
