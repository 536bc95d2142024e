"""What a schedule means for one run: its data interval, and the words Airflow describes it with."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from mock_airflow.domain.records import Schedule

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


def previous_fire(expression: str, at: datetime) -> datetime:
    """The last moment at or before ``at`` that a cron expression or preset names. Raises ValueError for a bad one."""
    from croniter import croniter

    expression = PRESETS.get(expression, expression)
    iterator = croniter(expression, at.astimezone(timezone.utc) + timedelta(microseconds=1), ret_type=datetime)
    found: datetime = iterator.get_prev()
    return found.astimezone(timezone.utc)


def manual_data_interval(schedule: Schedule, logical_date: datetime) -> tuple[datetime, datetime]:
    """The data interval of a run that somebody triggers for ``logical_date`` (observed).

    Cron: the last complete interval before it. A period: the period that ends there. Otherwise: the moment itself. A
    bound that is the logical date itself stays in the zone that this has (observed).
    """
    if schedule.kind == "cron":
        end = previous_fire(schedule.value, logical_date)
        return previous_fire(schedule.value, end - timedelta(microseconds=1)), end
    if schedule.kind in ("timedelta", "relativedelta") and schedule.delta is not None:
        return (logical_date - schedule.delta).astimezone(timezone.utc), logical_date
    return logical_date, logical_date


def cron_in_words(expression: str) -> str:
    """How Airflow describes a cron schedule; the empty text for one that cannot be described."""
    from cron_descriptor import CasingTypeEnum, ExpressionDescriptor, FormatException, MissingFieldException

    try:
        return str(
            ExpressionDescriptor(
                PRESETS.get(expression, expression), casing_type=CasingTypeEnum.Sentence, use_24hour_time_format=True
            ).get_description()
        )
    except (FormatException, MissingFieldException):
        return ""
