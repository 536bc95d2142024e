"""Which DAGs and tasks an asset knows: those that wait for it, and those that change it."""

from __future__ import annotations

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.asset_conditions import uris_in
from mock_airflow.domain.records import Asset, AssetReference, Dag


def link(airflow: Airflow, dag: Dag) -> None:
    """Have the assets that the DAG waits for, or that its tasks change, know of it; unknown ones are made.

    An asset that knows of it already stays as it is.
    """
    for uri in dict.fromkeys(uris_in(dag.schedule.assets)):
        _add(airflow, uri, "consuming_dags", dag.dag_id, None)
    for task in dag.tasks.values():
        for uri in task.outlets:
            _add(airflow, uri, "producing_tasks", dag.dag_id, task.task_id)


def _add(airflow: Airflow, uri: str, name: str, dag_id: str, task_id: str | None) -> None:
    now = airflow.now()
    asset = airflow.assets.lookup("uri", uri)
    if asset is None:
        asset = Asset(id=airflow.next_id("assets"), uri=uri, extra={}, created_at=now, updated_at=now)
    known: tuple[AssetReference, ...] = getattr(asset, name)
    if not any((one.dag_id, one.task_id) == (dag_id, task_id) for one in known):
        new = AssetReference(dag_id=dag_id, task_id=task_id, created_at=now, updated_at=now)
        airflow.assets.put(replace(asset, **{name: (*known, new)}))
