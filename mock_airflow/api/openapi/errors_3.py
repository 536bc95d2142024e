"""How refusals of Airflow 3 look, which is in more ways than its own document tells."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import WithJsonSchema
from typing_extensions import NotRequired, TypedDict


class HTTPExceptionResponse(TypedDict):
    """A refusal in words, or with details."""

    detail: str | dict[str, Any] | list[Any]


class ValidationError(TypedDict):
    """One fault of a request. A ``url`` is told where a handler looks at the body itself."""

    loc: list[str | int]
    msg: str
    type: str
    input: NotRequired[Any]
    url: NotRequired[str]
    ctx: NotRequired[Annotated[Any, WithJsonSchema({"type": "object"})]]


class HTTPValidationError(TypedDict):
    """Every fault of a request, or what a handler says of one."""

    detail: NotRequired[list[ValidationError] | str]
