"""The assets that a task's success changes, with what their events carry.

That is what the task declares; of an alias, the assets that are known to stand behind it. What a plan says, or what the
same task did in the run that the DAG is modelled on, gives the events their extras, and names the assets of an alias
that is not resolved yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from mock_airflow.domain import assets
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Asset, DagModel, RunKey, Task, TaskInstanceKey, TaskOrder


def happen(
    airflow: Airflow, task: Task, source: TaskInstanceKey, order: TaskOrder, model: DagModel | None, at: datetime
) -> None:
    """Have the assets changed that a task instance changes by its success."""
    extras = _extras(task, order, model)
    if not (extras or task.outlets or task.outlet_aliases):
        return
    for uri in extras:
        if uri not in task.outlets:
            for alias in task.outlet_aliases or ("",):
                _resolve(airflow, alias, uri, at)
    uris = [uri for uri in task.outlets if airflow.assets.lookup("uri", uri)]
    for alias in task.outlet_aliases:
        uris += [row.uri for row in airflow.assets if any(one.get("name") == alias for one in row.aliases)]
    uris += [uri for uri in extras if not task.outlet_aliases]
    run = airflow.dag_runs.get(RunKey(source.dag_id, source.run_id))
    partition = (run.partition_key, run.partition_date) if run is not None else (None, None)
    for uri in dict.fromkeys(uris):
        extra = extras.get(uri)
        key, date = partition
        assets.change(airflow, uri, extra=extra, source=source, at=at, partition_key=key, partition_date=date)


def _extras(task: Task, order: TaskOrder, model: DagModel | None) -> Mapping[str, Any]:
    if order.changes is not None:
        return order.changes
    events = model.events.get(task.task_id, ()) if model is not None else ()
    return {event.asset_uri: event.extra for event in events}


def _resolve(airflow: Airflow, alias: str, uri: str, at: datetime) -> None:
    """Have an alias stand for an asset, which is made if it is not there; without a name it is only made."""
    row = airflow.assets.lookup("uri", uri)
    if row is None:
        row = Asset(id=airflow.next_id("assets"), uri=uri, extra={}, created_at=at, updated_at=at)
        airflow.assets.put(row)
    if alias and all(one.get("name") != alias for one in row.aliases):
        known = airflow.asset_aliases.get(alias)
        number = known.id if known is not None else airflow.next_id("asset_aliases")
        airflow.assets.put(replace(row, aliases=(*row.aliases, {"id": number, "name": alias})))
