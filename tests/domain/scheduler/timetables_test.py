"""The moments that a schedule names: the interval of a triggered run, and the next run that a schedule makes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from mock_airflow.domain.errors import DataIntervalOutOfRangeError
from mock_airflow.domain.records import Dag, Schedule
from mock_airflow.domain.scheduler.timetables import manual_data_interval, next_run
from tests.domain.plain import dag, day

DAILY = Schedule(kind="cron", value="0 6 * * *")
HOURLY = Schedule(kind="timedelta", delta=timedelta(hours=1))
MONTHLY = Schedule(kind="relativedelta", relative={"months": 1})
NOW = day(10, 12)


def following(schedule: Schedule, **fields: Any) -> Dag:
    return dag("etl", schedule=schedule, **fields)


@pytest.mark.parametrize(
    ("schedule", "interval"),
    [
        (DAILY, (day(9, 6), day(10, 6))),  # the last whole one before
        (HOURLY, (day(10, 11), NOW)),
        (MONTHLY, (datetime(2025, 4, 10, 12, tzinfo=timezone.utc), NOW)),
        (Schedule(kind="cron", value="0 6 * * *", span=timedelta(hours=2)), (day(10, 10), NOW)),
        (Schedule(), (NOW, NOW)),
        (Schedule(kind="once"), (NOW, NOW)),
        (Schedule(kind="assets", assets={"all": ["s3://a"]}), (NOW, NOW)),
    ],
    ids=["cron", "period", "months", "moments", "none", "once", "assets"],
)
def test_triggered_run_is_about_what_ended_before_it(schedule: Schedule, interval: tuple[datetime, datetime]) -> None:
    assert manual_data_interval(following(schedule), NOW) == interval


def test_run_triggered_at_a_moment_of_the_schedule_ends_there() -> None:
    assert manual_data_interval(following(DAILY), day(10, 6)) == (day(9, 6), day(10, 6))


def test_cron_counts_in_the_zone_of_its_dag() -> None:
    """The clocks of Berlin went forward on 2025-03-30; six o'clock there came an hour earlier from then on."""
    berlin = following(DAILY, timezone="Europe/Berlin")
    start, end = manual_data_interval(berlin, datetime(2025, 3, 30, 12, tzinfo=timezone.utc))

    assert (start.hour, end.hour) == (5, 4)


def test_interval_before_all_dates_is_refused() -> None:
    with pytest.raises(DataIntervalOutOfRangeError):
        manual_data_interval(following(HOURLY), datetime.min.replace(tzinfo=timezone.utc))


def test_catch_up_makes_every_run_since_the_start() -> None:
    made, last = [], None
    while (planned := next_run(following(DAILY), last, day(7), None, NOW)) and planned.create_after <= NOW:
        made.append((planned.start, planned.create_after))
        last = planned.start, planned.end

    assert made == [(day(7, 6), day(8, 6)), (day(8, 6), day(9, 6)), (day(9, 6), day(10, 6))]


@pytest.mark.parametrize("last", [None, (day(1, 6), day(2, 6))], ids=["first", "after a break"])
def test_without_catch_up_the_latest_whole_interval_is_next(last: tuple[datetime, datetime] | None) -> None:
    planned = next_run(following(DAILY, catchup=False), last, day(1), None, NOW)

    assert planned == (day(9, 6), day(10, 6), day(10, 6))


def test_no_run_begins_after_the_end() -> None:
    assert next_run(following(DAILY), (day(7, 6), day(8, 6)), day(1), day(8, 6), NOW) is not None
    assert next_run(following(DAILY), (day(8, 6), day(9, 6)), day(1), day(8, 6), NOW) is None


def test_schedule_of_once_makes_one_run() -> None:
    once = following(Schedule(kind="once"))

    assert next_run(once, None, day(1), None, NOW) == (day(1), day(1), day(1))
    assert next_run(once, (day(1), day(1)), day(1), None, NOW) is None
    assert next_run(once, None, day(2), day(1), NOW) is None


def test_continuous_run_takes_up_where_the_last_one_ended() -> None:
    continuous = following(Schedule(kind="continuous"))

    assert next_run(continuous, None, day(1), None, NOW) == (day(1), NOW, NOW)
    assert next_run(continuous, (day(1), day(9)), day(1), None, NOW) == (day(9), NOW, NOW)
    assert next_run(continuous, None, day(1), day(9), NOW) is None


@pytest.mark.parametrize(("catchup", "first"), [(True, day(3)), (False, day(11))])
def test_single_moments_come_in_their_order(catchup: bool, first: datetime) -> None:
    events = following(Schedule(kind="events", events=(day(11), day(3), day(12))), catchup=catchup)

    assert next_run(events, None, day(1), None, NOW) == (first, first, first)
    assert next_run(events, (day(11), day(11)), day(1), None, NOW) == (day(12),) * 3
    assert next_run(events, (day(12), day(12)), day(1), None, NOW) is None


def test_period_that_goes_nowhere_makes_no_second_run() -> None:
    still = following(Schedule(kind="relativedelta", relative={"days": 1, "day": 1}))
    last = (day(1), day(2))  # whatever the moment, the next one is the second of its month

    assert next_run(still, last, day(1), None, NOW) is None


def test_schedule_without_moments_makes_no_run() -> None:
    assert next_run(following(Schedule()), None, day(1), None, NOW) is None
