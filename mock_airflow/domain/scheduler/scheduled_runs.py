"""Runs that a schedule makes: when the next one is due, and making it.

A DAG's ``next_dagrun`` fields are the plan, as in Airflow: they name the next run and the moment from which it may be
made. While as many runs are open as the DAG allows, they keep naming the last one and ``next_dagrun_create_after`` is
null (observed); the end of a scheduled run moves them on at once, any other change when the DAG's file is parsed again
(code).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace

from mock_airflow.domain import dag_runs
from mock_airflow.domain.airflow import SCHEDULER_LOOP, Airflow
from mock_airflow.domain.records import TIMED, UNFINISHED_RUN, Dag, DagRun
from mock_airflow.domain.scheduler import timetables
from mock_airflow.domain.schedules.cron import Periods, found
from mock_airflow.domain.schedules.partitions import partition_of

_JUST_PASSED = timedelta(minutes=5)
_AUTOMATED = ("scheduled", "backfill")


def take_up(airflow: Airflow, dag_id: str) -> None:
    """Have the DAG's schedule followed from now on: by the plan that its row tells, or a new one."""
    dag = airflow.dags.get(dag_id)
    if dag is None or airflow.runs == "manual" or dag.schedule.kind not in TIMED:
        return
    if dag.next_dagrun is None or dag.next_dagrun_create_after is None:
        dag = plan_anew(airflow, dag, airflow.now())
    if dag.next_dagrun_create_after is not None:
        airflow.wake(dag_id, max(dag.next_dagrun_create_after, airflow.now()))


def plan_anew(airflow: Airflow, dag: Dag, at: datetime) -> Dag:
    """Plan the DAG's next run as Airflow does each time that it parses the DAG's file; gives the DAG as it then is."""
    if airflow.runs == "manual" or dag.schedule.kind not in TIMED:
        return dag
    if open_runs(airflow, dag) >= most_runs(dag) and dag.next_dagrun is not None:
        return airflow.dags.put(replace(dag, next_dagrun_create_after=None))
    return _plan(airflow, dag, _last_interval(airflow, dag), at)


def look(airflow: Airflow, dag: Dag, at: datetime, until: datetime) -> DagRun | None:
    """Make the run that is due at ``at``, if the DAG may have one more, and plan the one after it.

    Gives the run, which is not among the tables yet. The clock has reached ``until``; a paused DAG's plan follows that
    at once.
    """
    if not dag.is_active or dag.has_import_errors:
        return None
    if dag.is_paused:
        _plan_while_paused(airflow, dag, until)
        return None
    if dag.next_dagrun_create_after is None:
        dag = plan_anew(airflow, dag, at)
    due, start, end = dag.next_dagrun_create_after, dag.next_dagrun, dag.next_dagrun_data_interval_end
    if due is None or start is None:
        return None
    if due > at:
        airflow.wake(dag.dag_id, due)
        return None
    opened = open_runs(airflow, dag)
    if opened >= most_runs(dag):
        airflow.dags.put(replace(dag, next_dagrun_create_after=None))
        return None
    interval = (dag.next_dagrun_data_interval_start or start, end or start)
    made = None
    if airflow.dag_runs.lookup("logical_date", (dag.dag_id, start)) is None:
        made = _run(airflow, dag, start, interval, due, at)
        opened += 1
    if opened >= most_runs(dag):
        airflow.dags.put(replace(dag, next_dagrun_create_after=None))
    else:
        _plan(airflow, dag, interval, at)
    return made


def _run(
    airflow: Airflow, dag: Dag, start: datetime, interval: tuple[datetime, datetime], due: datetime, at: datetime
) -> DagRun:
    """The run that the DAG's schedule makes at ``at`` of what was due at ``due``."""
    queued = partial(dag_runs.queued, airflow, dag.dag_id)
    if not airflow.conduct.named_by_due:
        return queued(f"scheduled__{start.isoformat()}", "scheduled", start, interval, at=at)
    run_id = f"scheduled__{due.isoformat()}"
    if dag.is_partitioned:
        end, more = partition_of(airflow, dag, due)
        return queued(run_id + end, "scheduled", start, (None, None), at=at, run_after=due, dateless=True, **more)
    return queued(run_id, "scheduled", start, interval, at=at, run_after=due)


