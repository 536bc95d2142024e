"""How answers about backfills look."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from mock_airflow.api.v2.backfills import ReprocessBehavior


class BackfillResponse(TypedDict):
    """A backfill."""

    id: Annotated[int, Field(ge=0)]
    dag_id: str
    from_date: datetime
    to_date: datetime
    dag_run_conf: dict[str, Any] | None
    is_paused: bool
    reprocess_behavior: ReprocessBehavior
    max_active_runs: int
    created_at: datetime
    completed_at: datetime | None
    updated_at: datetime
    dag_display_name: str


class DryRunBackfillResponse(TypedDict):
    """A run that a backfill would make."""

    logical_date: datetime | None
    partition_key: str | None
    partition_date: datetime | None


class DryRunBackfillCollectionResponse(TypedDict):
    """The runs that a backfill would make."""

    backfills: list[DryRunBackfillResponse]
    total_entries: int
