"""What AnomalyArmor keeps: assets, and everything that is said of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from mock_airflow.domain.records.json_object import JsonObject


class Column(NamedTuple):
    """A column of a table."""

    name: str
    type: str
    nullable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """A data source (``database``), or something in one (``table``, ``view``).

    ``dataset_uri`` is the Airflow dataset that it stands for; its freshness follows that dataset's events. Without one,
    data arrives every ``every_hours`` until ``stopped_at``. ``last_update_time`` is what the latest check, at
    ``checked_at``, saw. ``undiscovered`` are columns that the source has and nobody looked at yet.
    """

    id: str
    qualified_name: str
    name: str
    asset_type: str
    source_type: str
    database: str
    schema: str
    description: str = ""
    dataset_uri: str | None = None
    columns: tuple[Column, ...] = ()
    undiscovered: tuple[Column, ...] = ()
    row_count: int = 0
    every_hours: float | None = None
    stopped_at: datetime | None = None
    first_load_at: datetime | None = None
    threshold_hours: int | None = 24
    last_update_time: datetime | None = None
    checked_at: datetime
    is_active: bool = True
    created_at: datetime
    updated_at: datetime

    @property
    def source(self) -> str:
        """The qualified name of the data source that it is in, or is."""
        return f"{self.source_type}.{self.database}"

    @property
    def path(self) -> str:
        """What names it within its data source."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def age(self, now: datetime) -> float | None:
        """The hours since its last known update; None when none is known."""
        return None if self.last_update_time is None else (now - self.last_update_time) / timedelta(hours=1)

    def freshness(self, now: datetime) -> str:
        """``fresh``, ``stale``, ``unknown`` (no update is known) or ``disabled`` (nothing is expected)."""
        age = self.age(now)
        if self.threshold_hours is None:
            return "disabled"
        if age is None:
            return "unknown"
        return "stale" if age > self.threshold_hours else "fresh"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """Something that is said of an asset or of the company, such as an alert, a rule or a job, by its ``kind``.

    ``number`` is what the vendor's own database calls it, of which some answers tell. ``facts`` are plain JSON.
    ``ends_at`` is when something that takes time will be over, ``done_at`` when it was.
    """

    id: str
    kind: str
    number: int
    asset_id: str | None = None
    parent_id: str | None = None
    facts: JsonObject = field(default_factory=dict)
    ends_at: datetime | None = None
    done_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
