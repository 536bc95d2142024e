"""Partitions: what the runs of a partitioned DAG stand for, instead of a logical date."""

from __future__ import annotations

from datetime import datetime
from string import ascii_letters, digits
from typing import Any

from mock_airflow.domain.airflow import Airflow

KEY_FORMAT = "%Y-%m-%dT%H:%M:%S"  # out of the box; another is not told by the API


def partition_of(airflow: Airflow, at: datetime) -> tuple[str, dict[str, Any]]:
    """What a run's id ends in that stands for the partition of a moment, and the run's fields that name it."""
    key = at.strftime(KEY_FORMAT)
    drawn = airflow.ids.text(8, ascii_letters + digits, "partition")
    return f"__{key}__{drawn}", {"partition_key": key, "partition_date": at}
