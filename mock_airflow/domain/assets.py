"""Assets and their events, and what a change queues for the DAGs that wait for it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import takewhile

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.asset_conditions import aliases_in, condition_met
from mock_airflow.domain.errors import AssetNotFoundError
from mock_airflow.domain.query import ilike
from mock_airflow.domain.records import Asset, AssetEvent, Dag, JsonObject, QueuedEvent, RunKey, TaskInstanceKey
from mock_airflow.domain.schedules import partition_queue


def get(airflow: Airflow, uri: str) -> Asset:
    """The asset. Raises AssetNotFoundError."""
    asset = airflow.assets.lookup("uri", uri)
    if asset is None:
        raise AssetNotFoundError(uri=uri)
    return asset


def find(
    airflow: Airflow,
    *,
    uri_pattern: str | None = None,
    dag_ids: Collection[str] | None = None,
) -> list[Asset]:
    """The assets that pass both filters."""
    matches = ilike(uri_pattern) if uri_pattern else None
    return [
        asset
        for asset in airflow.assets
        if (matches is None or matches(asset.uri))
        and (not dag_ids or any(ref.dag_id in dag_ids for ref in (*asset.consuming_dags, *asset.producing_tasks)))
    ]


def find_events(airflow: Airflow, **equal_to: str | int | None) -> list[AssetEvent]:
    """The events whose attributes equal what is given; None, 0 and the empty text filter nothing (observed)."""
    wanted = {name: value for name, value in equal_to.items() if value}
    return [
        event for event in airflow.asset_events if all(getattr(event, name) == value for name, value in wanted.items())
    ]


def change(
    airflow: Airflow,
    uri: str,
    *,
    extra: JsonObject | None = None,
    source: TaskInstanceKey | None = None,
    at: datetime | None = None,
    partition_key: str | None = None,
    partition_date: datetime | None = None,
) -> AssetEvent:
    """Note that an asset changed, and queue it for every active, unpaused DAG that waits for it (observed).

    ``source`` is the task instance that changed it; None for a change told from outside. The change of a partition is
    for DAGs only that wait for partitions. Raises AssetNotFoundError.
    """
    asset = get(airflow, uri)
    at = at or airflow.now()
    event = airflow.asset_events.put(
        AssetEvent(
            id=airflow.next_id("asset_events"),
            asset_id=asset.id,
            asset_uri=uri,
            timestamp=at,
            extra=extra or {},
            source_dag_id=source.dag_id if source else None,
            source_task_id=source.task_id if source else None,
            source_run_id=source.run_id if source else None,
            source_map_index=source.map_index if source else -1,
            partition_key=partition_key,
        )
    )
    found = (airflow.dags.get(dag_id) for dag_id in _consumers(airflow, asset))
    waiting = [dag for dag in found if dag is not None and not dag.rests]
    by_partition = [dag for dag in waiting if dag.is_partitioned]
    if by_partition:
        partition_queue.queue(airflow, by_partition, asset, event, partition_date)
    for dag in waiting if partition_key is None else ():
        if not dag.is_partitioned:
            if (dag.dag_id, uri) not in airflow.queued_events:
                airflow.queued_events.put(QueuedEvent(dag_id=dag.dag_id, uri=uri, created_at=at))
            airflow.expect(dag.dag_id, at)
    return event


def _consumers(airflow: Airflow, asset: Asset) -> list[str]:
    """The DAGs that wait for the asset, by itself or by one of its aliases."""
    by_name = dict.fromkeys(reference.dag_id for reference in asset.consuming_dags)
    names = {alias.get("name") for alias in asset.aliases}
    if names:
        by_name |= dict.fromkeys(dag.dag_id for dag in airflow.dags if names & set(aliases_in(dag.schedule.assets)))
    return list(by_name)


def woken(airflow: Airflow, dag: Dag, changed: Collection[str]) -> bool:
    """Whether these changed assets are what the DAG waits for."""
    found = (airflow.assets.lookup("uri", uri) for uri in changed)
    names = {alias.get("name") for asset in found if asset for alias in asset.aliases}
    return condition_met(dag.schedule.assets, changed, names)


def consume(airflow: Airflow, dag_id: str, until: datetime) -> list[AssetEvent]:
    """Take the events that a waiting DAG's next run, of the logical date ``until``, answers, and empty its queue.

    They are the events of its assets after its last asset-triggered run and up to that date; later ones are left
    for the run after it (observed).
    """
    dag = airflow.dags.get(dag_id)
    uris = {asset.uri for asset in airflow.assets if dag_id in _consumers(airflow, asset)}
    if dag is None:
        return []
    runs = airflow.dag_runs.before("automatic", dag_id)
    last = next((run.logical_date for run in runs if run.run_type == "asset_triggered"), None)
    events = [
        event
        for uri in uris
        for event in takewhile(
            lambda event: last is None or event.timestamp > last,
            airflow.asset_events.before("timestamp", uri, until, included=True),
        )
    ]
    events.sort(key=lambda event: event.id)
    for queued in list(airflow.queued_events.group("dag_id", dag_id)):
        airflow.queued_events.delete(queued)
    return events


def credit(airflow: Airflow, event: AssetEvent, run_id: str, dag_id: str) -> None:
    """Note on an event that it helped to start a run."""
    current = airflow.asset_events.get(event.id) or event
    airflow.asset_events.put(replace(current, created_dagruns=(*current.created_dagruns, RunKey(dag_id, run_id))))
