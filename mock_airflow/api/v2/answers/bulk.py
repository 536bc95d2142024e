"""How answers about bulk changes look."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import NotRequired, TypedDict


class BulkActionResponse(TypedDict):
    """The names of what was done, and what was not."""

    success: NotRequired[Annotated[list[str], Field(json_schema_extra={"default": []})]]
    errors: NotRequired[Annotated[list[dict[str, Any]], Field(json_schema_extra={"default": []})]]


class BulkResponse(TypedDict):
    """What each kind of action came to; null for a kind that was not asked for."""

    create: NotRequired[BulkActionResponse | None]
    update: NotRequired[BulkActionResponse | None]
    delete: NotRequired[BulkActionResponse | None]
