"""How answers about import errors look."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict


class ImportErrorResponse(TypedDict):
    """A file that could not be read."""

    import_error_id: int
    timestamp: datetime
    filename: str
    bundle_name: str | None
    stack_trace: str
