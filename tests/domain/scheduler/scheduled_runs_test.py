"""Runs that schedules make: when, for which interval, how many at a time, and what the DAG tells of the next one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest

from mock_airflow.domain import dags
from mock_airflow.domain.airflow import RunsMode
from mock_airflow.domain.records import Schedule
from mock_airflow.domain.scheduler.timetables import manual_data_interval
from tests.domain.plain import NOON, Plain, dag, day, task

DAY = 86_400.0


def cron(value: str) -> Schedule:
    return Schedule(kind="cron", value=value)


DAILY = cron("0 0 * * *")


def scheduled(schedule: Schedule, *, at: datetime = NOON, runs: RunsMode = "timed", **fields: Any) -> Plain:
    return Plain(dag("d", task("work"), schedule=schedule, **fields), at=at, runs=runs)


def run_ids(mock: Plain) -> list[str]:
    return [run.run_id for run in mock.airflow.dag_runs]


def planned(mock: Plain) -> tuple[datetime | None, datetime | None]:
    told = mock.dag("d")
    return told.next_dagrun, told.next_dagrun_create_after


def test_catchup_makes_the_past_runs_in_order() -> None:
    mock = scheduled(cron("0 6 * * *"), start_date=day(29))
    mock.wait(60)

    runs = list(mock.airflow.dag_runs)
    assert run_ids(mock) == [f"scheduled__2025-05-{number}T06:00:00+00:00" for number in (29, 30, 31)]
    assert {(run.state, run.run_type, run.external_trigger) for run in runs} == {("success", "scheduled", False)}
    assert (runs[0].data_interval_start, runs[0].data_interval_end) == (day(29, 6), day(30, 6))
    assert planned(mock) == (NOON.replace(hour=6), NOON.replace(hour=6, day=2))


def test_without_catchup_only_the_latest_interval_is_run() -> None:
    mock = scheduled(DAILY, start_date=datetime(2025, 1, 1, tzinfo=timezone.utc), catchup=False)
    mock.wait(60)
    assert run_ids(mock) == ["scheduled__2025-05-31T00:00:00+00:00"]


def test_dag_without_start_date_begins_with_the_interval_under_way() -> None:
    mock = scheduled(DAILY)
    mock.wait(11 * 3600)
    assert run_ids(mock) == []
    mock.wait(2 * 3600)
    assert run_ids(mock) == ["scheduled__2025-06-01T00:00:00+00:00"]


def test_run_is_queued_running_and_over_in_true_order() -> None:
    mock, seen = scheduled(cron("0 * * * *")), []
    mock.wait(3600)
    for _ in range(8):
        seen += [run.state for run in mock.airflow.dag_runs]
        mock.wait(1)
    assert list(dict.fromkeys(seen)) == ["queued", "running", "success"]


def test_month_passes_in_order_with_its_assets_consequences() -> None:
    reader = dag("reader", task("read"), schedule=Schedule(kind="assets", assets={"all": ["s3://x"]}))
    mock = Plain(dag("d", task("work", outlets=("s3://x",)), schedule=DAILY), reader)
    mock.wait(30 * DAY)
    runs = list(mock.airflow.dag_runs)

    assert [run.run_id for run in runs if run.dag_id == "d"] == [
        f"scheduled__2025-06-{number:02d}T00:00:00+00:00" for number in range(1, 31)
    ]
    readers = [run for run in runs if run.dag_id == "reader"]
    queued = [run.queued_at for run in runs if run.queued_at is not None]
    assert (len(readers), len(queued)) == (30, 60)
    assert queued == sorted(queued)
    assert readers[0].data_interval_start == runs[0].data_interval_start


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("30 2 * * *", ["03-29T01:30", "03-30T01:30"]),
        ("0 */12 * * *", ["03-29T11:00", "03-29T23:00", "03-30T10:00", "03-30T22:00"]),
        ("0 1,4 * * *", ["03-29T00:00", "03-29T03:00", "03-30T00:00", "03-30T02:00", "03-30T23:00"]),
    ],
)
def test_cron_counts_in_the_zone_of_the_dag(schedule: str, expected: list[str]) -> None:
    """The clocks of Berlin skip the hour from two to three on 30 March 2025."""
    start, now = (datetime(2025, 3, *at, tzinfo=timezone.utc) for at in ((28, 23, 30), (31, 12)))
    mock = scheduled(cron(schedule), at=now, timezone="Europe/Berlin", start_date=start)
    mock.wait(60)
    assert run_ids(mock) == [f"scheduled__2025-{moment}:00+00:00" for moment in expected]


def test_open_runs_are_bounded_and_the_plan_waits() -> None:
    mock = scheduled(DAILY, start_date=day(1), max_active_runs=2)
    mock.wait(2)
    assert len(run_ids(mock)) == 2
    assert planned(mock) == (day(2), None)
    mock.wait(1000)
    assert len(run_ids(mock)) == 31
    assert planned(mock) == (day(31) + timedelta(days=1), day(31) + timedelta(days=2))


def test_end_date_ends_the_schedule() -> None:
    mock = scheduled(DAILY, start_date=day(1), end_date=day(3))
    mock.wait(100)
    assert run_ids(mock) == [f"scheduled__2025-05-0{number}T00:00:00+00:00" for number in (1, 2, 3)]
    assert planned(mock) == (None, None)


def test_period_counts_from_the_start_date() -> None:
    period = Schedule(kind="timedelta", delta=timedelta(minutes=90))
    mock = scheduled(period, start_date=NOON.replace(hour=8, minute=10))
    mock.wait(100)
    assert run_ids(mock) == ["scheduled__2025-06-01T08:10:00+00:00", "scheduled__2025-06-01T09:40:00+00:00"]


def test_months_are_counted_by_the_calendar() -> None:
    monthly = Schedule(kind="relativedelta", relative={"months": 1})
    mock = scheduled(monthly, start_date=datetime(2025, 3, 10, tzinfo=timezone.utc))
    mock.wait(100)
    assert run_ids(mock) == ["scheduled__2025-03-10T00:00:00+00:00", "scheduled__2025-04-10T00:00:00+00:00"]


def test_once_is_once() -> None:
    mock = scheduled(Schedule(kind="once"), start_date=day(10))
    mock.wait(30 * DAY)
    assert run_ids(mock) == ["scheduled__2025-05-10T00:00:00+00:00"]
    assert planned(mock) == (None, None)


def test_continuous_follows_its_own_end() -> None:
    mock = scheduled(Schedule(kind="continuous"), start_date=NOON.replace(hour=0), max_active_runs=1)
    mock.wait(60)
    runs = list(mock.airflow.dag_runs)
    assert len(runs) > 5
    for before, after in pairwise(runs):
        assert after.data_interval_start == before.data_interval_end
        assert before.end_date is not None
        assert after.start_date is None or after.start_date > before.end_date


def test_paused_dag_makes_no_runs_until_it_is_unpaused() -> None:
    mock = scheduled(DAILY, start_date=day(30), is_paused=True)
    mock.wait(DAY)
    assert run_ids(mock) == []
    dags.set_paused(mock.airflow, "d", False)
    mock.wait(60)
    assert len(run_ids(mock)) == 3


def test_unpausing_without_catchup_runs_the_latest_interval_only() -> None:
    mock = scheduled(DAILY, start_date=day(1), is_paused=True, catchup=False)
    assert planned(mock)[0] == day(31)
    mock.wait(5 * DAY)
    assert planned(mock)[0] == day(31) + timedelta(days=5)
    dags.set_paused(mock.airflow, "d", False)
    mock.wait(60)
    assert run_ids(mock) == ["scheduled__2025-06-05T00:00:00+00:00"]


def test_plan_that_a_dag_comes_with_is_followed() -> None:
    start, end = NOON.replace(hour=0), NOON.replace(hour=0, day=2)
    mock = scheduled(
        DAILY,
        start_date=datetime(2025, 1, 1, tzinfo=timezone.utc),
        next_dagrun=start,
        next_dagrun_data_interval_start=start,
        next_dagrun_data_interval_end=end,
        next_dagrun_create_after=end,
    )
    mock.wait(60)
    assert run_ids(mock) == []
    mock.wait(DAY)
    assert run_ids(mock) == ["scheduled__2025-06-01T00:00:00+00:00"]


def test_without_a_scheduler_no_schedule_makes_runs() -> None:
    mock = scheduled(DAILY, start_date=day(1), runs="manual")
    mock.wait(5 * DAY)
    assert run_ids(mock) == []
    assert planned(mock) == (None, None)


def test_manual_run_takes_the_interval_of_the_dags_zone() -> None:
    berlin = dag("d", task("a"), schedule=cron("0 6 * * *"), timezone="Europe/Berlin")
    assert manual_data_interval(berlin, NOON)[1] == NOON.replace(hour=4)
