"""A run as `/api/v2` tells it, and the versions that its task instances ran by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import DagRun, DagVersion

_TRIGGERED_BY = {
    "manual": "rest_api",
    "scheduled": "timetable",
    "backfill": "backfill",
    "asset_triggered": "asset",
    "operator_triggered": "operator",
    "asset_materialization": "rest_api",
}


def display_name(airflow: Airflow, dag_id: str) -> str:
    """The name that a DAG is shown by."""
    dag = airflow.dags.get(dag_id)
    return dag.dag_display_name if dag is not None else dag_id


def version_view(call: Call, version: DagVersion) -> dict[str, Any]:
    """A version of a DAG."""
    return {
        "id": version.id,
        "version_number": version.version_number,
        "dag_id": version.dag_id,
        "bundle_name": version.bundle_name,
        "bundle_version": version.bundle_version,
        "created_at": version.created_at,
        "dag_display_name": display_name(call.airflow, version.dag_id),
        "bundle_url": version.bundle_url,
    }


def latest_version(airflow: Airflow, dag_id: str) -> DagVersion | None:
    """The newest version of a DAG."""
    rows = airflow.dag_versions.group("dag_id", dag_id).values()
    return max(rows, key=lambda row: row.version_number, default=None)


def version_of(airflow: Airflow, dag_id: str, number: int | None) -> DagVersion | None:
    """The version of that number, the newest where none is known."""
    found = airflow.dag_versions.get((dag_id, number)) if number is not None else None
    return found or latest_version(airflow, dag_id)


def versions_of_run(airflow: Airflow, run: DagRun) -> list[DagVersion]:
    """The versions that the run's task instances have or had, in their order."""
    numbers = {ti.dag_version for ti in airflow.task_instances.group("run", run.key).values()}
    numbers |= {row.dag_version for row in airflow.tries.group("run", run.key).values()}
    found = {row.version_number: row for number in numbers if (row := version_of(airflow, run.dag_id, number))}
    return [found[number] for number in sorted(found)]


def made_by(call: Call, run: DagRun) -> list[DagVersion]:
    """The versions of the run's task instances, or the one that it was made by where it has none."""
    latest = latest_version(call.airflow, run.dag_id)
    return versions_of_run(call.airflow, run) or ([latest] if latest is not None else [])


def consumed(call: Call, run: DagRun) -> Iterator[str]:
    """The URIs and names of the assets whose events started the run."""
    for number in run.consumed_event_ids:
        event = call.airflow.asset_events.get(number)
        asset = call.airflow.assets.lookup("uri", event.asset_uri) if event is not None else None
        if asset is not None:
            yield from (asset.uri, asset.name)


def run_after_of(run: DagRun) -> datetime:
    """From when on the run may start."""
    return run.run_after or run.data_interval_end or run.logical_date


def duration_of(run: DagRun) -> float | None:
    """Seconds that the run took; None before it ended, or where it never began."""
    if run.start_date is None or run.end_date is None:
        return None
    return round((run.end_date - run.start_date).total_seconds(), 6)


def run_view(call: Call, run: DagRun) -> dict[str, Any]:
    """A run."""
    run_type = run.run_type
    return {
        "dag_run_id": run.run_id,
        "dag_id": run.dag_id,
        "logical_date": None if run.dateless else run.logical_date,
        "queued_at": run.queued_at,
        "start_date": run.start_date,
        "end_date": run.end_date,
        "duration": duration_of(run),
        "data_interval_start": run.data_interval_start,
        "data_interval_end": run.data_interval_end,
        "run_after": run_after_of(run),
        "last_scheduling_decision": run.last_scheduling_decision,
        "run_type": run_type,
        "state": run.state,
        "triggered_by": run.triggered_by or _TRIGGERED_BY.get(run_type),
        "triggering_user_name": run.triggering_user_name,
        "conf": run.conf,
        "note": run.note,
        "dag_versions": [version_view(call, row) for row in versions_of_run(call.airflow, run)],
        "bundle_version": run.bundle_version,
        "dag_display_name": display_name(call.airflow, run.dag_id),
        "partition_key": run.partition_key,
        "partition_date": run.partition_date,
    }
