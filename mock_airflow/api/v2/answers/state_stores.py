"""How answers about the state stores of assets and task instances look."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from pydantic import JsonValue
from typing_extensions import NotRequired, TypedDict


class AssetStateStoreWriterKind(str, Enum):
    """The kinds of writers."""

    task = "task"
    watcher = "watcher"
    api = "api"


class AssetStateStoreLastUpdatedBy(TypedDict):
    """Who wrote a value."""

    kind: AssetStateStoreWriterKind
    dag_id: NotRequired[str | None]
    run_id: NotRequired[str | None]
    task_id: NotRequired[str | None]
    map_index: NotRequired[int | None]


class AssetStateStoreResponse(TypedDict):
    """A value in an asset's state store."""

    key: str
    value: JsonValue
    updated_at: datetime
    last_updated_by: NotRequired[AssetStateStoreLastUpdatedBy | None]


class TaskStateStoreResponse(TypedDict):
    """A value in a task instance's state store."""

    key: str
    value: JsonValue
    updated_at: datetime
    expires_at: datetime | None
