"""The state, told from outside: what a world file says is merged into what is there."""

from __future__ import annotations

from typing import Any

from mock_airflow.answers import NO_CONTENT, Answer
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control import answers
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.errors import WorldError
from mock_airflow.world.reading import SECTIONS, assembled

_SETTINGS = "settings"  # of a deployment that began; they are for its start
_WORLD = Schema("World", *(Field(section, "any") for section in SECTIONS if section != _SETTINGS))


@operation("POST", "/world", "merge_world", access=None, body=_WORLD, success=204)
def merge_world(call: ControlCall) -> Answer:
    """Add what a world file says to the state, in place of the rows that are there by the same name."""
    content: dict[str, Any] = call.body
    if _SETTINGS in content:
        raise WorldError("Settings hold from a deployment's start and cannot be merged; leave the section out.")
    world = assembled([("the body", content)])
    call.deployment.settle()
    world.merge(call.deployment)
    return NO_CONTENT


@operation("GET", "/saved", "get_saved", access=None, answer=answers.SAVED)
def get_saved(call: ControlCall) -> Answer:
    """Tell the whole deployment as it is now, as `serve --saved` and MockAirflow.load take it; keys as digests."""
    from mock_airflow.persistence.files import text_of

    call.deployment.settle()
    return json_answer({"saved": text_of(call.deployment)})
