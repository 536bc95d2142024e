"""The state, told from outside: what a world file says is merged into what is there."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control import answers
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.world.reading import SECTIONS, merge

_WORLD = Schema("World", *(Field(section, "any") for section in SECTIONS if section != "settings"))


@operation("POST", "/world", access=None, body=_WORLD, success=204)
def merge_world(call: ControlCall) -> None:
    """Add what a world file says to the state, in place of the rows that are there by the same name."""
    merge(call.deployment, call.body, "the body")


@operation("GET", "/saved", access=None, answer=answers.SAVED)
def get_saved(call: ControlCall) -> Answer:
    """Tell the whole deployment as it is now, as `serve --saved` and MockAirflow.load take it; keys as digests."""
    from mock_airflow.persistence.files import text_of

    call.deployment.settle()
    return json_answer({"saved": text_of(call.deployment)})
