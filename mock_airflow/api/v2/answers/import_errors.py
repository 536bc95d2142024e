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


class ImportErrorCollectionResponse(TypedDict):
    """A page of import errors."""

    import_errors: list[ImportErrorResponse]
    total_entries: int
