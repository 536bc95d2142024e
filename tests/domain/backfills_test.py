"""Backfills: which runs they make, which they repeat, and when one is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from mock_airflow.domain import backfills
from mock_airflow.domain.backfills import BackfillPlan
from mock_airflow.domain.errors import BackfillImpossibleError, BackfillRunningError, DagNotFoundError
from mock_airflow.domain.records import Schedule
from mock_airflow.domain.schedules.conduct import POINTS
from tests.domain.plain import NOON, Plain, dag, day, task

DAILY = Schedule(kind="cron", value="0 0 * * *")
FIRST, LAST = day(5), day(8)


def daily(**fields: Any) -> Plain:
    return Plain(dag("etl", task("load"), **{"schedule": DAILY, "is_paused": True, **fields}), conduct=POINTS)


def created(mock: Plain, first: Any = FIRST, last: Any = LAST, *, at_once: int = 10, **more: Any) -> list[str]:
    """The runs of a backfill, by the days they are about."""
    plan = BackfillPlan("etl", first, last, **more)
    backfill = backfills.create(mock.airflow, plan, max_active_runs=at_once, most=100, user="ana")
    return [mock.run(*key).logical_date.strftime("%d") for key in backfill.runs]


@pytest.mark.parametrize(("backwards", "days"), [(False, ["05", "06", "07", "08"]), (True, ["08", "07", "06", "05"])])
def test_there_is_a_run_for_each_moment_of_the_schedule(backwards: bool, days: list[str]) -> None:
    mock = daily()

    assert created(mock, run_backwards=backwards) == days
    assert {run.run_type for run in mock.airflow.dag_runs} == {"backfill"}


def test_moments_are_told_without_making_anything() -> None:
    mock = daily()
    found = backfills.moments(mock.airflow, BackfillPlan("etl", FIRST, LAST), 100)

    assert [moment.logical_date for moment in found] == [day(number) for number in (5, 6, 7, 8)]
    assert (list(mock.airflow.dag_runs), list(mock.airflow.backfills)) == ([], [])


@pytest.mark.parametrize(
    ("behavior", "again"), [("none", []), ("failed", ["06"]), ("completed", ["05", "06", "07", "08"])]
)
def test_runs_that_are_there_are_repeated_as_it_is_asked(behavior: str, again: list[str]) -> None:
    mock = daily(is_paused=False, schedule=DAILY, catchup=False)
    created(mock)
    mock.wait(900)
    sixth = next(run for run in mock.airflow.dag_runs if run.logical_date == day(6))
    mock.airflow.dag_runs.put(replace(sixth, state="failed"))
    mock.wait(120)

    assert created(mock, reprocess_behavior=behavior) == again


def test_no_more_runs_go_at_once_than_it_says() -> None:
    mock = daily(is_paused=False, catchup=False)
    mock.plan("etl", {"load": 3000})
    created(mock, at_once=2)
    mock.wait(60)

    states = sorted(run.state for run in mock.airflow.dag_runs if run.run_type == "backfill")
    assert states == ["queued", "queued", "running", "running"]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (LAST, FIRST, "must not be after to_date"),
        (NOON + timedelta(days=1), NOON + timedelta(days=2), "future"),
        (day(5, 1), day(5, 2), "No runs to create"),
    ],
)
def test_range_that_makes_no_sense_is_refused(first: Any, last: Any, words: str) -> None:
    with pytest.raises(BackfillImpossibleError, match=words):
        created(daily(), first, last)


def test_dag_without_moments_has_no_backfills() -> None:
    with pytest.raises(BackfillImpossibleError, match="non-periodic schedule"):
        created(daily(schedule=Schedule()))


def test_unknown_dag_is_refused() -> None:
    with pytest.raises(DagNotFoundError):
        backfills.moments(daily().airflow, BackfillPlan("none", FIRST, LAST), 100)


def test_second_one_waits_for_the_end_of_the_first() -> None:
    mock = daily()
    created(mock)
    with pytest.raises(BackfillRunningError):
        created(mock)
    (running,) = mock.airflow.backfills
    backfills.cancel(mock.airflow, running)

    assert {run.state for run in mock.airflow.dag_runs} == {"failed"}
    assert created(mock, day(20), day(21)) == ["20", "21"]
