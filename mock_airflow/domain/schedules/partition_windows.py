"""The windows of Airflow 3's partition mappers: which finer partitions make a coarser one (code)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

_Step = Callable[[datetime, int], datetime]


def _months(at: datetime, count: int) -> datetime:
    total = at.month - 1 + count
    return at.replace(year=at.year + total // 12, month=total % 12 + 1)


def _of(**unit: int) -> _Step:
    return lambda at, count: at + count * timedelta(**unit)


_STEPS: dict[str, tuple[int, _Step]] = {
    "HourWindow": (60, _of(minutes=1)),
    "DayWindow": (24, _of(hours=1)),
    "WeekWindow": (7, _of(days=1)),
    "QuarterWindow": (3, _months),
    "YearWindow": (12, _months),
}


def period(window: Mapping[str, Any], decoded: Any) -> list[Any]:
    """What a window holds that begins, or backward ends, at a decoded key. Raises ValueError for one that cannot.

    That is moments, or the names of segments.
    """
    kind, backward = window["type"], window.get("direction") == "backward"
    if kind == "SegmentWindow":
        return list(window["segments"])
    if kind in ("MonthWindow", "QuarterWindow", "YearWindow") and decoded.day != 1:
        raise ValueError(f"{kind} expects a period start on day 1 of the month, got {decoded.isoformat()}.")
    if kind == "MonthWindow":
        start = _months(decoded, -1) if backward else decoded
        days = ((decoded if backward else _months(decoded, 1)) - start).days
        return [start + timedelta(days=day + backward) for day in range(days)]
    count, step = _STEPS[kind]
    base = step(decoded, 1 - count) if backward else decoded
    return [step(base, place) for place in range(count)]
