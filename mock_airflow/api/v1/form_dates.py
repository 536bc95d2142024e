"""Dates in bodies that Airflow's document does not check, only its marshmallow schemas: other forms, other words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from mock_airflow.api.airflow2.problems import bad_request
from mock_airflow.api.airflow2.schema import Schema
from mock_airflow.api.operation import Call
from mock_airflow.errors import LoadError

# What marshmallow takes for a date and time: a blank for the T, no seconds, offsets without minutes (code).
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6})\d{0,6})?)?"
    r"(?:(Z)|([+-])(\d{2})(?::?(\d{2}))?)?"
)


def load_with_dates(call: Call, *names: str, schema: Schema | None = None) -> dict[str, Any]:
    """The body read by a schema (the operation's own), with these fields as moments in the zones they name.

    Raises Problem in marshmallow's words; for a date without a zone at once, whatever else is wrong (observed).
    """
    messages: dict[str, Any] = {}
    moments: dict[str, datetime] = {}
    for name in names:
        if (value := call.body.get(name)) is not None:
            moment = _parsed(value) if isinstance(value, str) else None
            if moment is None:
                messages[name] = ["Not a valid datetime."]
            elif moment.tzinfo is None:
                raise bad_request("Naive datetime is disallowed", "Invalid datetime format")
            else:
                moments[name] = moment
    schema = schema or call.operation.body_schema
    try:
        form = schema.load(call.body)
    except LoadError as error:
        messages |= error.messages
    else:
        if not messages:
            return {**form, **moments}
    places = {name: place for place, name in enumerate(schema.fields)}
    ordered = sorted(messages, key=lambda name: places.get(name, len(places)))
    raise bad_request(str({name: messages[name] for name in ordered}))


def _parsed(text: str) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    zone: timezone | None = timezone.utc if match[8] else None
    try:
        if match[9]:
            offset = timedelta(hours=int(match[10]), minutes=int(match[11] or 0))
            zone = timezone(offset if match[9] == "+" else -offset)
        year, month, day, hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3, 4, 5, 6))
        return datetime(year, month, day, hour, minute, second, int((match[7] or "").ljust(6, "0")), tzinfo=zone)
    except ValueError:
        return None
