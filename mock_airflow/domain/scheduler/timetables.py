"""The moments that a schedule names: its intervals, and when each run of it is due.

The rules are those of Airflow's own timetables (code): a run is made at the end of the interval that it is about, cron
expressions count in the DAG's time zone, and a DAG without catch-up begins with its latest complete interval.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from math import prod
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mock_airflow.domain.errors import DataIntervalOutOfRange, NoDataInterval
from mock_airflow.domain.records import Dag

_CRON_PARTS = ("minute", "hour", "day of the month", "month", "day of the week")
PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_DAY = 24 * 60
_PERIODS = ("timedelta", "relativedelta")  # `relativedelta(days=1, day=1)` names one day of a month for ever
_OFFSET = re.compile(r"(?:UTC)?([+-])(\d\d):?(\d\d)(?::?(\d\d))?", re.ASCII)


class Planned(NamedTuple):
    """A run that a schedule makes: the interval it is about, and the moment from which it may be made."""

    start: datetime
    end: datetime
    create_after: datetime


class Periods(Protocol):
    """A schedule of intervals that follow each other."""

    def after(self, at: datetime) -> datetime:
        """The first bound after a moment."""

    def before(self, at: datetime) -> datetime:
        """The last bound before a moment."""

    def at_or_after(self, at: datetime) -> datetime:
        """The moment itself where it is a bound, or the next bound."""

    def at_or_before(self, at: datetime) -> datetime:
        """The moment itself where it is a bound, or the bound before it."""

    def at_most(self, span: timedelta) -> int:
        """How many bounds there can be in a span of time, without a look at each."""

    def about(self, start: datetime, end: datetime) -> int:
        """How many there are after one moment and up to another."""

    def latest(self, now: datetime, earliest: datetime) -> datetime:
        """Where the latest interval begins that is complete by now, but not before ``earliest``."""


def zone_of(name: str) -> tzinfo:
    """The time zone of this name, which may be an offset. Raises ValueError for one that is not known."""
    if name.upper() == "UTC":
        return timezone.utc
    try:
        if offset := _OFFSET.fullmatch(name):
            hours, minutes, seconds = (int(part or 0) for part in offset.groups()[1:])
            period = timedelta(hours=hours, minutes=minutes, seconds=seconds)
            return timezone(-period if offset[1] == "-" else period)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"the time zone {name!r} is not known; Europe/Berlin, UTC and +02:00 are names of zones"
        ) from None


def _aware(naive: datetime, zone: tzinfo) -> datetime:
    """A zone's wall clock time in UTC: the later of two equal ones; one that is skipped moves on by the gap (code)."""
    if zone is timezone.utc:
        return naive.replace(tzinfo=timezone.utc)
    later = naive.replace(tzinfo=zone, fold=1)
    gap = (later.utcoffset() or timedelta(0)) - (naive.replace(tzinfo=zone, fold=0).utcoffset() or timedelta(0))
    return (later + gap if gap > timedelta(0) else later).astimezone(timezone.utc)


@lru_cache(maxsize=256)
def cron(expression: str, zone_name: str = "UTC") -> Cron:
    """The cron expression or preset in a time zone. Raises ValueError for one that cannot be understood."""
    return Cron(PRESETS.get(expression, expression), zone_of(zone_name))


def wrong_with(expression: str) -> str:
    """Which part of a text keeps it from being a cron expression, in a few words."""
    from croniter import croniter

    parts = expression.split()
    if len(parts) != len(_CRON_PARTS):
        return f"a cron expression has {len(_CRON_PARTS)} parts, and this has {len(parts)}"
    for place, (name, part) in enumerate(zip(_CRON_PARTS, parts, strict=True)):
        alone = ["*"] * len(parts)
        alone[place] = part
        try:
            croniter.expand(" ".join(alone))
        except (ValueError, KeyError):
            return f"{part!r} is no {name}"
    return "its parts do not go together"


@lru_cache(maxsize=256)
def crons(expressions: str, zone_name: str = "UTC") -> Periods:
    """Several cron expressions, which a comma and a space part, as one schedule; ValueError as for one."""
    several = [cron(each, zone_name) for each in expressions.split(", ")]
    return several[0] if len(several) == 1 else Several(several)


