"""Times and zones as Airflow reads them: a time without a zone is in the default one, which is UTC."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from mock_airflow.dag_files.parsing.standin.placeholders import Placeholder


class InvalidTimezone(ValueError):
    """There is no time zone of that name."""

    __module__ = "pendulum.tz.exceptions"


class Timezone(ZoneInfo):
    """A zone by its name, as pendulum has them. Airflow stores a schedule only with such a zone, or a fixed one."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.key


class FixedTimezone(tzinfo):
    """A zone that always is so many seconds ahead of UTC, as pendulum has them."""

    def __init__(self, offset: int, name: str | None = None) -> None:
        self.offset = offset
        self._delta = timedelta(seconds=offset)
        self.name = name or offset_name(self._delta)

    def utcoffset(self, at: datetime | None) -> timedelta:
        """The same at all times."""
        return self._delta

    def dst(self, at: datetime | None) -> timedelta:
        """It knows no summer."""
        return timedelta(0)

    def tzname(self, at: datetime | None) -> str:
        """Its name, or ``+02:00``."""
        return self.name

    def fromutc(self, at: datetime) -> datetime:
        """A moment of UTC by this zone's clock."""
        return at + self._delta

    def __getinitargs__(self) -> tuple[int, str]:
        return self.offset, self.name

    def __repr__(self) -> str:
        return f'FixedTimezone({self.offset}, name="{self.name}")'


def named_zone(name: str) -> tzinfo:
    """The zone of this name. Raises InvalidTimezone, as pendulum does."""
    try:
        return Timezone("UTC" if name.lower() == "utc" else name)
    except (LookupError, ValueError, OSError):
        raise InvalidTimezone(name) from None


def offset_name(offset: timedelta) -> str:
    """``+02:00``, and the seconds where there are any."""
    seconds = int(offset.total_seconds())
    minutes, rest = divmod(abs(seconds), 60)
    more = f":{rest:02d}" if rest else ""
    return f"{'-' if seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}{more}"


def settled_zone(zone: Any, at: Any) -> tzinfo:
    """The zone that pendulum makes of another, and Airflow counts a schedule in (observed).

    One that ``zoneinfo`` or pytz made counts by its name, any other by the offset that it has at a moment. Raises
    InvalidTimezone for a name that is not known, and whatever a zone of the file's own raises.
    """
    if isinstance(zone, Placeholder):
        return DEFAULT
    if isinstance(zone, FixedTimezone) or is_pendulums(zone):
        return zone  # type: ignore[no-any-return]
    if hasattr(zone, "key") or hasattr(zone, "localize"):
        return named_zone(zone.key if hasattr(zone, "key") else zone.zone)
    if zone.tzname(None) == "UTC":
        return DEFAULT
    return FixedTimezone(int((zone.utcoffset(at) or timedelta(0)).total_seconds()))


def is_pendulums(zone: Any) -> bool:
    """Whether a zone is of pendulum's kinds: the library's own where it is installed, or those that stand for them."""
    return isinstance(zone, (Timezone, FixedTimezone)) or type(zone).__module__.partition(".")[0] == "pendulum"


DEFAULT = Timezone("UTC")


def utcnow() -> datetime:
    """Now, in UTC."""
    return datetime.now(timezone.utc)


def is_localized(value: Any) -> bool:
    """Whether a time has a zone."""
    return value.utcoffset() is not None


def is_naive(value: Any) -> bool:
    """Whether a time has no zone."""
    return not is_localized(value)


def make_aware(value: Any, timezone: Any = None) -> Any:
    """The same wall clock in a zone. Raises ValueError for a time that has one."""
    if is_localized(value):
        raise ValueError(f"make_aware expects a naive datetime, got {value}")
    return value.replace(tzinfo=timezone or DEFAULT)


def make_naive(value: Any, timezone: Any = None) -> Any:
    """The wall clock in a zone, without it. Raises ValueError for a time that has none."""
    if is_naive(value):
        raise ValueError("make_naive() cannot be applied to a naive datetime")
    return value.astimezone(timezone or DEFAULT).replace(tzinfo=None)


def convert_to_utc(value: Any) -> Any:
    """The moment in UTC; None stays."""
    if value is None:
        return None
    if is_naive(value):
        value = value.replace(tzinfo=DEFAULT)
    return value.astimezone(timezone.utc)


def parse(text: str, timezone: Any = None) -> Any:
    """A time from its text."""
    from dateutil.parser import parse as read  # type: ignore[import-untyped]

    try:
        value = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        value = read(text)
    zone = named_zone(timezone) if isinstance(timezone, str) else timezone
    return value if value.tzinfo else value.replace(tzinfo=zone or DEFAULT)


def coerce_datetime(value: Any, tz: Any = None) -> Any:
    """A time with a zone, of the kind that pendulum gives; None stays."""
    from mock_airflow.dag_files.parsing.standin import pendulum_stand_in

    if value is None:
        return None
    pendulum = pendulum_stand_in.found()
    return pendulum.instance(value if value.tzinfo else value.replace(tzinfo=tz or DEFAULT))


def datetime_of(*args: Any, **kwargs: Any) -> datetime:
    """``airflow.utils.timezone.datetime``: a time in the default zone."""
    kwargs.setdefault("tzinfo", DEFAULT)
    return datetime(*args, **kwargs)


def days_ago(n: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0) -> datetime:
    """``airflow.utils.dates.days_ago``: a midnight, or another time of that day."""
    today = utcnow().replace(hour=hour, minute=minute, second=second, microsecond=microsecond)
    return today - timedelta(days=n)


def parse_timezone(name: Any) -> tzinfo:
    """A zone by its name or offset in seconds."""
    return FixedTimezone(name) if isinstance(name, int) else named_zone(name)


def zone_name(zone: Any) -> str:
    """A zone as a schedule names it: ``Europe/Paris``, ``UTC`` or ``+02:00``."""
    name = getattr(zone, "key", None)
    if not isinstance(name, str):
        name = offset_name(zone.utcoffset(None) or timedelta(0)) if isinstance(zone, tzinfo) else "UTC"
    return "UTC" if name in ("UTC", "Etc/UTC", "+00:00") else name
