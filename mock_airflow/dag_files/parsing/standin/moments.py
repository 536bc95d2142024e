"""Times and zones as Airflow reads them: a time without a zone is in the default one, which is UTC."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

DEFAULT = timezone.utc


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
    return value if value.tzinfo else value.replace(tzinfo=timezone or DEFAULT)


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
    if isinstance(name, int):
        return timezone(timedelta(seconds=name))
    if name in ("UTC", "utc", "Z"):
        return timezone.utc
    return ZoneInfo(name)


def zone_name(zone: Any) -> str:
    """How the API names a zone: ``Europe/Paris``, ``UTC`` or ``+02:00``."""
    name = getattr(zone, "name", None) or getattr(zone, "key", None) or getattr(zone, "zone", None)
    if isinstance(name, str):
        return "UTC" if name in ("UTC", "utc", "Etc/UTC") else name
    offset = zone.utcoffset(datetime(2000, 1, 1))
    if not offset:
        return "UTC"
    minutes = int(offset.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
