"""The words with which Airflow describes a schedule."""

from __future__ import annotations

from mock_airflow.domain.schedules.cron import PRESETS


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