def _plan_while_paused(airflow: Airflow, dag: Dag, at: datetime) -> None:
    """Without catch-up the plan moves on to each new interval; with it, it stays where it was."""
    intervals = timetables.periods(dag)
    if dag.catchup or intervals is None:
        return
    dag = plan_anew(airflow, dag, at)
    if dag.next_dagrun_data_interval_end is not None:
        following = found(intervals.after, max(dag.next_dagrun_data_interval_end, at))
        if following is not None:
            airflow.wake(dag.dag_id, following)


def open_runs(airflow: Airflow, dag: Dag) -> int:
    """How many runs of the DAG are queued or running; those of a backfill count for that alone."""
    if airflow.backfills.group("dag_id", dag.dag_id):
        rows = airflow.dag_runs.group("dag_id", dag.dag_id).values()
        return sum(run.state in UNFINISHED_RUN and run.run_type != "backfill" for run in rows)
    return sum(len(airflow.dag_runs.group("open", (dag.dag_id, state))) for state in UNFINISHED_RUN)


def most_runs(dag: Dag) -> int:
    """How many runs of the DAG its schedule leaves open at a time."""
    return 1 if dag.schedule.kind == "continuous" else dag.max_active_runs


def _plan(airflow: Airflow, dag: Dag, last: tuple[datetime, datetime] | None, at: datetime) -> Dag:
    earliest, latest = bounds(dag)
    if earliest is None and dag.schedule.kind in ("once", "continuous"):
        return dag  # without a start date these never begin (code)
    if earliest is None:
        # Airflow refuses a DAG without any start date; here its schedule begins with the interval that is under way
        intervals = timetables.periods(dag)
        begun = None
        if intervals is not None:
            first = partial(_first_moment, intervals) if airflow.conduct.points else intervals.at_or_before
            begun = found(first, at)
        earliest = dag.next_dagrun or begun or at
    planned = timetables.next_run(dag, last, earliest, latest, at)
    after = planned.create_after if planned else None
    dag = airflow.dags.put(
        replace(
            dag,
            next_dagrun=planned.start if planned else None,
            next_dagrun_data_interval_start=planned.start if planned else None,
            next_dagrun_data_interval_end=planned.end if planned else None,
            next_dagrun_create_after=after,
        )
    )
    if after is not None and not dag.is_paused:
        soonest = at if airflow.runs == "instant" and dag.schedule.kind != "continuous" else at + SCHEDULER_LOOP
        airflow.wake(dag.dag_id, max(after, at if last is None else soonest))
    return dag


def _first_moment(moments: Periods, at: datetime) -> datetime:
    """Where a schedule without a start date begins: with the last moment if it just passed, else the next (code)."""
    last, following = moments.at_or_before(at), moments.after(at)
    return last if at - last <= max((following - last) / 10, _JUST_PASSED) else following


def bounds(dag: Dag) -> tuple[datetime | None, datetime | None]:
    """The dates between which intervals may begin, by the DAG and its tasks (code)."""
    starts = [task.start_date for task in dag.tasks.values() if task.start_date is not None]
    starts += [dag.start_date] if dag.start_date is not None else []
    ends = [task.end_date for task in dag.tasks.values() if task.end_date is not None]
    latest = dag.end_date
    if ends and len(ends) == len(dag.tasks):
        latest = max([*ends, *([dag.end_date] if dag.end_date is not None else [])])
    return min(starts, default=None), latest


def _last_interval(airflow: Airflow, dag: Dag) -> tuple[datetime, datetime] | None:
    """The data interval of the last run that the DAG's schedule made."""
    if dag.next_dagrun is not None:
        made = airflow.dag_runs.lookup("logical_date", (dag.dag_id, dag.next_dagrun))
        if made is not None:
            return _interval(made)
    runs = airflow.dag_runs.before("automatic", dag.dag_id)
    last = next((run for run in runs if run.run_type in _AUTOMATED), None)
    return None if last is None else _interval(last)


def _interval(run: DagRun) -> tuple[datetime, datetime]:
    return run.data_interval_start or run.logical_date, run.data_interval_end or run.logical_date