class Cron:
    """The moments of a cron expression.

    One that names hours counts in wall clock time; one of every hour goes on in real time when the clocks change
    (code).
    """

    def __init__(self, expression: str, zone: tzinfo) -> None:
        from croniter import croniter

        self._croniter, self._expression, self._zone = croniter, expression, zone
        fields, _ = croniter.expand(expression)
        self._minutes: list[int] | None = None  # of the day, where all days are alike: found without croniter's search
        if len(fields) == 5 and fields[2:] == [["*"]] * 3:
            hours = range(24) if fields[1] == ["*"] else fields[1]
            minutes = range(60) if fields[0] == ["*"] else fields[0]
            self._minutes = sorted(hour * 60 + minute for hour in map(int, hours) for minute in map(int, minutes))
        of_the_day = [(fields[1], 24), (fields[0], 60), (fields[5] if len(fields) > 5 else [0], 60)]
        self._times = [range(most) if field == ["*"] else sorted(map(int, field)) for field, most in of_the_day]
        self._a_day = prod(map(len, self._times))
        self._years = fields[6] if len(fields) == 7 else ["*"]
        self._are_bounds = frozenset(self._minutes or ())
        self._by_the_wall = fields[1] != ["*"]

    @property
    def names_moments(self) -> bool:
        """Whether there is any such moment, past or future; the 31st of February never comes."""
        if self._minutes is not None:
            return True
        first = min((year for year in self._years if isinstance(year, int)), default=2000)
        return found(self.after, datetime(first - 1, 12, 30, tzinfo=timezone.utc)) is not None

    def _search(self, naive: datetime, *, forward: bool) -> datetime:
        """The next moment after, or the last before, a wall clock time."""
        if naive.microsecond:
            naive = naive.replace(microsecond=0) + (timedelta(0) if forward else timedelta(seconds=1))
        if self._minutes is None:
            iterator = self._croniter(self._expression, naive, ret_type=datetime)
            moment: datetime = iterator.get_next() if forward else iterator.get_prev()
            return moment
        midnight = naive.replace(hour=0, minute=0, second=0)
        minute, second = naive.hour * 60 + naive.minute, naive.second
        if forward:
            place = bisect_right(self._minutes, minute)
            days, place = divmod(place, len(self._minutes))
        else:
            place = bisect_left(self._minutes, minute + (second > 0)) - 1
            days, place = divmod(place, len(self._minutes))
        return midnight + timedelta(minutes=self._minutes[place] + days * _DAY)

    def _from(self, at: datetime, *, forward: bool) -> datetime:
        local = at.astimezone(self._zone)
        naive = local.replace(tzinfo=None, fold=0)
        moment = self._search(naive, forward=forward)
        if self._zone is timezone.utc or self._by_the_wall:
            return _aware(moment, self._zone)
        return (at + (moment - naive)).astimezone(timezone.utc)

    def after(self, at: datetime) -> datetime:
        return self._from(at, forward=True)

    def before(self, at: datetime) -> datetime:
        return self._from(at, forward=False)

    def at_or_after(self, at: datetime) -> datetime:
        following = self.after(at)
        return at if self.before(following) == at else following

    def at_or_before(self, at: datetime) -> datetime:
        whole = at.tzinfo is self._zone is timezone.utc and not (at.second or at.microsecond)
        if whole and at.hour * 60 + at.minute in self._are_bounds:  # told without a search
            return at
        previous = self.before(at)
        return at if self.after(previous) == at else previous

    def at_most(self, span: timedelta) -> int:
        return self._a_day * (span.days + 1)

    def about(self, start: datetime, end: datetime) -> int:
        start, end = (moment.astimezone(self._zone).replace(tzinfo=None) for moment in (start, end))
        days = cron(" ".join(["0 0", *self._expression.split()[2:5]]))
        midnight = datetime(start.year, start.month, start.day, tzinfo=timezone.utc)
        at, count = midnight - timedelta(seconds=1), 0
        while (day := found(days.after, at)) is not None and day.date() <= end.date():
            count += self._up_to(end) if day.date() == end.date() else self._a_day
            count -= self._up_to(start) if day == midnight else 0
            at = day
        return count

    def _up_to(self, moment: datetime) -> int:
        """How many times of a day there are up to a moment's."""
        count, rest = 0, self._a_day
        for times, now in zip(self._times, (moment.hour, moment.minute, moment.second), strict=True):
            rest //= len(times)
            count += rest * bisect_left(times, now)
            if now not in times:
                return count
        return count + 1

    def latest(self, now: datetime, earliest: datetime) -> datetime:
        start = self.before(now)
        if self.after(start) != now:
            start = self.before(start)
        return max(start, self.at_or_after(earliest))


class Several:
    """The moments of several schedules together."""

    def __init__(self, schedules: Sequence[Periods]) -> None:
        self._schedules = schedules

    def after(self, at: datetime) -> datetime:
        return min(each.after(at) for each in self._schedules)

    def before(self, at: datetime) -> datetime:
        return max(each.before(at) for each in self._schedules)

    def at_or_after(self, at: datetime) -> datetime:
        return min(each.at_or_after(at) for each in self._schedules)

    def at_or_before(self, at: datetime) -> datetime:
        return max(each.at_or_before(at) for each in self._schedules)

    def at_most(self, span: timedelta) -> int:
        return sum(each.at_most(span) for each in self._schedules)

    def about(self, start: datetime, end: datetime) -> int:
        return sum(each.about(start, end) for each in self._schedules)

    def latest(self, now: datetime, earliest: datetime) -> datetime:
        return max(each.latest(now, earliest) for each in self._schedules)


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


def found(search: Callable[[datetime], datetime], at: datetime) -> datetime | None:
    """What one of a schedule's searches finds; None where there is no such moment, or none that a date can say."""
    try:
        return search(at)
    except (ValueError, OverflowError):  # croniter's errors are ValueErrors, as is a year beyond 9999
        return None


def manual_data_interval(dag: Dag, logical_date: datetime) -> tuple[datetime, datetime]:
    """The data interval of a run that somebody triggers for ``logical_date`` (observed).

    Cron: the last complete interval before it. A period, or the span of a schedule that has one: what ends there.
    Otherwise: the moment itself. A bound that is the logical date itself stays in the zone that this has (observed).
    Raises NoDataInterval where the schedule has none, or DataIntervalOutOfRange where dates do not reach that far.
    """
    try:
        return _manual_data_interval(dag, logical_date)
    except OverflowError as error:
        raise DataIntervalOutOfRange(dag_id=dag.dag_id, reason=str(error)) from None
    except ValueError as error:
        raise NoDataInterval(dag_id=dag.dag_id, reason=str(error)) from None


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
