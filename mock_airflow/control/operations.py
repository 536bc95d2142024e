"""The operations of the control API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mock_airflow._version import __version__
from mock_airflow.api.operation import NO_CONTENT, Answer, Api, Call, json_answer
from mock_airflow.api.parameters import Query
from mock_airflow.api.schema import Field, Schema

API = Api("control", "/__mock__")
operation = API.tagged("Control")

_CLOCK = Schema("Clock", Field("now", format="date-time"), Field("frozen", "boolean"), Field("speed", "number"))
_ADVANCE = Schema("Advance", Field("seconds", "number", minimum=0), required=("seconds",))


@operation("GET", "/health", "health", access=None)
def health(call: Call) -> Answer:
    """Tell that the server is up, and what it imitates."""
    return json_answer({"status": "ok", "version": __version__, "profile": call.settings.profile})


@operation("POST", "/reset", "reset", access=None)
def reset(call: Call) -> Answer:
    """Go back to the starting state and empty the journal."""
    call.deployment.reset()
    return NO_CONTENT


def _clock(call: Call) -> Answer:
    clock = call.deployment.clock
    return json_answer({"now": clock.now(), "frozen": clock.frozen, "speed": clock.speed})


@operation("GET", "/clock", "get_clock", access=None, answer=_CLOCK)
def get_clock(call: Call) -> Answer:
    """Tell the clock's moment, whether it stands still, and its speed."""
    return _clock(call)


@operation("PUT", "/clock", "put_clock", access=None, body=_CLOCK, answer=_CLOCK)
def put_clock(call: Call) -> Answer:
    """Set any of the clock's moment, stillness and speed."""
    values: dict[str, Any] = call.load()
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


@operation("POST", "/clock/advance", "advance_clock", access=None, body=_ADVANCE, answer=_CLOCK)
def advance_clock(call: Call) -> Answer:
    """Move the clock forward."""
    call.deployment.clock.advance(call.load()["seconds"])
    return _clock(call)


@operation(
    "GET",
    "/journal",
    "get_journal",
    access=None,
    query=(Query("operation_id"), Query("decision"), Query("principal"), Query("status", "integer")),
)
def get_journal(call: Call) -> Answer:
    """List the entries of the journal, oldest first."""
    found = call.deployment.journal.find(call.query)
    return json_answer({"entries": [entry.told() for entry in found], "total_entries": len(found)})


@operation("DELETE", "/journal", "clear_journal", access=None, success=204)
def clear_journal(call: Call) -> Answer:
    """Empty the journal."""
    call.deployment.journal.clear()
    return NO_CONTENT
