"""A range that a filter asks for."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Between(NamedTuple):
    """Two bounds, each included; None is open."""

    gte: datetime | float | None = None
    lte: datetime | float | None = None


OPEN = Between()
