"""What changed partitions of assets have queued for the DAGs that wait for partitions (code).

A change of a partition is for a run of one key, or of several, as the DAG's mapper of that asset says. Such a run is
made when all the assets that the DAG waits for have come with its key. A change without a key is for none of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from mock_airflow.domain import event_logs
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.asset_conditions import condition_met
from mock_airflow.domain.records import Asset, AssetEvent, CameFor, Dag, WaitingPartition
from mock_airflow.domain.schedules import partition_mappers


def mapper_of(dag: Dag, asset: Asset) -> partition_mappers.Mapper:
    """The mapper that a DAG has for an asset, by its name before its URI."""
    told: Mapping[str, Any] = dag.details.get("partition_mappers") or {}
    own = told.get("by_name", {}).get(asset.asset_name) or told.get("by_uri", {}).get(asset.uri)
    found: partition_mappers.Mapper = own or told.get("default") or partition_mappers.IDENTITY
    return found


def queue(airflow: Airflow, dags: Collection[Dag], asset: Asset, event: AssetEvent, date: datetime | None) -> None:
    """Queue an asset's change for DAGs that wait for partitions of it; ``date`` is that of the partition that changed.

    Where that cannot be, the audit log says why.
    """
    if event.partition_key is None:
        _complain(
            airflow,
            event,
            "missing partition key",
            "Listening Dags are partition-aware but the run has no partition key"
            f" (listening_dags={[dag.dag_id for dag in dags]}, asset_id={asset.id}, run_id={event.source_run_id},"
            f" dag_id={event.source_dag_id}, task_id={event.source_task_id})",
        )
        return
    for dag in dags:
        mapper = mapper_of(dag, asset)
        keys = _keys(airflow, dag, asset, event, mapper)
        for key in keys:
            _wait(airflow, dag, asset, event, key, partition_mappers.carried(mapper, date))
        if keys:
            airflow.expect(dag.dag_id, event.timestamp)


def _keys(airflow: Airflow, dag: Dag, asset: Asset, event: AssetEvent, mapper: partition_mappers.Mapper) -> list[str]:
    """The keys of the runs that a change is for."""
    key = event.partition_key or ""
    of = f"for asset (name='{asset.asset_name}', uri='{asset.uri}') in target Dag '{dag.dag_id}'"
    try:
        keys = partition_mappers.downstream(mapper, key)
    except (ValueError, TypeError) as error:
        _complain(
            airflow,
            event,
            "failed to map partition_key",
            f"Could not map partition_key '{key}' {of}. This likely indicates that the partition mapper in the target"
            f" Dag is misconfigured or does not support this partition key.\n{type(error).__name__}: {error}",
        )
        return []
    most, limit = partition_mappers.most_keys(mapper)
    if len(keys) > most:
        _complain(
            airflow,
            event,
            "partition fan-out exceeded",
            f"Partition mapper {of} produced {len(keys)} downstream keys from partition_key='{key}', exceeding {limit}."
            " No Dag runs were queued for this event.",
        )
        return []
    return keys


def _wait(airflow: Airflow, dag: Dag, asset: Asset, event: AssetEvent, key: str, date: datetime | None) -> None:
    came = CameFor(asset_event_id=event.id, uri=asset.uri, key=event.partition_key or "")
    waiting = airflow.waiting_partitions.get((dag.dag_id, key))
    if waiting is None:
        airflow.waiting_partitions.put(
            WaitingPartition(
                id=airflow.next_id("waiting_partitions"),
                dag_id=dag.dag_id,
                partition_key=key,
                partition_date=date,
                came=(came,),
                mappers=dag.details.get("partition_mappers"),
            )
        )
        return
    agreed = waiting.partition_date or date
    if None not in (waiting.partition_date, date) and waiting.partition_date != date:
        agreed = None  # assets that tell of two moments tell of none
    airflow.waiting_partitions.put(replace(waiting, partition_date=agreed, came=(*waiting.came, came)))


def complete(airflow: Airflow, dag: Dag) -> Iterator[WaitingPartition]:
    """Take what waits for runs of the DAG and has all it waits for, oldest first; the run's date stands in it.

    What was queued under other mappers than the DAG has by now is forgotten.
    """
    for waiting in sorted(airflow.waiting_partitions.group("dag_id", dag.dag_id).values(), key=lambda row: row.id):
        if waiting.mappers != dag.details.get("partition_mappers"):
            airflow.waiting_partitions.delete((dag.dag_id, waiting.partition_key))
            continue
        there: dict[str, set[str]] = {}
        for came in waiting.came:
            there.setdefault(came.uri, set()).add(came.key)
        found = {uri: asset for uri in there if (asset := airflow.assets.lookup("uri", uri)) and asset.is_active}
        mappers = {uri: mapper_of(dag, asset) for uri, asset in found.items()}
        ready = [
            uri for uri, each in mappers.items() if partition_mappers.complete(each, waiting.partition_key, there[uri])
        ]
        if condition_met(dag.schedule.assets, ready):
            airflow.waiting_partitions.delete((dag.dag_id, waiting.partition_key))
            yield replace(waiting, partition_date=_date(mappers.values(), waiting))


def _date(mappers: Collection[partition_mappers.Mapper], waiting: WaitingPartition) -> datetime | None:
    """The moment of a run's partition: what the key says, else what came along; None where they disagree."""
    try:
        dates = {date for each in mappers if (date := partition_mappers.date_of(each, waiting.partition_key))}
    except ValueError:
        return None
    return waiting.partition_date if not dates else dates.pop() if len(dates) == 1 else None


def _complain(airflow: Airflow, event: AssetEvent, what: str, extra: str) -> None:
    source = (event.source_dag_id, event.source_task_id, event.source_run_id)
    event_logs.record(airflow, what, owner=None, extra=extra, dag_id=source[0], task_id=source[1], run_id=source[2])
