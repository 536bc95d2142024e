"""Backfills and jobs of a world file, as an Airflow 3 tells them, and what follows from other sections."""

from __future__ import annotations

from typing import Any

from mock_airflow.domain.records import Backfill, Job, RunKey
from mock_airflow.world.entry import complain, nearest
from mock_airflow.world.sections.transaction import Draft, entries, section


@section("dag_tags")
def _dag_tags(draft: Draft, content: Any, place: str) -> None:
    """The tags that the DAGs have; they are told by those."""


@section("backfills")
def _backfills(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        dag_id, number = entry.text("dag_id"), entry.whole("id", None)
        known = [row.dag_id for row in (*draft.airflow.dags, *draft.all("dags"))]
        if dag_id not in known:
            complain(entry.place, f"there is no DAG {dag_id!r} in the section 'dags'.{nearest(dag_id, known)}")
        entry.ignore("dag_display_name")
        created = entry.moment("created_at", draft.airflow.now())
        row = Backfill(
            id=draft.claim_id("backfills", number) if number else draft.next_id("backfills"),
            dag_id=dag_id,
            from_date=entry.moment("from_date"),
            to_date=entry.moment("to_date"),
            created_at=created,
            updated_at=entry.moment("updated_at", created),
            dag_run_conf=entry.object("dag_run_conf", None),
            is_paused=entry.flag("is_paused", False),
            reprocess_behavior=entry.text("reprocess_behavior", "none"),
            max_active_runs=entry.whole("max_active_runs", 10),
            completed_at=entry.moment("completed_at", None),
            runs=tuple(RunKey(dag_id, run_id) for run_id in entry.texts("dag_run_ids")),
        )
        entry.done()
        draft.put("backfills", row)


@section("jobs")
def _jobs(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        number = entry.whole("id", None)
        entry.ignore("dag_display_name")
        started = entry.moment("start_date", draft.airflow.now())
        row = Job(
            id=draft.claim_id("jobs", number) if number else draft.next_id("jobs"),
            job_type=entry.text("job_type"),
            state=entry.text("state", "running"),
            start_date=started,
            end_date=entry.moment("end_date", None),
            latest_heartbeat=entry.moment("latest_heartbeat", started),
            dag_id=entry.text("dag_id", None),
            executor_class=entry.text("executor_class", None),
            hostname=entry.text("hostname", draft.airflow.hostname),
            unixname=entry.text("unixname", "root"),
        )
        entry.done()
        draft.put("jobs", row)
