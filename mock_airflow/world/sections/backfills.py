"""Backfills and jobs of a world file, as an Airflow 3 tells them, and what follows from other sections."""

from __future__ import annotations

from typing import Any

from mock_airflow.domain.records import Backfill, Job, RunKey
from mock_airflow.world.entry import WorldEntry
from mock_airflow.world.fields import record
from mock_airflow.world.sections.transaction import Draft, rows, section


@section("dag_tags")
def _dag_tags(draft: Draft, content: Any, place: str) -> None:
    """The tags that the DAGs have; they are told by those."""


@rows("backfills")
def _backfill(draft: Draft, entry: WorldEntry) -> Backfill:
    dag_id = entry.text("dag_id")
    draft.dag(dag_id, entry.place)
    entry.ignore("dag_display_name")
    created = entry.moment("created_at", draft.airflow.now())
    return record(
        entry,
        Backfill,
        {"updated_at": created},
        id=draft.number("backfills", entry),
        dag_id=dag_id,
        created_at=created,
        runs=tuple(RunKey(dag_id, run_id) for run_id in entry.texts("dag_run_ids")),
    )


@rows("jobs")
def _job(draft: Draft, entry: WorldEntry) -> Job:
    entry.ignore("dag_display_name")
    started = entry.moment("start_date", draft.airflow.now())
    usual = {"state": "running", "latest_heartbeat": started, "hostname": draft.airflow.hostname}
    return record(entry, Job, usual, id=draft.number("jobs", entry), start_date=started)
