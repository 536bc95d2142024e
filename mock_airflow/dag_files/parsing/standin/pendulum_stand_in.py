"""A small pendulum, and a smaller pytz, for where they are not installed: what DAG files do with them."""

from __future__ import annotations

import re
import sys
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from types import ModuleType, SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

from mock_airflow.dag_files.parsing.standin.moments import FixedTimezone, InvalidTimezone, Timezone, named_zone

_UNITS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds", "microseconds")
UTC = Timezone("UTC")
_TOKENS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "ZZ": "%z", "Z": "%z"}


def zone(name: Any = "UTC") -> tzinfo:
    """A zone by name, or by its offset in hours or seconds."""
    if isinstance(name, tzinfo):
        return name
    if isinstance(name, (int, float)):
        return FixedTimezone(int(name * 3600 if abs(name) <= 24 else name))
    if name in (None, "local"):
        return UTC
    return named_zone(str(name))


class DateTime(datetime):
    """A time that can be reckoned with in words."""

    def add(self, **by: int) -> DateTime:
        """Later by this."""
        return instance(self + relativedelta(**{name: by.get(name, 0) for name in _UNITS}))

    def subtract(self, **by: int) -> DateTime:
        """Earlier by this."""
        return self.add(**{name: -value for name, value in by.items()})

    def in_timezone(self, tz: Any) -> DateTime:
        """The same moment in another zone."""
        return instance(self.astimezone(zone(tz)))

    in_tz = in_timezone

    def set(self, **parts: Any) -> DateTime:
        """With other parts."""
        if "tz" in parts:
            parts["tzinfo"] = zone(parts.pop("tz"))
        return self.replace(**parts)

    def start_of(self, unit: str) -> DateTime:
        """The first moment of its year, month, week, day, hour or minute."""
        midnight = self.replace(hour=0, minute=0, second=0, microsecond=0)
        if unit == "week":
            return midnight - timedelta(days=self.weekday())
        return {
            "year": midnight.replace(month=1, day=1),
            "month": midnight.replace(day=1),
            "day": midnight,
            "hour": self.replace(minute=0, second=0, microsecond=0),
            "minute": self.replace(second=0, microsecond=0),
            "second": self.replace(microsecond=0),
        }[unit]

    def end_of(self, unit: str) -> DateTime:
        """The last moment of its year, month, week, day, hour or minute."""
        return self.start_of(unit).add(**{f"{unit}s": 1}) - timedelta(microseconds=1)

    def at(self, hour: int, minute: int = 0, second: int = 0, microsecond: int = 0) -> DateTime:
        """The same day at another time."""
        return self.replace(hour=hour, minute=minute, second=second, microsecond=microsecond)

    @property
    def timezone(self) -> Any:
        """Its zone."""
        return self.tzinfo

    tz = timezone

    @property
    def timezone_name(self) -> Any:
        """Its zone's name."""
        return self.tzname()

    @property
    def day_of_week(self) -> int:
        """Monday is 0."""
        return self.weekday()

    @property
    def int_timestamp(self) -> int:
        """Seconds since 1970."""
        return int(self.timestamp())

    def to_date_string(self) -> str:
        """The day."""
        return self.strftime("%Y-%m-%d")

    def to_datetime_string(self) -> str:
        """Day and time."""
        return self.strftime("%Y-%m-%d %H:%M:%S")

    def to_iso8601_string(self) -> str:
        """As ISO 8601 has it."""
        return self.isoformat().replace("+00:00", "Z")

    def naive(self) -> DateTime:
        """Without its zone."""
        return self.replace(tzinfo=None)

    def format(self, pattern: str, locale: Any = None) -> str:
        """By a pattern such as YYYY-MM-DD."""
        return self.strftime(_directives(pattern))

    def diff(self, other: Any = None, absolute: bool = True) -> Any:
        """How far apart."""
        apart = (other or now(self.tzinfo)) - self
        return abs(apart) if absolute else apart

    def __reduce__(self) -> Any:
        return instance, (self.astimezone(timezone.utc).replace(),)


