"""Dates in paths and bodies, in any notation that Airflow 2's parser takes: ISO 8601, then what people write."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import partial
from typing import Any

from mock_airflow.answers import Oops
from mock_airflow.api.experimental.answers import TextProblem


def read_date(text: Any, now: datetime) -> datetime:
    """The moment that a text names, in the zone that it names, else in UTC. Raises TextProblem, or Oops for no text."""
    if not isinstance(text, str):
        raise Oops(f"A date is a text, not {text!r}.")
    found = now if text == "now" else _parsed(text, now)
    if found is None:
        raise TextProblem(
            400,
            f"Given execution date, {text}, could not be identified as a date. "
            "Example date format: 2015-11-16T14:34:15+00:00",
        )
    try:
        offset = found.utcoffset()
        found = found.replace(tzinfo=timezone(offset) if offset else timezone.utc)
        found.astimezone(timezone.utc)
    except (ValueError, OverflowError) as error:
        raise Oops(f"The date {text} cannot be told in UTC: {error}.") from None
    return found


def _parsed(text: str, now: datetime) -> datetime | None:
    # croniter brings it; Airflow's own parser falls back to it as well
    from dateutil import parser  # type: ignore[import-untyped]

    today = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    written = partial(parser.parse, default=today, yearfirst=True, tzinfos=lambda name, offset: offset)
    for parse in (parser.isoparse, written):
        try:
            found: datetime = parse(text)
        except (ValueError, OverflowError):
            continue
        return found
    return None
