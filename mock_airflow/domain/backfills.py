"""Backfills of Airflow 3: runs for the moments of a DAG's schedule between two dates (code, and observed)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from msgspec.structs import replace

from mock_airflow.domain import clearing, dag_runs, dag_versions
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import (
    BackfillImpossibleError,
    BackfillRunningError,
    DagNotFoundError,
    ParamInvalidError,
    RunTypeNotAllowedError,
)
from mock_airflow.domain.params import check_conf
from mock_airflow.domain.records import TIMED, Backfill, Dag, DagRun, JsonObject, RunKey
from mock_airflow.domain.scheduler import backfill_pace
from mock_airflow.domain.scheduler.timetables import periods
from mock_airflow.domain.schedules.cron import found
from mock_airflow.domain.schedules.partitions import KEY_FORMAT, partition_of
from mock_airflow.domain.triggering import NewRun, triggered

_RUN_TYPE = "backfill"


class Moment(NamedTuple):
    """What one run of a backfill is about; of a partitioned DAG's, its partition."""

    run_after: datetime
    logical_date: datetime | None
    data_interval: tuple[datetime, datetime] | None = None
    partition_key: str | None = None
    partition_date: datetime | None = None


class BackfillPlan(NamedTuple):
    """What a backfill is asked for."""

    dag_id: str
    from_date: datetime
    to_date: datetime
    run_backwards: bool = False
    dag_run_conf: JsonObject | None = None
    reprocess_behavior: str = "none"


def moments(airflow: Airflow, plan: BackfillPlan, most: int) -> list[Moment]:
    """The moments of which a backfill would make runs: those that have none yet, or one that it may repeat.

    There are at most ``most`` in its range. Raises DagNotFoundError, RunTypeNotAllowedError, BackfillImpossibleError.
    """
    dag = _backfillable(airflow, plan.dag_id)
    _check(airflow, dag, plan)
    there = _by_partition(airflow, dag)
    return [
        moment for moment in _all(airflow, dag, plan, most) if _may_run(_existing(airflow, moment, dag, there), plan)
    ]


def create(
    airflow: Airflow, plan: BackfillPlan, *, max_active_runs: int, most: int, user: str, on_latest: bool = True
) -> Backfill:
    """Make a backfill and its runs, of at most ``most`` moments.

    Raises DagNotFoundError, RunTypeNotAllowedError, BackfillImpossibleError, BackfillRunningError.
    """
    dag = _backfillable(airflow, plan.dag_id)
    of_dag = airflow.backfills.group("dag_id", dag.dag_id).values()
    if any(row.completed_at is None for row in of_dag):
        raise BackfillRunningError(dag_id=dag.dag_id)
    _check(airflow, dag, plan)
    chosen = _all(airflow, dag, plan, most)
    if not chosen:
        span = f"[{plan.from_date}, {plan.to_date}]"
        raise BackfillImpossibleError(reason=f"No runs to create for Dag {dag.dag_id} in the range {span}")
    now = airflow.now()
    backfill = Backfill(
        id=airflow.next_id("backfills"),
        dag_id=dag.dag_id,
        from_date=plan.from_date,
        to_date=plan.to_date,
        created_at=now,
        updated_at=now,
        dag_run_conf=plan.dag_run_conf,
        reprocess_behavior=plan.reprocess_behavior,
        max_active_runs=max_active_runs,
    )
    there, keys = _by_partition(airflow, dag), []
    for moment in chosen:
        run = _existing(airflow, moment, dag, there)
        if _may_run(run, plan) and (key := _run_for(airflow, dag, plan, moment, run, user, on_latest)) is not None:
            keys.append(key)
    return airflow.backfills.put(replace(backfill, runs=tuple(keys)))


def set_paused(airflow: Airflow, backfill: Backfill, paused: bool) -> Backfill:
    """Hold its queued runs back, or let them go on."""
    now = airflow.now()
    if backfill.is_paused != paused:
        backfill = airflow.backfills.put(replace(backfill, is_paused=paused, updated_at=now))
    if not paused:
        backfill_pace.go_on(airflow, backfill.dag_id, now)
    return airflow.backfills.get(backfill.id) or backfill


def cancel(airflow: Airflow, backfill: Backfill) -> Backfill:
    """End it: it is paused, and what it has queued failed, without dates (code)."""
    for key in backfill.runs:
        run = airflow.dag_runs.get(key)
        if run is not None and run.state == "queued":
            airflow.dag_runs.put(replace(run, state="failed"))
    now = airflow.now()
    return airflow.backfills.put(replace(backfill, is_paused=True, completed_at=now, updated_at=now))


def _backfillable(airflow: Airflow, dag_id: str) -> Dag:
    dag = airflow.dags.get(dag_id)
    if dag is None:
        raise DagNotFoundError(dag_id=dag_id)
    allowed = dag.details.get("allowed_run_types")
    if allowed is not None and _RUN_TYPE not in allowed:
        raise RunTypeNotAllowedError(dag_id=dag_id, run_type=_RUN_TYPE)
    timed = dag.schedule.kind in TIMED - {"once", "continuous"} and not dag.schedule.assets
    if not dag.details.get("timetable_periodic", timed):
        raise BackfillImpossibleError(reason=f"{dag_id} has a non-periodic schedule that does not support backfills")
    return dag


