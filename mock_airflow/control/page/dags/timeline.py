"""A run's tasks over time, each attempt a bar, up to the moment of the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from mock_airflow.control.page.dags import states
from mock_airflow.domain import task_instances
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import DagRun, TaskInstance, TaskInstanceTry

WIDE = 1000.0  # of a row's picture, in its own units
_THIN = 3.0  # the least width of a bar


class TimelineBar(NamedTuple):
    """An attempt: where its bar begins and how wide it is, of WIDE; ``waited`` is the queue before it."""

    x: float
    width: float
    waited: float
    style: str
    title: str


class TimelineRow(NamedTuple):
    """A task instance and its bars."""

    instance: TaskInstance
    bars: list[TimelineBar]


class Timeline(NamedTuple):
    """Rows of a run, from when to when they go, and where now is, of WIDE; ``moving`` while something is under way."""

    rows: list[TimelineRow]
    since: datetime | None
    until: datetime | None
    now: float | None
    moving: bool


def timeline_of(airflow: Airflow, run: DagRun, instances: Sequence[TaskInstance]) -> Timeline:
    """The timeline of a run's task instances."""
    now = airflow.now()
    attempts = [(ti, [each for each in task_instances.tries(airflow, ti.key) if each.start_date]) for ti in instances]
    begun = [at for _, tries in attempts for each in tries if (at := _waited_since(each)) is not None]
    first = [run.start_date] if run.start_date is not None else []
    moving = run.state in ("queued", "running")
    if not begun and not first:
        return Timeline([TimelineRow(ti, []) for ti, _ in attempts], None, None, None, moving)
    since = min([*begun, *first])
    ends = [each.end_date for _, tries in attempts for each in tries if each.end_date is not None]
    expected = [ti.ends_at for ti, _ in attempts if ti.ends_at is not None]
    closed = [run.end_date] if run.end_date is not None else []
    until = max([*ends, *expected, *closed, *([now] if moving else []), since + timedelta(seconds=1)])
    scale = WIDE / (until - since).total_seconds()

    def place(at: datetime) -> float:
        return min(max((at - since).total_seconds() * scale, 0.0), WIDE)

    rows = [TimelineRow(ti, [_bar(each, place, now) for each in tries]) for ti, tries in attempts]
    return Timeline(rows, since, until, place(now) if moving else None, moving)


def _waited_since(attempt: TaskInstance | TaskInstanceTry) -> datetime | None:
    """When it was queued, if that is of this attempt, or else when it began."""
    queued, start = attempt.queued_when, attempt.start_date
    return queued if queued is not None and start is not None and queued <= start else start


def _bar(attempt: TaskInstance | TaskInstanceTry, place: Callable[[datetime], float], now: datetime) -> TimelineBar:
    assert attempt.start_date is not None
    end = attempt.end_date if attempt.end_date and attempt.end_date >= attempt.start_date else None
    under_way = attempt.state in ("running", "deferred", "up_for_reschedule", "restarting") or end is None
    stops = now if under_way or end is None else end
    start, stop = place(attempt.start_date), place(stops)
    waited = _waited_since(attempt)
    seconds = (stops - attempt.start_date).total_seconds()
    title = f"try {attempt.try_number}: {states.words(attempt.state)}, {max(seconds, 0):g} s"
    return TimelineBar(
        min(start, WIDE - _THIN),
        max(stop - start, _THIN),
        place(waited) if waited is not None else start,
        states.style(attempt.state),
        title,
    )
