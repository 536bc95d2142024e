"""The clock in the control API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.control.reading import values_of

_CLOCK = Schema("Clock", Field("now", format="date-time"), Field("frozen", "boolean"), Field("speed", "number"))
_ADVANCE = Schema("Advance", Field("seconds", "number", minimum=0), required=("seconds",))


def _clock(call: ControlCall) -> Answer:
    clock = call.deployment.clock
    return json_answer({"now": clock.now(), "frozen": clock.frozen, "speed": clock.speed})


@operation("GET", "/clock", access=None, answer=_CLOCK)
def get_clock(call: ControlCall) -> Answer:
    """Tell the clock's moment, whether it stands still, and its speed."""
    return _clock(call)


@operation("PUT", "/clock", access=None, body=_CLOCK, answer=_CLOCK)
def put_clock(call: ControlCall) -> Answer:
    """Set any of the clock's moment, stillness and speed."""
    values: dict[str, Any] = values_of(call)
    clock = call.deployment.clock
    now: datetime | None = values.get("now")
    if now is not None:
        clock.set(now)
    if "speed" in values:
        clock.speed = values["speed"]
    if values.get("frozen") is True:
        clock.freeze()
    elif values.get("frozen") is False:
        clock.unfreeze()
    return _clock(call)


@operation("POST", "/clock/advance", access=None, body=_ADVANCE, answer=_CLOCK)
def advance_clock(call: ControlCall) -> Answer:
    """Move the clock forward."""
    call.deployment.clock.advance(values_of(call)["seconds"])
    return _clock(call)
