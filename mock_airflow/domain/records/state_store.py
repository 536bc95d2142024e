"""What tasks remember from one attempt to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskState:
    """A value that a task instance keeps; it goes when ``expires_at`` has passed, None for never."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1
    key: str
    value: Any
    updated_at: datetime
    expires_at: datetime | None = None
