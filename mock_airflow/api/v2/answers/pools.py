"""How answers about pools look."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import NotRequired, TypedDict


class PoolResponse(TypedDict):
    """A pool, and how full it is."""

    name: str
    slots: Annotated[int, Field(ge=-1)]
    description: NotRequired[str | None]
    include_deferred: bool
    occupied_slots: int
    running_slots: int
    queued_slots: int
    scheduled_slots: int
    open_slots: int
    deferred_slots: int
    team_name: str | None
