"""Schedules in the short forms of world files and tests: one reader of all of them, which says what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from mock_airflow.domain.records import Schedule
from mock_airflow.domain.schedules.cron import PRESETS, cron, wrong_with
from mock_airflow.errors import ScheduleError
from mock_airflow.settings.spelling import nearest

_KINDS = {"@once": "once", "@continuous": "continuous"}
_FORMS = (
    "write a cron expression such as '0 6 * * *', a preset such as '@daily', a period (a timedelta, or its seconds), "
    "or a list of dataset URIs"
)
_A_DAY = datetime(2000, 1, 1, tzinfo=timezone.utc)  # on which Airflow tries whether a period leads on


def schedule_of(short: str | float | timedelta) -> Schedule:
    """The schedule that a text, a number of seconds or a period means; the one reader of all of these.

    Raises ScheduleError for one that a real Airflow refuses, and for one that names no moment at all.
    """
    if isinstance(short, str):
        return Schedule(kind=_KINDS.get(short, "cron"), value=short if short in _KINDS else cron_expression(short))
    try:
        period = short if isinstance(short, timedelta) else timedelta(seconds=short)
        _A_DAY + period
    except (OverflowError, ValueError):
        raise ScheduleError(short, "is too long a period; no date lies so far ahead") from None
    if period <= timedelta(0):
        raise ScheduleError(short, "is not a period that leads on; give it more than 0 seconds")
    return Schedule(kind="timedelta", delta=period)


def cron_expression(text: str) -> str:
    """The cron expression or preset, as it is. Raises ScheduleError for one that is none, or names no moment."""
    try:
        schedule = cron(text)
    except ValueError:
        if text.startswith("@"):
            close = nearest(text, [*PRESETS, *_KINDS])
            hint = f"did you mean {close!r}" if close else _FORMS
            raise ScheduleError(text, f"is none of Airflow's presets; {hint}") from None
        raise ScheduleError(text, f"cannot be understood: {wrong_with(text)}; {_FORMS}") from None
    if not schedule.names_moments:
        raise ScheduleError(text, f"names no moment, so it would never make a run; {_FORMS}")
    return text


def relative_schedule(parts: Mapping[str, Any]) -> Schedule:
    """A period by the calendar, such as ``{"months": 1}``. Raises ValueError for one that leads nowhere."""
    from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

    try:
        leads_on = _A_DAY + relativedelta(**parts) > _A_DAY
    except (OverflowError, ValueError, TypeError):
        raise ValueError("no date lies behind such a period") from None
    if not leads_on:
        raise ValueError("a period takes some time; give it years, months, days, hours, minutes or seconds")
    return Schedule(kind="relativedelta", relative=dict(parts))


def condition_of(condition: Any) -> Any:
    """The condition over assets, as it is. Raises ValueError for what is none."""
    if isinstance(condition, str):
        return condition
    if isinstance(condition, Mapping) and len(condition) == 1:
        kind, inner = next(iter(condition.items()))
        if kind == "alias" and isinstance(inner, str):
            return condition
        if kind in ("any", "all") and isinstance(inner, (list, tuple)):
            for part in inner:
                condition_of(part)
            return condition
    raise ValueError(
        f"{condition!r} is not a condition over datasets; write a URI, {{'alias': name}}, or a list of such conditions "
        "as {'any': [...]} or {'all': [...]}"
    )