def _check(airflow: Airflow, dag: Dag, plan: BackfillPlan) -> None:
    """Raise BackfillImpossibleError for what makes no sense of this DAG."""
    first, last = plan.from_date, plan.to_date
    if first > last:
        reason = f"from_date ({first.isoformat()}) must not be after to_date ({last.isoformat()})."
        raise BackfillImpossibleError(reason=reason)
    now = airflow.now()
    if first >= now and last >= now:
        raise BackfillImpossibleError(reason="Backfill cannot be executed for future dates.")
    if any(task.depends_on_past for task in dag.tasks.values()):
        if plan.run_backwards:
            raise BackfillImpossibleError(
                reason="Backfill cannot be run in reverse when the Dag has tasks where depends_on_past=True."
            )
        if plan.reprocess_behavior == "none":
            raise BackfillImpossibleError(
                reason="Dag has tasks for which depends_on_past=True. You must set reprocess behavior to reprocess"
                " completed or reprocess failed."
            )
    if plan.dag_run_conf is not None:
        try:
            check_conf(dag.params, plan.dag_run_conf)
        except ParamInvalidError as error:
            raise BackfillImpossibleError(reason=str(error)) from None


def _all(airflow: Airflow, dag: Dag, plan: BackfillPlan, most: int) -> list[Moment]:
    now = airflow.now()
    made: list[Moment] = []
    for at in _between(dag, plan.from_date, plan.to_date):
        if len(made) == most:
            raise BackfillImpossibleError(
                reason=f"A backfill of the DAG {dag.dag_id!r} from {plan.from_date.isoformat()} to"
                f" {plan.to_date.isoformat()} would make more than {most:,} runs, which is the most that one request"
                " may make here. Ask for fewer days, or raise the setting runs_per_move."
            )
        if dag.is_partitioned:
            made.append(Moment(at, None, None, at.strftime(KEY_FORMAT), at))
            continue
        start, end = at - (dag.schedule.span or timedelta(0)), at
        if dag.schedule.span is None and (schedule := periods(dag)) is not None:
            end = schedule.after(at)  # a run of an interval that begins in the range is made at its end (observed)
        if end >= now:
            break
        made.append(Moment(end, start, (start, end)))
    return made[::-1] if plan.run_backwards else made


def _between(dag: Dag, first: datetime, last: datetime) -> Iterator[datetime]:
    """The moments of the DAG's schedule in a range, both ends in it."""
    if dag.schedule.kind == "events":
        yield from (at for at in sorted(dag.schedule.events) if first <= at <= last)
    schedule = periods(dag)
    at = found(schedule.at_or_after, first) if schedule is not None else None
    while schedule is not None and at is not None and at <= last:
        yield at
        at = found(schedule.after, at)


def _by_partition(airflow: Airflow, dag: Dag) -> dict[datetime, DagRun]:
    """The run of each partition; of several the one that was started last."""
    there: dict[datetime, DagRun] = {}
    if dag.is_partitioned:
        for run in airflow.dag_runs.group("dag_id", dag.dag_id).values():
            date, started = run.partition_date, run.start_date
            if date is None:
                continue
            other = there.get(date)
            if other is None or (started is not None and (other.start_date is None or started > other.start_date)):
                there[date] = run
    return there


def _existing(airflow: Airflow, moment: Moment, dag: Dag, there: dict[datetime, DagRun]) -> DagRun | None:
    if moment.logical_date is not None:
        run = airflow.dag_runs.lookup("logical_date", (dag.dag_id, moment.logical_date))
        return None if run is None or run.dateless else run
    return None if moment.partition_date is None else there.get(moment.partition_date)


def _may_run(run: DagRun | None, plan: BackfillPlan) -> bool:
    """Whether a moment gets a run: it has none, or one that is over and of the kind to be repeated."""
    if run is None:
        return True
    again = {"none": (), "failed": ("failed",), "completed": ("success", "failed")}[plan.reprocess_behavior]
    return run.state in again


def _run_for(
    airflow: Airflow, dag: Dag, plan: BackfillPlan, moment: Moment, run: DagRun | None, user: str, on_latest: bool
) -> RunKey | None:
    """Make a run for the moment, or have the one that it has go again; None where its id is taken."""
    if run is not None and moment.partition_date is None:
        return _again(airflow, run, plan, on_latest)
    run_id = f"{_RUN_TYPE}__{moment.run_after.isoformat()}"
    more: dict[str, Any] = {}
    if moment.partition_key is not None:
        end, more = partition_of(airflow, dag, moment.run_after)
        run_id += end
    if RunKey(dag.dag_id, run_id) in airflow.dag_runs:
        return None
    new = NewRun(
        dag_id=dag.dag_id,
        run_id=run_id,
        run_type=_RUN_TYPE,
        logical_date=moment.logical_date,
        run_after=moment.run_after,
        data_interval=moment.data_interval,
        conf=plan.dag_run_conf or {},
        facts={"triggered_by": _RUN_TYPE, "triggering_user_name": user, **more},
    )
    return triggered(airflow, new).key


def _again(airflow: Airflow, run: DagRun, plan: BackfillPlan, on_latest: bool) -> RunKey:
    newest = dag_versions.newest(airflow, run.dag_id) if on_latest else None
    number = newest.version_number if newest is not None else None
    clearing.clear(airflow, dag_runs.to_be_cleared(airflow, run.dag_id, run.run_id), dag_version=number)
    current = airflow.dag_runs.get(run.key) or run
    if current.state != "queued":
        current = clearing.reopen(airflow, current)
    conf = current.conf if plan.dag_run_conf is None else plan.dag_run_conf
    airflow.dag_runs.put(replace(current, run_type=_RUN_TYPE, triggered_by=_RUN_TYPE, conf=conf))
    return run.key
