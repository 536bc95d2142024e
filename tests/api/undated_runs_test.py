"""Runs that are triggered without a date: each has a moment of its own, also while the clock stands."""

from __future__ import annotations

from typing import Any

import pytest

from mock_airflow import MockAirflow
from tests.support import Deploy

DAGS = {"dags": [{"dag_id": "etl", "tasks": ["one"]}, {"dag_id": "other", "tasks": ["one"]}]}
V1 = "/api/v1/dags/etl/dagRuns"
OLD = "/api/experimental/dags/etl/dag_runs"


def dates(call: Any) -> list[str]:
    runs = call.get(f"{V1}?order_by=execution_date").get_json()["dag_runs"]
    assert len({run["dag_run_id"] for run in runs}) == len(runs)
    return [run["logical_date"] for run in runs]


@pytest.mark.parametrize("mode", ["timed", "instant"])
def test_two_triggers_of_one_moment_are_two_runs(deploy: Deploy, mode: str) -> None:
    call = deploy(DAGS, runs=mode)
    answers = [call.post(V1, json={}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert dates(call) == [f"2025-06-01T12:00:00{part}+00:00" for part in ("", ".000001", ".000002")]
    if mode == "timed":
        call.deployment.clock.advance(60)
    states = [run["state"] for run in call.get(V1).get_json()["dag_runs"]]
    assert set(states) == {"success"} if mode == "instant" else "queued" not in states


def test_a_name_of_its_own_and_other_dags_are_no_matter(deploy: Deploy) -> None:
    call = deploy(DAGS)
    assert [call.post(V1, json={"dag_run_id": name}).status_code for name in ("a", "b", "a")] == [200, 200, 409]
    other = call.post("/api/v1/dags/other/dagRuns", json={}).get_json()
    assert other["logical_date"] == "2025-06-01T12:00:00+00:00"


def test_a_date_that_was_sent_is_refused_when_it_is_taken(deploy: Deploy) -> None:
    call = deploy(DAGS)
    body = {"logical_date": "2025-06-01T12:00:00+00:00"}
    assert [call.post(V1, json=each).status_code for each in (body, {}, body)] == [200, 200, 409]


def test_moment_is_free_of_runs_that_only_bear_its_name(deploy: Deploy) -> None:
    call = deploy(DAGS)
    named = {"dag_run_id": "manual__2025-06-01T12:00:00+00:00", "logical_date": "2024-01-01T00:00:00Z"}
    assert [call.post(V1, json=each).status_code for each in (named, {}, {})] == [200] * 3


def test_python_and_the_old_api_take_moments_too(deploy: Deploy) -> None:
    call = deploy(DAGS, enable_experimental_api=True)
    mock = MockAirflow.of(call.deployment)
    assert mock.trigger("etl").run_id != mock.trigger("etl").run_id
    assert [call.post(OLD, json={}).status_code for _ in range(2)] == [200] * 2  # in whole seconds
    assert [call.post(OLD, json={"replace_microseconds": "false"}).status_code for _ in range(2)] == [200] * 2

    assert len(dates(call)) == 6


def test_airflow_3_takes_moments_too(deploy: Deploy) -> None:
    mock = MockAirflow(airflow_version="3.3.2", clock="2025-06-01T12:00:00Z", frozen=True)
    mock.add_dag("etl", tasks=["one"])
    from werkzeug.test import Client

    client = Client(mock.deployment.wsgi)
    answers = [
        client.post("/api/v2/dags/etl/dagRuns", json={"logical_date": date}, headers=mock.headers)
        for date in (None, None, "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z")
    ]
    assert [answer.status_code for answer in answers] == [200] * 4, answers[-1].get_json()


def test_events_of_one_moment_make_two_runs(deploy: Deploy) -> None:
    world = {"dags": [{"dag_id": "etl", "tasks": ["one"], "schedule": ["s3://a"], "is_paused": False}]}
    call = deploy(world, runs="instant")
    for _ in range(2):
        assert call.post("/api/v1/datasets/events", json={"dataset_uri": "s3://a"}).status_code == 200

    assert len(dates(call)) == 2


def test_thousands_of_one_moment_cost_little_each(deploy: Deploy) -> None:
    mock = MockAirflow.of(deploy(DAGS, runs="manual").deployment)
    table, looked = mock.deployment.airflow.dag_runs, 0
    lookup = table.lookup

    def counted(*name: Any) -> Any:
        nonlocal looked
        looked += 1
        return lookup(*name)

    for _ in range(500):
        mock.trigger("etl")
    table.lookup = counted  # type: ignore[method-assign]
    mock.trigger("etl")
    assert looked < 30
