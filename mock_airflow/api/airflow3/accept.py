"""Which of two forms a client takes. What the header begins with decides; the rest of it is not read (observed)."""

from __future__ import annotations

from mock_airflow.answers import JSON
from mock_airflow.api.airflow3.parameters import Parameter, one_of
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call

TEXT = "text/plain"


def accept(*kinds: str) -> Parameter:
    """The header as a document tells it."""
    return Parameter("accept", one_of(*kinds, "*/*"), default="*/*")


def accepted(call: Call, other: str = TEXT) -> str:
    """JSON or the other form. Raises Detail (406) for a client that asks for neither."""
    asked = call.headers.get("Accept")
    if asked is None or asked.startswith(("*/*", JSON)):
        return JSON
    if asked.startswith(other):
        return other
    raise Detail(406, f"Only application/json or {other} is supported")
