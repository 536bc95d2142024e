"""Runs of an Airflow 3 on a clock that stands still: their moments, and waits that cannot end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow


@pytest.fixture
def airflow() -> Iterator[MockAirflow]:
    with MockAirflow(airflow_version="3.3.2", frozen=True, clock="2025-01-01T00:00:00Z") as mock:
        mock.add_dag("etl", tasks=["a"])
        yield mock


def _trigger(airflow: MockAirflow, **body: Any) -> requests.Response:
    url = f"{airflow.api_url}/dags/etl/dagRuns"
    return requests.post(url, json={"logical_date": None, **body}, headers=airflow.headers)


def test_a_moment_that_is_asked_for_stays_and_its_id_can_be_taken(airflow: MockAirflow) -> None:
    first, second = (_trigger(airflow, run_after="2025-02-01T00:00:00Z") for _ in range(2))

    assert first.json()["run_after"] == "2025-02-01T00:00:00Z"
    assert second.status_code == 409
    assert second.json()["detail"]["reason"] == "Unique constraint violation"


def test_two_runs_may_share_a_moment_under_names_of_their_own(airflow: MockAirflow) -> None:
    runs = [_trigger(airflow, run_after="2025-02-01T00:00:00Z", dag_run_id=name).json() for name in ("one", "two")]

    assert [run["run_after"] for run in runs] == ["2025-02-01T00:00:00Z"] * 2


def test_waiting_moves_the_clock_to_the_runs_end(airflow: MockAirflow) -> None:
    run_id = _trigger(airflow).json()["dag_run_id"]

    answer = requests.get(f"{airflow.api_url}/dags/etl/dagRuns/{run_id}/wait?interval=5", headers=airflow.headers)

    assert answer.text.splitlines()[-1] == '{"state": "success"}'
    assert airflow.dag_run("etl", run_id).state == "success"


def test_waiting_for_what_cannot_end_leaves_the_clock_where_it_is(airflow: MockAirflow) -> None:
    requests.patch(f"{airflow.api_url}/dags/etl", json={"is_paused": True}, headers=airflow.headers)
    run_id = _trigger(airflow).json()["dag_run_id"]
    before = airflow.clock.now()

    answer = requests.get(f"{airflow.api_url}/dags/etl/dagRuns/{run_id}/wait?interval=5", headers=airflow.headers)

    assert {*answer.text.splitlines()} == {'{"state": "queued"}'}
    assert (airflow.clock.now() - before).total_seconds() <= 5


def test_a_role_that_may_do_nothing_is_met_with_the_fab_auth_manager_alone() -> None:
    fab = MockAirflow(airflow_version="3.3.2", auth_manager="fab", frozen=True)

    assert fab.failures.look("missing-role").status == 403
