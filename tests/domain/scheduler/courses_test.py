"""Letting thousands of runs pass at once leaves what looking at each of them would have left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mock_airflow import MockAirflow
from mock_airflow.world.reading import world_of

CHAIN = ["a", "b", "c", "d", "e"]
MIXED = [
    {"task_id": "begin", "class_ref": {"class_name": "EmptyOperator"}, "downstream_task_ids": ["one", "two"]},
    {"task_id": "one", "class_ref": {"class_name": "BashOperator"}, "downstream_task_ids": ["choose"]},
    {"task_id": "two", "class_ref": {"class_name": "PythonOperator"}, "downstream_task_ids": ["choose"]},
    {"task_id": "choose", "class_ref": {"class_name": "BranchPythonOperator"}, "downstream_task_ids": ["x", "y"]},
    {"task_id": "x", "class_ref": {"class_name": "PythonOperator"}},
    {"task_id": "y", "class_ref": {"class_name": "PythonOperator"}},
]


def alone(mock: MockAirflow) -> None:
    mock.add_dag("d", CHAIN, schedule="@hourly")


def of_every_kind(mock: MockAirflow) -> None:
    mock.add_dag("d", MIXED, schedule="@hourly")


def side_by_side(mock: MockAirflow) -> None:
    for name in ("d", "e", "f"):
        mock.add_dag(name, CHAIN, schedule="@hourly")
    mock.add_dag("g", CHAIN, schedule="30 * * * *")


def more_than_the_pool_holds(mock: MockAirflow) -> None:
    world_of({"pools": [{"name": "small", "slots": 1}]}, "the test's world").apply(mock.deployment)
    mock.add_dag("d", [{"task_id": name, "pool": "small"} for name in CHAIN], schedule="@hourly")


def longer_than_its_interval(mock: MockAirflow) -> None:
    mock.add_dag("d", CHAIN, schedule=timedelta(seconds=7))


def all_that_was_missed(mock: MockAirflow) -> None:
    mock.add_dag("d", CHAIN, schedule="@hourly", catchup=True, start_date="2024-12-31T12:00:00Z")
    mock.add_dag("e", CHAIN, schedule="@hourly", catchup=True, start_date="2024-12-31T12:00:00Z", max_active_runs=1)


def with_consumers(mock: MockAirflow) -> None:
    mock.add_dag("d", [{"task_id": "a", "outlets": ["s3://x"]}], schedule="@hourly")
    mock.add_dag("e", CHAIN, schedule=["s3://x"])


def with_a_plan(mock: MockAirflow) -> None:
    mock.add_dag("d", CHAIN, schedule="@hourly")
    mock.plan("d", {"c": {"outcome": "failed"}})


@pytest.mark.parametrize(
    ("begin", "minutes"),
    [
        (alone, 720),
        (of_every_kind, 720),
        (side_by_side, 720),
        (more_than_the_pool_holds, 720),
        (longer_than_its_interval, 15),
        (all_that_was_missed, 360),
        (with_consumers, 720),
        (with_a_plan, 720),
    ],
)
@pytest.mark.parametrize("runs", ["timed", "instant"])
def test_passing_at_once_leaves_what_looking_all_the_time_would(
    begin: Callable[[MockAirflow], None], minutes: int, runs: str
) -> None:
    at_once, step_by_step = living(begin, runs), living(begin, runs)
    at_once.clock.advance(minutes=minutes)
    for _ in range(minutes):
        step_by_step.clock.advance(minutes=1)
        step_by_step.deployment.settle()
    assert rows(at_once) == rows(step_by_step)


def living(begin: Callable[[MockAirflow], None], runs: str) -> MockAirflow:
    mock = MockAirflow(clock="2025-01-01T00:10:00Z", frozen=True, runs=runs)
    begin(mock)
    return mock


def rows(mock: MockAirflow) -> dict[str, list[Any]]:
    """All rows in their order."""
    mock.deployment.settle()
    airflow = mock.deployment.airflow
    return {name: list(table) for name, table in airflow.tables.items()}
