"""The moments that a schedule names: its intervals, and when each run of it is due.

The rules are those of Airflow's own timetables (code): a run is made at the end of the interval that it is about, cron
expressions count in the DAG's time zone, and a DAG without catch-up begins with its latest complete interval.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from mock_airflow.domain.errors import DataIntervalOutOfRangeError, NoDataIntervalError
from mock_airflow.domain.records import Dag
from mock_airflow.domain.schedules.cron import Periods, crons

_PERIODS = ("timedelta", "relativedelta")  # `relativedelta(days=1, day=1)` names one day of a month for ever


class Planned(NamedTuple):
    """A run that a schedule makes: the interval it is about, and the moment from which it may be made."""

    start: datetime
    end: datetime
    create_after: datetime


class Delta:
    """Intervals of one length, from wherever the first begins; the length may be of months, by the calendar."""

    def __init__(self, dag: Dag) -> None:
        self._delta = dag.schedule.delta or timedelta(0)
        self._relative = None
        length = self._delta.total_seconds()
        if dag.schedule.relative:
            from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

            self._relative = relativedelta(**dag.schedule.relative)
            parts = {"years": 365 * 86400, "months": 30 * 86400, "days": 86400, "hours": 3600, "minutes": 60}
            length = sum(getattr(self._relative, name) * seconds for name, seconds in parts.items())
            length += self._relative.seconds
        self._seconds = length

    def after(self, at: datetime) -> datetime:
        return at + (self._relative if self._relative is not None else self._delta)

    def before(self, at: datetime) -> datetime:
        return at - (self._relative if self._relative is not None else self._delta)

    def at_or_after(self, at: datetime) -> datetime:
        return at

    def at_or_before(self, at: datetime) -> datetime:
        return at

    def at_most(self, span: timedelta) -> int:
        return int(span.total_seconds() / self._seconds) + 1

    def about(self, start: datetime, end: datetime) -> int:
        return self.at_most(end - start)

    def latest(self, now: datetime, earliest: datetime) -> datetime:
        seconds = now.timestamp()
        rounded = datetime.fromtimestamp(seconds - seconds % self._seconds, timezone.utc)
        return max(self.before(rounded), earliest)


def periods(dag: Dag) -> Periods | None:
    """The intervals of the DAG's schedule; None where it has none."""
    if dag.schedule.kind == "cron":
        return crons(dag.schedule.value, dag.timezone)
    if dag.schedule.kind in ("timedelta", "relativedelta"):
        return Delta(dag)
    return None


def manual_data_interval(dag: Dag, logical_date: datetime) -> tuple[datetime, datetime]:
    """The data interval of a run that somebody triggers for ``logical_date`` (observed).

    Cron: the last complete interval before it. A period, or the span of a schedule that has one: what ends there.
    Otherwise: the moment itself. A bound that is the logical date itself stays in the zone that this has (observed).
    Raises NoDataIntervalError where the schedule has none, or DataIntervalOutOfRangeError where dates do not reach that
    far.
    """
    try:
        return _manual_data_interval(dag, logical_date)
    except OverflowError as error:
        raise DataIntervalOutOfRangeError(dag_id=dag.dag_id, reason=str(error)) from None
    except ValueError as error:
        raise NoDataIntervalError(dag_id=dag.dag_id, reason=str(error)) from None


def _manual_data_interval(dag: Dag, logical_date: datetime) -> tuple[datetime, datetime]:
    intervals = periods(dag)
    if intervals is None:
        return logical_date, logical_date
    if dag.schedule.span is not None:
        return (logical_date - dag.schedule.span).astimezone(timezone.utc), logical_date
    if dag.schedule.kind == "cron":
        end = intervals.at_or_before(logical_date.astimezone(timezone.utc))
        return intervals.before(end), end
    return intervals.before(logical_date).astimezone(timezone.utc), logical_date


def next_run(
    dag: Dag, last: tuple[datetime, datetime] | None, earliest: datetime, latest: datetime | None, now: datetime
) -> Planned | None:
    """The run that the DAG's schedule makes after the one about the interval ``last``; None when there is no further.

    ``earliest`` and ``latest`` bound the beginnings of intervals. A schedule that names no moment, or none that a date
    can say, makes no run (observed).
    """
    try:
        planned = _next_run(dag, last, earliest, latest, now)
    except (ValueError, OverflowError):
        return None
    stands_still = planned is not None and last is not None and planned.end <= last[1] and dag.schedule.kind in _PERIODS
    return None if stands_still else planned


def _next_run(
    dag: Dag, last: tuple[datetime, datetime] | None, earliest: datetime, latest: datetime | None, now: datetime
) -> Planned | None:
    kind = dag.schedule.kind
    if kind == "once":
        late = latest is not None and earliest > latest
        return None if last is not None or late else Planned(earliest, earliest, earliest)
    if kind == "continuous":
        start = earliest if last is None else last[1]
        end = max(earliest, now)
        return None if latest is not None and end > latest else Planned(start, end, end)
    if kind == "events":
        return _next_event(dag, last, earliest, latest, now)
    intervals = periods(dag)
    if intervals is None:
        return None
    if dag.schedule.span is not None:
        return _next_moment(dag, intervals, dag.schedule.span, last, earliest, latest, now)
    if last is not None:
        start = intervals.at_or_before(last[1])
        end = intervals.after(start)
        if start < earliest or (not dag.catchup and end <= now):
            first = intervals.at_or_after(earliest) if dag.catchup else intervals.latest(now, earliest)
            start = max(start, first)
            end = intervals.after(start)
    else:
        start = intervals.at_or_after(earliest) if dag.catchup else intervals.latest(now, earliest)
        end = intervals.after(start)
    return None if latest is not None and start > latest else Planned(start, end, end)


def _next_moment(
    dag: Dag,
    moments: Periods,
    span: timedelta,
    last: tuple[datetime, datetime] | None,
    earliest: datetime,
    latest: datetime | None,
    now: datetime,
) -> Planned | None:
    """The next run of a schedule that starts runs at its moments; without catch-up, the latest moment's (code)."""
    candidates = [moments.at_or_after(earliest) if last is None else moments.after(last[1])]
    if not dag.catchup:
        candidates += [moments.at_or_before(now), moments.at_or_after(earliest)]
    at = max(candidates)
    return None if latest is not None and at > latest else Planned(at - span, at, at)


def _next_event(
    dag: Dag, last: tuple[datetime, datetime] | None, earliest: datetime, latest: datetime | None, now: datetime
) -> Planned | None:
    """The next run of a schedule of single moments; without catch-up those that passed are left out (code)."""
    first = earliest if dag.catchup else max(earliest, now)
    for at in sorted(dag.schedule.events):
        if at >= first and (last is None or at > last[1]):
            return None if latest is not None and at > latest else Planned(at, at, at)
    return None
