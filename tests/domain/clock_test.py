"""The clock: real with an offset, frozen, scaled; moved forward and set; kept by snapshots."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from mock_airflow.domain.clock import Clock
from mock_airflow.errors import ClockError

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Wall:
    """A real clock for tests, which moves when it is told, and notes how long somebody waited."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.seconds += seconds


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def clock(wall: Wall) -> Clock:
    return Clock(wall, wall.wait)


def test_runs_with_the_wall(clock: Clock, wall: Wall) -> None:
    wall.seconds += 5

    assert clock.now() == EPOCH + timedelta(seconds=1_000_005)


@pytest.mark.parametrize("text", ["2025-01-01T06:00:00Z", "2025-01-01T07:00:00+01:00", " 2025-01-01 06:00+00:00 "])
def test_takes_a_time_as_text_too(clock: Clock, text: str) -> None:
    assert clock.freeze(text) == datetime(2025, 1, 1, 6, tzinfo=timezone.utc)
    clock.advance(60)
    clock.set(text)
    assert clock.now() == datetime(2025, 1, 1, 6, tzinfo=timezone.utc)


def test_stands_still_when_frozen(clock: Clock, wall: Wall) -> None:
    stopped = clock.freeze()
    wall.seconds += 5

    assert clock.now() == stopped


def test_goes_on_from_where_it_stood(clock: Clock, wall: Wall) -> None:
    stopped = clock.freeze()
    wall.seconds += 5
    clock.unfreeze()
    wall.seconds += 1

    assert clock.now() == stopped + timedelta(seconds=1)


def test_scaled_clock_gains_on_the_wall(clock: Clock, wall: Wall) -> None:
    start = clock.now()
    clock.speed = 60
    wall.seconds += 2

    assert clock.now() == start + timedelta(minutes=2)


def test_sleep_waits_for_real_only_while_the_clock_runs(clock: Clock, wall: Wall) -> None:
    clock.speed = 10
    clock.sleep(30)
    assert wall.waited == [3.0]

    stopped = clock.freeze()
    clock.sleep(30)
    assert (wall.waited, clock.now()) == ([3.0], stopped + timedelta(seconds=30))


def test_a_time_in_another_zone_is_the_same_moment(clock: Clock) -> None:
    clock.freeze(datetime(2025, 1, 1, 6, tzinfo=timezone(timedelta(hours=5))))

    assert clock.now() == datetime(2025, 1, 1, 1, tzinfo=timezone.utc)
    assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda clock: clock.advance(-1), "only advances"),
        (lambda clock: clock.advance(days=200_000), "1900 to 2262"),
        (lambda clock: clock.advance(float("nan")), "advanced by numbers"),
        (lambda clock: clock.advance("90"), "advanced by numbers"),
        (lambda clock: clock.advance(minute=5), "is not advanced by 'minute'; did you mean 'minutes'?"),
        (lambda clock: clock.advance(fortnights=1), "the units are seconds, minutes, hours, days, weeks"),
        (lambda clock: clock.set("noon"), "'noon' is not a time; write one such as 2025-01-01T06:00:00Z"),
        (lambda clock: clock.set("2025-01-01T00:00:00"), "has no zone"),
        (lambda clock: clock.freeze(date(2025, 1, 1)), "is not a time"),
        (lambda clock: setattr(clock, "speed", "2"), "above 0"),
        (lambda clock: clock.set(datetime(2025, 1, 1)), "has no zone"),
        (lambda clock: clock.set(datetime(1800, 1, 1, tzinfo=timezone.utc)), "1900 to 2262"),
        (lambda clock: setattr(clock, "speed", 0), "above 0"),
        (lambda clock: setattr(clock, "speed", float("inf")), "above 0"),
    ],
)
def test_the_impossible_is_refused_and_changes_nothing(clock: Clock, change: object, sentence: str) -> None:
    clock.freeze()
    before = clock.save()

    with pytest.raises(ClockError, match=sentence):
        change(clock)  # type: ignore[operator]

    assert clock.save() == before


def test_going_back_to_a_running_clock_undoes_what_was_advanced(clock: Clock, wall: Wall) -> None:
    kept = clock.save()
    clock.advance(hours=1)
    wall.seconds += 5
    clock.load(kept)

    assert clock.now() == EPOCH + timedelta(seconds=1_000_005)


def test_going_back_to_a_frozen_clock_gives_its_moment(clock: Clock, wall: Wall) -> None:
    stopped = clock.freeze()
    kept = clock.save()
    clock.unfreeze()
    wall.seconds += 5
    clock.load(kept)

    assert (clock.now(), clock.frozen) == (stopped, True)


@given(st.lists(st.floats(0, 1e6), max_size=20))
def test_advancing_adds_up(steps: list[float]) -> None:
    wall = Wall()
    clock = Clock(wall, wall.wait)
    start = clock.freeze()
    for step in steps:
        clock.advance(step)

    assert clock.now() == start + sum((timedelta(seconds=step) for step in steps), timedelta(0))
