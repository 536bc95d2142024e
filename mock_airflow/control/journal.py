"""The journal in the control API, and the way back to the state before a call."""

from __future__ import annotations

from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control.answers import listing
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.control.reading import not_found, number_of, refused
from mock_airflow.errors import JournalError
from mock_airflow.journal.explanation import explained
from mock_airflow.journal.export import har, recording
from mock_airflow.journal.journal import DECISIONS, Entry
from mock_airflow.journal.matching import check_filters, matching

_MESSAGE = Schema("Message", Field("headers", "object"), Field("body"))
_CHANGE = Schema(
    "Change",
    Field("table"),
    Field("key", "any"),
    Field("change", enum=("added", "changed", "deleted")),
    Field("before", "object", nullable=True, description="of a row that changed, only what differs"),
    Field("after", "object", nullable=True),
)
_STANDING = Schema(
    "Standing",
    Field("rule"),
    Field("remaining", "integer"),
    Field("reset", "integer", description="seconds"),
    Field("counted_as"),
    nullable=True,
)
_FAULT = Schema("FiredFault", Field("id", "integer"), Field("text"))
_WHY = (
    Field("reason"),
    Field("rule"),
    Field("read_from"),
    Field("would_pass"),
    Field("since", format="date-time", nullable=True),
    Field("until", format="date-time", nullable=True),
)
_ENTRY = Schema(
    "Entry",
    Field("number", "integer"),
    Field("request_id", description="its name in the log too"),
    Field("at", format="date-time", description="on the deployment's clock"),
    Field("method"),
    Field("path"),
    Field("query"),
    Field("operation_id", nullable=True),
    Field("principal", nullable=True),
    Field("credential", description="without its secret"),
    Field("request", schema=_MESSAGE),
    Field("status", "integer", description="0 where nothing went out"),
    Field("response", schema=_MESSAGE),
    Field("decision", enum=DECISIONS),
    *_WHY,
    Field("limit", schema=_STANDING),
    Field("changes", "array", items=Field("change", schema=_CHANGE)),
    Field("duration", "number", description="in real seconds"),
    Field("faults", "array", items=Field("fault", schema=_FAULT)),
)
_EXPLANATION = Schema(
    "Explanation",
    Field("number", "integer"),
    Field("call"),
    Field("status", "integer"),
    Field("decision"),
    Field("credential"),
    Field("principal", nullable=True),
    *_WHY,
    Field("text", description="all of it in sentences"),
)
_EXPORT = Schema("Export", Field("log", "object"), Field("scenario", "object"), Field("answers", "object"))
_FORMATS = ("entries", "har", "recording", "pytest")


def _entry(call: ControlCall, name: str) -> Entry:
    try:
        return call.deployment.journal.get(number_of(call, name, "call"))
    except JournalError as error:
        raise not_found(error) from None


@operation(
    "GET",
    "/journal",
    access=None,
    answer=_ENTRY,
    listed="entries",
    or_answer=_EXPORT,
    query=(
        Query("operation_id"),
        Query("operation"),
        Query("principal"),
        Query("request_id"),
        Query("status", "integer"),
        Query("decision"),
        Query("method"),
        Query("path"),
        Query("fault", "integer"),
        Query("since", "integer"),
        Query("until", "integer"),
        Query("last", "integer", minimum=1),
        Query("format"),
    ),
)
def get_journal(call: ControlCall) -> Answer:
    """List the entries of the journal that fit, oldest first; or as an HTTP archive, a recording, or a pytest file."""
    wanted: dict[str, Any] = dict(call.query)
    last, form = wanted.pop("last", None), wanted.pop("format", None) or "entries"
    if form not in _FORMATS:
        raise refused(f"There is no format {form!r}; there are {', '.join(_FORMATS)}.")
    check_filters({name: wanted[name] for name in ("method", "decision") if name in wanted}, ())
    found = matching(call.deployment.journal, wanted)
    found = found[-last:] if last is not None else found
    if form == "har":
        return json_answer(har(found, f"http://{call.headers.get('Host', 'localhost')}"))
    if form == "recording":
        return json_answer(recording(found))
    if form == "pytest":
        from mock_airflow.replay.pytest_file import pytest_file

        try:
            return Answer(pytest_file(call.deployment, found), content_type="text/x-python; charset=utf-8")
        except JournalError as error:
            raise refused(str(error)) from None
    return listing("entries", [entry.told() for entry in found])


@operation("DELETE", "/journal", access=None, success=204)
def clear_journal(call: ControlCall) -> None:
    """Empty the journal."""
    call.deployment.journal.clear()


@operation("GET", "/explain/{call}", access=None, answer=_EXPLANATION)
def explain_call(call: ControlCall) -> Answer:
    """Tell why a call was decided as it was: the credential, the rule, what would have passed, and for what time."""
    return json_answer(explained(_entry(call, "call")))


@operation("POST", "/rewind/{call}", access=None, success=204)
def rewind(call: ControlCall) -> None:
    """Go back to just before a call; the journal goes on."""
    call.deployment.rewind(_entry(call, "call").number)
