"""Which of two forms a client takes. What the header begins with decides; the rest of it is not read (observed)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_airflow.answers import JSON
from mock_airflow.api.airflow3.parameters import Parameter, one_of
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call, Operation

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

TEXT = "text/plain"


def accept(*kinds: str) -> Parameter:
    """The header as a document tells it."""
    return Parameter("accept", one_of(*kinds, "*/*"), default="*/*")


def accepted(call: Call, other: str = TEXT) -> str:
    """JSON or the other form. Raises Detail (406) for a client that asks for neither."""
    return _form(call.headers, other)


def see_accepted(operation: Operation, headers: Headers) -> None:
    """Raise Detail (406) for a client that takes neither of an operation's forms; it goes before a 422 (observed)."""
    if any(each.name == "accept" for each in operation.headers):
        _form(headers, operation.media[1])


def _form(headers: Headers, other: str) -> str:
    asked = headers.get("Accept")
    asked = None if asked is None else asked.strip()
    if asked is None or asked.startswith(("*/*", JSON)):
        return JSON
    if asked.startswith(other):
        return other
    raise Detail(406, f"Only application/json or {other} is supported")
