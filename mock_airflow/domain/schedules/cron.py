"""Cron expressions: what they mean in a time zone, and the moments that they name."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import MAXYEAR, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from math import prod
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_A_DAY, _A_SECOND = timedelta(days=1), timedelta(seconds=1)
_KEPT_DAYS = 4096  # of a cron expression
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
_OFFSET = re.compile(r"(?:UTC)?([+-])(\d\d):?(\d\d)(?::?(\d\d))?", re.ASCII)


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
            return f"{part!r} is not a valid {name}"
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
        parts = expression.split()
        self._minutes: list[int] | None = None  # of a day on which there are any: found without croniter's search
        self._days: dict[tuple[datetime, bool], datetime] | None = None  # those days, as they were found; None: each is
        if len(fields) == len(parts) == 5:
            hours = range(24) if fields[1] == ["*"] else fields[1]
            minutes = range(60) if fields[0] == ["*"] else fields[0]
            self._minutes = sorted(hour * 60 + minute for hour in map(int, hours) for minute in map(int, minutes))
            if fields[2:] != [["*"]] * 3:
                self._days = {}
        self._days_expression = " ".join(["0 0", *parts[2:5]])
        of_the_day = [(fields[1], 24), (fields[0], 60), (fields[5] if len(fields) > 5 else [0], 60)]
        self._times = [range(most) if field == ["*"] else sorted(map(int, field)) for field, most in of_the_day]
        self._a_day = prod(map(len, self._times))
        self._years = fields[6] if len(fields) == 7 else ["*"]
        self._are_bounds = frozenset(self._minutes or ()) if self._days is None else frozenset()
        self._by_the_wall = fields[1] != ["*"]

    @property
    def names_moments(self) -> bool:
        """Whether there is any such moment, past or future; the 31st of February never comes."""
        if self._minutes is not None and self._days is None:
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
        day, minute = self._day(midnight, forward), naive.hour * 60 + naive.minute
        if forward:
            place = bisect_right(self._minutes, minute) if day == midnight else 0
            if place == len(self._minutes):
                day, place = self._day(midnight + _A_DAY, forward), 0
        else:
            place = bisect_left(self._minutes, minute + (naive.second > 0)) if day == midnight else len(self._minutes)
            if place == 0:
                day, place = self._day(midnight - _A_DAY, forward), len(self._minutes)
            place -= 1
        return day + timedelta(minutes=self._minutes[place])

    def _day(self, midnight: datetime, forward: bool) -> datetime:
        """The first day from this one on that has moments, or the last up to it."""
        if self._days is None:
            return midnight
        day = self._days.get((midnight, forward))
        if day is None:
            beside = midnight + (-_A_SECOND if forward else _A_SECOND)
            iterator = self._croniter(self._days_expression, beside, ret_type=datetime)
            day = iterator.get_next() if forward else iterator.get_prev()
            if len(self._days) >= _KEPT_DAYS:
                self._days.clear()
            self._days[midnight, forward] = day
        return day

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
        if at.tzinfo is self._zone is timezone.utc and self._minutes is not None:  # then they are whole minutes
            if (at.second or at.microsecond) and at.year < MAXYEAR:  # in that one the look beyond may find no more
                return self.before(at)
            if at.hour * 60 + at.minute in self._are_bounds:
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


def found(search: Callable[[datetime], datetime], at: datetime) -> datetime | None:
    """What one of a schedule's searches finds; None where there is no such moment, or none that a date can say."""
    try:
        return search(at)
    except (ValueError, OverflowError):  # croniter's errors are ValueErrors, as is a year beyond 9999
        return None
