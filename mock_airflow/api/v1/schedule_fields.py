"""Schedules and periods, as the answers on DAGs and tasks tell them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.domain.records import PARTS, SPANS, Schedule

TIME_DELTA = Schema(
    "TimeDelta",
    Field("__type"),
    Field("days", "integer"),
    Field("seconds", "integer"),
    Field("microseconds", "integer"),
    required=("__type", "days", "seconds", "microseconds"),
    nullable=True,
)
_RELATIVE = (
    *("years", "months", "days", "leapdays", "hours", "minutes", "seconds", "microseconds"),
    *("year", "month", "day", "hour", "minute", "second", "microsecond"),
)
RELATIVE_DELTA = Schema(
    "RelativeDelta",
    Field("__type"),
    *(Field(name, "integer") for name in _RELATIVE),
    required=("__type", *_RELATIVE),
)
CRON_EXPRESSION = Schema("CronExpression", Field("__type"), Field("value"), required=("__type", "value"), nullable=True)


def time_delta(value: timedelta | None) -> dict[str, Any] | None:
    """A period as Airflow writes it."""
    if value is None:
        return None
    return {"__type": "TimeDelta", "days": value.days, "seconds": value.seconds, "microseconds": value.microseconds}


def schedule_interval(schedule: Schedule) -> dict[str, Any] | None:
    """A schedule as Airflow writes it; a DAG that waits for datasets has the cron expression ``Dataset`` (observed)."""
    if schedule.kind == "none":
        return None
    if schedule.relative is not None:
        return {"__type": "RelativeDelta", **dict.fromkeys(SPANS, 0), **dict.fromkeys(PARTS), **schedule.relative}
    if schedule.delta is not None:
        return time_delta(schedule.delta)
    return {"__type": "CronExpression", "value": _summary(schedule)}


def _summary(schedule: Schedule) -> str:
    """What Airflow calls a schedule that is not a period (observed)."""
    if schedule.kind == "assets":
        return schedule.value or "Dataset"
    if schedule.events:
        return f"{len(schedule.events)} events"
    return f"Dataset or {schedule.value}" if schedule.assets else schedule.value
