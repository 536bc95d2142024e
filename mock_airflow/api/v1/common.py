"""Objects that several answers hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mock_airflow.api.schema import Field, Schema
from mock_airflow.domain.records import Schedule

TIME_DELTA = Schema(
    "TimeDelta",
    Field("__type", of=lambda _: "TimeDelta"),
    Field("days", "integer"),
    Field("seconds", "integer"),
    Field("microseconds", "integer"),
    required=("__type", "days", "seconds", "microseconds"),
)
CRON_EXPRESSION = Schema("CronExpression", Field("__type"), Field("value"), required=("__type", "value"))
TAG = Schema("Tag", Field("name", of=lambda name: name))
TASK_STATE = (
    None,
    "success",
    "running",
    "failed",
    "upstream_failed",
    "skipped",
    "up_for_retry",
    "up_for_reschedule",
    "queued",
    "none",
    "scheduled",
    "deferred",
    "removed",
    "restarting",
)
RUN_STATES = ("queued", "running", "success", "failed")


def time_delta(value: timedelta | None) -> dict[str, Any] | None:
    """A period as Airflow writes it."""
    if value is None:
        return None
    return {"__type": "TimeDelta", "days": value.days, "seconds": value.seconds, "microseconds": value.microseconds}


def schedule_interval(schedule: Schedule) -> dict[str, Any] | None:
    """A schedule as Airflow writes it: a DAG that waits for datasets says the cron expression ``Dataset`` (observed)."""
    if schedule.kind == "none":
        return None
    if schedule.delta is not None:
        return time_delta(schedule.delta)
    return {"__type": "CronExpression", "value": "Dataset" if schedule.kind == "datasets" else schedule.value}
