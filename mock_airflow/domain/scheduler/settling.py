"""How runs live: queued, running, their tasks by dependency, and an end.

Nothing happens by itself. ``settle`` brings everything whose moment has come up to date, in the order of those moments,
so that the same clock always gives the same history, however often or seldom somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from string import ascii_letters, digits
from typing import Any

from msgspec.structs import replace

from mock_airflow.domain import assets, dag_runs, triggering
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import TIMED, Dag, DagRun, RunKey
from mock_airflow.domain.scheduler import backfill_pace, scheduled_runs
from mock_airflow.domain.scheduler.one_pass import Stage
from mock_airflow.domain.schedules import partition_queue
from mock_airflow.storage import garbage

# Runs that were triggered while the clock stood bear moments just after it; with runs `instant` nobody waits for those.
_SIDE_BY_SIDE = timedelta(seconds=1)


def settle(airflow: Airflow, until: datetime | None = None, most: int | None = None) -> bool:
    """Let everything happen that is due by now, or by ``until``; says whether that is done.

    With ``most`` it ends after about so many looks, where a moment is over, and has to be called again.
    """
    now = until or airflow.now()
    due = airflow.take_due(now)
    if due is None:
        return True
    stage, looks = Stage(airflow, now), 0
    with garbage.none_made():
        try:
            while due is not None:
                if isinstance(due.what, RunKey):
                    _look_at_run(stage, due.what, due.at)
                else:
                    _look_at_dag(stage, due.what, due.at)
                looks += 1
                enough = most is not None and looks >= most
                if (stage.pools or enough) and airflow.next_moment() != due.at:
                    if stage.pools:
                        stage.fill(due.at)
                    if enough:
                        return False
                due = airflow.take_due(now)
        finally:
            stage.write()
    return True


def settle_in_slices(airflow: Airflow, looks: int, between: Callable[[], object]) -> None:
    """Settle, with a call after each so many looks that are not the last."""
    until = airflow.now()
    if not settle(airflow, until, looks):
        with garbage.none_made():
            between()
            while not settle(airflow, until, looks):
                between()


def _look_at_dag(stage: Stage, dag_id: str, at: datetime) -> None:
    airflow = stage.airflow
    dag = airflow.dags.get(dag_id)
    if dag is not None and dag.schedule.kind in TIMED:
        made = scheduled_runs.look(airflow, dag, at, stage.until)
        if made is not None and not ((course := stage.courses.of(dag_id)) and course.follow(stage, made)):
            dag_runs.add(airflow, dag, made)
    if airflow.backfills:
        backfill_pace.close(airflow, dag_id, at)
    if dag is not None and dag.schedule.assets:
        _look_at_assets(airflow, dag, at)


def _look_at_assets(airflow: Airflow, dag: Dag, at: datetime) -> None:
    dag_id = dag.dag_id
    if dag.is_partitioned:
        _look_at_partitions(airflow, dag, at)
        return
    queued = airflow.queued_events.group("dag_id", dag_id)
    if dag.rests or not queued:
        return
    if not assets.woken(airflow, dag, {event.uri for event in queued.values()}):
        return
    if scheduled_runs.open_runs(airflow, dag) >= dag.max_active_runs:
        return  # what is queued stays so until one of them ends (observed)
    logical_date = max(event.created_at for event in queued.values())
    events = assets.consume(airflow, dag_id, logical_date)
    logical_date = triggering.moment_of_its_own(airflow, dag_id, logical_date)
    sources = [
        airflow.dag_runs.get(RunKey(event.source_dag_id, event.source_run_id))
        for event in events
        if event.source_dag_id and event.source_run_id
    ]
    starts = [run.data_interval_start for run in sources if run and run.data_interval_start]
    ends = [run.data_interval_end for run in sources if run and run.data_interval_end]
    outside = [event.timestamp for event in events if not event.source_run_id]
    interval: tuple[datetime | None, datetime | None]
    more: dict[str, Any] = {}
    if airflow.conduct.dated_by_assets:
        run_id = f"dataset_triggered__{logical_date.isoformat()}"
        interval = (min([*starts, *outside], default=logical_date), max([*ends, *outside], default=logical_date))
    else:
        drawn = airflow.ids.text(8, ascii_letters + digits, "asset run")
        run_id, interval = f"asset_triggered__{logical_date.isoformat()}_{drawn}", (None, None)
        more = {"run_after": logical_date, "dateless": True}
    consumed = tuple(event.id for event in events)
    place = (run_id, "asset_triggered", logical_date, interval)
    dag_runs.add(airflow, dag, dag_runs.queued(airflow, dag_id, *place, at=at, consumed_event_ids=consumed, **more))
    for event in events:
        assets.credit(airflow, event, run_id, dag_id)


def _look_at_partitions(airflow: Airflow, dag: Dag, at: datetime) -> None:
    """Make the runs whose partitions have come; however many there are (code)."""
    for waiting in partition_queue.complete(airflow, dag):
        drawn = airflow.ids.text(8, ascii_letters + digits, "asset run")
        run = dag_runs.queued(
            airflow,
            dag.dag_id,
            f"asset_triggered__{at.isoformat()}_{drawn}",
            "asset_triggered",
            triggering.moment_of_its_own(airflow, dag.dag_id, at),
            (None, None),
            at=at,
            consumed_event_ids=tuple(came.asset_event_id for came in waiting.came),
            run_after=at,
            dateless=True,
            partition_key=waiting.partition_key,
            partition_date=waiting.partition_date,
        )
        dag_runs.add(airflow, dag, run)
        for number in run.consumed_event_ids:
            event = airflow.asset_events.get(number)
            if event is not None:
                assets.credit(airflow, event, run.run_id, dag.dag_id)


def _is_full(airflow: Airflow, dag: Dag, run: DagRun) -> bool:
    """Whether the DAG, or the run's backfill, has as many runs under way as it may have."""
    most = scheduled_runs.most_runs(dag)
    if airflow.backfills.group("dag_id", dag.dag_id):
        return backfill_pace.held_back(airflow, run, most)
    return len(airflow.dag_runs.group("open", (dag.dag_id, "running"))) >= most


def _look_at_run(stage: Stage, key: RunKey, at: datetime) -> None:
    airflow = stage.airflow
    life = stage.lives.get(key)
    run = life.run if life is not None else airflow.dag_runs.get(key)
    dag = airflow.dags.get(key.dag_id)
    if run is None or dag is None or run.state not in ("queued", "running"):
        return
    begins = run.run_after or run.logical_date
    if begins > at + (_SIDE_BY_SIDE if airflow.runs == "instant" else timedelta(0)):
        airflow.wake(key, begins)  # the scheduler leaves the future alone (observed)
        return
    if run.state == "queued":
        if dag.rests or _is_full(airflow, dag, run):
            return  # looked at again when the DAG is unpaused, or another of its runs ends
        run = airflow.dag_runs.put(replace(run, state="running", start_date=run.start_date or at, updated_at=at))
        life = stage.life(run, dag)
        stage.courses.begin(life, at)
    life = life or stage.life(run, dag)
    life.run, life.dag = run, dag
    first_change = len(airflow.changes)
    life.look(at)
    stage.courses.note(life, at, first_change)