def datetime_(
    year: int,
    month: int,
    day: int,
    hour: int = 0,
    minute: int = 0,
    second: int = 0,
    microsecond: int = 0,
    tz: Any = "UTC",
    fold: int = 1,
    **more: Any,
) -> DateTime:
    """``pendulum.datetime``."""
    return DateTime(year, month, day, hour, minute, second, microsecond, tzinfo=zone(tz))


def instance(value: datetime, tz: Any = "UTC") -> DateTime:
    """A time of this kind from any other."""
    return DateTime(
        value.year,
        value.month,
        value.day,
        value.hour,
        value.minute,
        value.second,
        value.microsecond,
        tzinfo=value.tzinfo or zone(tz),
        fold=value.fold,
    )


def now(tz: Any = None) -> DateTime:
    """Now."""
    return instance(datetime.now(zone(tz)))


def today(tz: Any = "UTC") -> DateTime:
    """This day's midnight."""
    return now(tz).start_of("day")


def parse(text: str, tz: Any = "UTC", **options: Any) -> DateTime:
    """A time from its text."""
    from dateutil.parser import parse as read  # type: ignore[import-untyped]

    value = read(text)
    return instance(value if value.tzinfo else value.replace(tzinfo=zone(tz)))


def from_format(text: str, pattern: str, tz: Any = "UTC", **more: Any) -> DateTime:
    """A time from a text of a known form."""
    try:
        value = datetime.strptime(text, _directives(pattern))
    except ValueError:
        return parse(text, tz)
    return instance(value, tz)


def _directives(pattern: str) -> str:
    """A pattern of pendulum's as ``strftime`` has it."""
    return re.sub("|".join(_TOKENS), lambda token: _TOKENS[token[0]], pattern)


def duration(**by: float) -> Any:
    """``pendulum.duration``."""
    if by.get("years") or by.get("months"):
        return relativedelta(**by)
    return timedelta(**by)


def _pendulum(module: ModuleType) -> None:
    module.__dict__.update(
        DateTime=DateTime,
        Date=date,
        Time=time,
        Duration=timedelta,
        UTC=UTC,
        datetime=datetime_,
        instance=instance,
        now=now,
        today=today,
        yesterday=lambda tz="UTC": today(tz).subtract(days=1),
        tomorrow=lambda tz="UTC": today(tz).add(days=1),
        parse=parse,
        timezone=zone,
        duration=duration,
        local=lambda *parts, **more: datetime_(*parts, **more),
        naive=lambda *parts: DateTime(*parts),
        time=time,
        date=date,
        from_timestamp=lambda stamp, tz="UTC": instance(datetime.fromtimestamp(stamp, zone(tz))),
        from_format=from_format,
        local_timezone=lambda: UTC,
        Timezone=Timezone,
        FixedTimezone=FixedTimezone,
        InvalidTimezone=InvalidTimezone,
        tz=SimpleNamespace(timezone=zone, Timezone=Timezone, UTC=UTC, local_timezone=lambda: UTC),
        __version__="3.0.0",
    )


class _PytzZone(ZoneInfo):
    """A zone of pytz's, which has methods where others have attributes of times."""

    @property
    def zone(self) -> str:
        """Its name."""
        return self.key

    def localize(self, value: datetime, is_dst: Any = False) -> datetime:
        """A time without a zone, in this one."""
        return value.replace(tzinfo=self)

    def normalize(self, value: datetime, is_dst: Any = False) -> datetime:
        """A time by this zone's clock."""
        return value.astimezone(self)


def _pytz(module: ModuleType) -> None:
    utc = _PytzZone("UTC")
    module.__dict__.update(timezone=_PytzZone, utc=utc, UTC=utc, UnknownTimeZoneError=KeyError)


_MAKERS = {"pendulum": _pendulum, "pytz": _pytz}


class Loader:
    """Makes the modules."""

    def create_module(self, spec: Any) -> ModuleType:
        """The module."""
        made = ModuleType(spec.name)
        made.__dict__["__path__"] = []
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Fills it; its parts hold the same names."""
        _MAKERS[module.__name__.partition(".")[0]](module)


def stands_for(name: str) -> bool:
    """Whether there is a stand-in for a module, itself not installed."""
    return name.partition(".")[0] in _MAKERS


def found() -> Any:
    """Pendulum, installed or not."""
    import importlib

    try:
        return importlib.import_module("pendulum")
    except ImportError:
        return sys.modules[__name__]
