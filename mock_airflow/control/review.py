"""The review in the control API."""

from __future__ import annotations

from mock_airflow.answers import HTML, Answer
from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.control.reading import refused
from mock_airflow.errors import ReviewError

_FORMATS = ("json", "sarif", "html", "text")
_EVIDENCE = Schema("Evidence", Field("call", "integer"), Field("at", format="date-time"), Field("line"))
_LEFT_OUT = Schema("LeftOutRule", Field("rule"), Field("missing", description="what the rule would need"))
_ADVICE = Schema(
    "Advice",
    Field("rule"),
    Field("title"),
    Field("severity", enum=("note", "warning", "error")),
    Field("subject"),
    Field("seen", description="what happened, in a sentence"),
    Field("evidence", "array", items=Field("evidence", schema=_EVIDENCE)),
    Field("values", "object"),
    Field("avoidable", "array", items=Field("call", "integer")),
    Field("consequence"),
    Field("way_out", description="a line of code or of configuration, or empty"),
    Field("source"),
    Field("link"),
)
_REVIEW = Schema(
    "Review",
    Field("version"),
    Field("calls", "integer"),
    Field("advice", "array", items=Field("advice", schema=_ADVICE)),
    Field("ignored", "array", items=Field("advice", "object")),
    Field("left_out", "array", items=Field("rule", schema=_LEFT_OUT)),
    Field("score", "object"),
    Field("migration", "object", description="what each operation of /api/v1 becomes with Airflow 3"),
)


@operation(
    "GET",
    "/review",
    access=None,
    answer=_REVIEW,
    query=(
        Query("severity"),
        Query("ignore", "array"),
        Query("since", "integer"),
        Query("format"),
        Query("score", "boolean"),
        Query("migration", "boolean"),
    ),
)
def get_review(call: ControlCall) -> Answer:
    """Tell what the clients did so far that will hurt in production: as JSON, SARIF 2.1.0, an HTML page or text."""
    from mock_airflow.review.review import review
    from mock_airflow.review.traffic import Traffic
    from mock_airflow.review.words import text

    form = call.query.get("format") or "json"
    if form not in _FORMATS:
        raise refused(f"There is no format {form!r}; there are {', '.join(_FORMATS)}.")
    since = call.query.get("since") or 0
    deployment = call.deployment
    traffic = Traffic((entry for entry in deployment.journal if entry.number >= since), deployment)
    try:
        found = review(traffic, ignore=call.query.get("ignore") or (), severity=call.query.get("severity") or "note")
    except ReviewError as error:
        raise refused(str(error)) from None
    if form == "html":
        return Answer(found.html(), content_type=HTML)
    if form == "text":
        shown = text(found, score=bool(call.query.get("score")), migration=bool(call.query.get("migration")))
        return Answer(f"{shown}\n", content_type="text/plain; charset=utf-8")
    return json_answer(found.sarif() if form == "sarif" else found.as_json())
