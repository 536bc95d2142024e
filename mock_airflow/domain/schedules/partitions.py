"""Partitions: what the runs of a partitioned DAG stand for, instead of a logical date."""

from __future__ import annotations

from datetime import datetime, timezone
from string import ascii_letters, digits
from typing import Any

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import PartitionKeyError
from mock_airflow.domain.records import Dag
from mock_airflow.domain.schedules import partition_mappers
from mock_airflow.domain.schedules.cron import zone_of
from mock_airflow.domain.schedules.partition_queue import mapper_of

_LONGEST = 250
KEY_FORMAT = "%Y-%m-%dT%H:%M:%S"  # out of the box; another is told by a DAG file, and by no API


def date_of(airflow: Airflow, dag: Dag, key: str | None) -> datetime | None:
    """The moment that a partition's key stands for, of a run that is made by hand; None where it tells of none.

    Raises PartitionKeyError for a key that the DAG has no partitions of.
    """
    if key is None:
        return None
    if not dag.is_partitioned and not dag.details.get("partitioned_at_runtime"):
        raise PartitionKeyError(
            reason=f"Dag '{dag.dag_id}' is not a partitioned Dag and does not accept a partition_key."
        )
    if not key.strip():
        raise PartitionKeyError(reason="partition_key must not be empty or whitespace-only.")
    if len(key) > _LONGEST:
        raise PartitionKeyError(reason=f"partition_key must be at most {_LONGEST} characters; got {len(key)}.")
    if dag.schedule.kind == "cron":
        form = dag.details.get("partition_key_format") or KEY_FORMAT
        try:
            return datetime.strptime(key, form).replace(tzinfo=zone_of(dag.timezone))
        except ValueError as error:
            raise PartitionKeyError(
                reason=f"Partition key {key!r} does not match the timetable's key_format {form!r}: {error}"
            ) from None
    return _by_mappers(airflow, dag, key) if dag.is_partitioned else None


def _by_mappers(airflow: Airflow, dag: Dag, key: str) -> datetime | None:
    assets = [asset for asset in airflow.assets if any(one.dag_id == dag.dag_id for one in asset.consuming_dags)]
    try:
        dates = {date for each in assets if (date := partition_mappers.date_of(mapper_of(dag, each), key)) is not None}
    except ValueError as error:
        raise PartitionKeyError(
            reason=f"Partition key {key!r} is invalid for this timetable's mappers: {error}"
        ) from None
    return dates.pop() if len(dates) == 1 else None


def id_of_its_own(airflow: Airflow, dag: Dag, run_type: str, run_after: datetime) -> str | None:
    """The id of a run that is made by hand, where the DAG's timetable has its own form of it."""
    if not dag.is_partitioned or dag.schedule.kind != "cron":
        return None
    drawn = airflow.ids.text(8, ascii_letters + digits, "partition")
    return f"{run_type}__{run_after.astimezone(timezone.utc).isoformat()}__{drawn}"


def partition_of(airflow: Airflow, dag: Dag, at: datetime) -> tuple[str, dict[str, Any]]:
    """What a run's id ends in that stands for the partition of a moment, and the run's fields that name it."""
    key = at.strftime(dag.details.get("partition_key_format") or KEY_FORMAT)
    drawn = airflow.ids.text(8, ascii_letters + digits, "partition")
    return f"__{key}__{drawn}", {"partition_key": key, "partition_date": at}
