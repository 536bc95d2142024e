"""Runs that are triggered on a clock that stands still."""

from __future__ import annotations

import requests

from mock_airflow import MockAirflow


def test_two_triggers_at_one_moment_make_two_runs() -> None:
    with MockAirflow(airflow_version="3.3.2", frozen=True, clock="2025-01-01T00:00:00Z") as airflow:
        airflow.add_dag("etl", tasks=["a"])
        url = f"{airflow.api_url}/dags/etl/dagRuns"
        answers = [requests.post(url, json={"logical_date": None}, headers=airflow.headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.json()["dag_run_id"] for answer in answers}) == 3
