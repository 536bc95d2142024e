"""Ids that no Airflow has: a DAG's and a task's key, a run's id, a logical date without a zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from mock_airflow import MockAirflow
from mock_airflow.domain.errors import RunIdMalformedError
from mock_airflow.errors import ClockError, WorldError

EXCLUSIVELY = "has to be made of alphanumeric characters, dashes, dots and underscores exclusively"
NOBODYS = {
    "my dag": f"The key 'my dag' {EXCLUSIVELY}",
    "a/b": f"The key 'a/b' {EXCLUSIVELY}",
    "etl[1]": EXCLUSIVELY,
    "new\nline": EXCLUSIVELY,
    "k" * 251: "The key has to be less than 250 characters",
}


@pytest.mark.parametrize("key", NOBODYS)
def test_key_that_no_airflow_takes_is_refused_for_a_dag_and_a_task(key: str) -> None:
    with MockAirflow() as airflow:
        with pytest.raises(WorldError) as told:
            airflow.add_dag(key)
        assert NOBODYS[key] in str(told.value)
        with pytest.raises(WorldError) as told:
            airflow.add_dag("etl", tasks=["extract", key])
        assert NOBODYS[key] in str(told.value)
        assert "dags[0].tasks[1]" in str(told.value)
        assert list(airflow.deployment.airflow.dags) == []


@pytest.mark.parametrize("key", ["täglich.2", "a-b_c.d", "group.task", "k" * 250])
def test_key_that_airflow_takes_is_taken(key: str) -> None:
    with MockAirflow() as airflow:
        assert airflow.add_dag(key, tasks=[key]).dag_id == key


def test_world_with_such_a_key_changes_nothing(deploy: Callable[..., Any]) -> None:
    call = deploy()
    for world in ({"dags": [{"dag_id": "my dag"}]}, {"tasks": {"my dag": []}}, {"dag_details": {"my dag": {}}}):
        answer = call.post("/__mock__/world", json=world)
        assert answer.status_code == 400
        assert NOBODYS["my dag"] in answer.get_json()["detail"]
    assert list(call.deployment.airflow.dags) == []


@pytest.mark.parametrize("run_id", ["a b", "a/b", "ü"])
def test_run_id_that_no_airflow_takes_is_refused(run_id: str) -> None:
    with MockAirflow() as airflow:
        airflow.add_dag("etl")
        with pytest.raises(RunIdMalformedError, match="choose another"):
            airflow.trigger("etl", run_id=run_id)
        assert list(airflow.deployment.airflow.dag_runs) == []


def test_logical_date_has_a_zone() -> None:
    with MockAirflow() as airflow:
        airflow.add_dag("etl")
        for date in (datetime(2025, 1, 1), "2025-01-01", "soon", 5):
            with pytest.raises(ClockError):
                airflow.trigger("etl", logical_date=date)  # type: ignore[arg-type]
        assert airflow.trigger("etl", logical_date="2025-01-01T06:00:00+02:00").run_id == (
            "manual__2025-01-01T04:00:00+00:00"
        )
        airflow.trigger("etl")  # with one that no zone is known of this would fail
