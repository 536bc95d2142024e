"""How answers about variables look."""

from __future__ import annotations

from typing_extensions import NotRequired, TypedDict


class VariableResponse(TypedDict):
    """A variable."""

    key: str
    value: NotRequired[str | None]
    description: str | None
    is_encrypted: bool
    team_name: str | None
