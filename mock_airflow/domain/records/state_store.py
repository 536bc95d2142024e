"""What tasks remember from one attempt to the next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct


class TaskState(Struct, frozen=True, kw_only=True):
    """A value that a task instance keeps; it goes when ``expires_at`` has passed, None for never."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1
    key: str
    value: Any
    updated_at: datetime
    expires_at: datetime | None = None
