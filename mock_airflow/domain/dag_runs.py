"""DAG runs: adding, finding, changing, clearing, deleting."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from msgspec.structs import replace

from mock_airflow.domain import clearing, dags, marking, task_instances
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import DagRunNotFoundError
from mock_airflow.domain.query import OPEN, Between, Order, Page, narrowed, paged
from mock_airflow.domain.records import TIMED, UNFINISHED_RUN, Dag, DagRun, RunKey, Task, TaskInstance
from mock_airflow.domain.scheduler import backfill_pace
from mock_airflow.domain.scheduler.graphs import graph_of

_PARSING = timedelta(seconds=30)  # how often a file is parsed: Airflow's default for min_file_process_interval


def get(airflow: Airflow, dag_id: str, run_id: str) -> DagRun:
    """The run. Raises DagRunNotFoundError."""
    run = airflow.dag_runs.get(RunKey(dag_id, run_id))
    if run is None:
        raise DagRunNotFoundError(dag_id=dag_id, run_id=run_id)
    return run


def find(
    airflow: Airflow,
    *,
    dag_id: str | None = None,
    permitted: Callable[[str], bool] | None = None,
    states: Collection[str] | None = None,
    ranges: Mapping[str, Between],
    order: Order | None = None,
    offset: int | None = 0,
    limit: int | None = None,
) -> Page[DagRun]:
    """A page of runs, in the order they were made unless ``order`` says otherwise.

    ``dag_id`` takes those of one DAG, ``permitted`` those it says yes to, ``ranges`` those within bounds of attributes.
    """
    source: Iterable[DagRun] = airflow.dag_runs if dag_id is None else airflow.dag_runs.group("dag_id", dag_id).values()
    total = len(airflow.dag_runs) if dag_id is None else len(airflow.dag_runs.group("dag_id", dag_id))
    filtered = permitted is not None or bool(states) or any(bounds != OPEN for bounds in ranges.values())
    rows: Iterator[DagRun] = iter(source)
    if permitted is not None:
        rows = (run for run in rows if permitted(run.dag_id))
    rows = narrowed(rows, {"state": frozenset(states) if states else None}, ranges)
    if order is not None and order.attribute == "conf":
        rows, order = iter(sorted(rows, key=_stored_conf, reverse=order.descending)), None
    elif order == Order("dag_id", descending=True):
        rows = iter(list(rows)[::-1])  # the database walks its index backwards, equal ones as well (observed)
    return paged(rows, total=None if filtered else total, order=order, offset=offset, limit=limit)


def _stored_conf(run: DagRun) -> bytes:
    """A conf as it is in the database, which sorts by its bytes (code)."""
    return pickle.dumps(dict(run.conf), protocol=5)


def queued(
    airflow: Airflow,
    dag_id: str,
    run_id: str,
    run_type: str,
    logical_date: datetime,
    data_interval: tuple[datetime | None, datetime | None],
    *,
    at: datetime | None = None,
    external_trigger: bool = False,
    **facts: Any,
) -> DagRun:
    """A queued run of any type, made at ``at`` (now), that is not among the tables yet; ``facts`` are other fields."""
    at = at or airflow.now()
    return DagRun(
        id=airflow.next_id("dag_runs"),
        dag_id=dag_id,
        run_id=run_id,
        run_type=run_type,
        state="queued",
        logical_date=logical_date,
        data_interval_start=data_interval[0],
        data_interval_end=data_interval[1],
        external_trigger=external_trigger,
        queued_at=at,
        updated_at=at,
        **facts,
    )


def add(airflow: Airflow, dag: Dag, run: DagRun) -> DagRun:
    """Add a queued run with its task instances, and have the scheduler find it.

    A task that starts later, or ended earlier, than the run's logical date gets none (observed).
    """
    airflow.dag_runs.put(run)
    for node in graph_of(airflow, dag).nodes.values():
        if in_season(dag, node.task, run):
            airflow.task_instances.put(task_instances.placed(node.fresh, run))
    airflow.expect(run.key, max(run.updated_at, run.run_after or run.updated_at))
    return run


def in_season(dag: Dag, task: Task, run: DagRun) -> bool:
    """Whether a task has an instance in a run; one that starts later, or ended earlier, has none (observed).

    In a backfill's run every task has one (code).
    """
    if run.dateless or run.run_type == "backfill":
        return True
    logical_date = run.logical_date
    starts, ends = (dag.start_date, task.start_date), (dag.end_date, task.end_date)
    if starts == ends == (None, None):
        return True
    begun = all(start is None or start <= logical_date for start in starts)
    return begun and all(end is None or logical_date <= end for end in ends)


def set_state(airflow: Airflow, dag_id: str, run_id: str, state: str, *, as_3: bool = False) -> DagRun:
    """Put a run into ``success``, ``failed`` or ``queued``, as a user does (observed).

    success: every task instance becomes a success. failed: running ones fail, other unfinished ones are skipped,
    finished ones stay. queued: only the run changes, and loses its dates. A finished run keeps its end date. Of a DAG
    whose file is gone, nothing changes. ``as_3`` does as Airflow 3 does. Raises DagRunNotFoundError.
    """
    run = get(airflow, dag_id, run_id)
    known = airflow.dags.get(dag_id)
    if known is not None and not known.is_active:
        return run
    now = airflow.now()
    if state == "queued":
        if run.state != "queued":
            run = airflow.dag_runs.put(
                replace(run, state=state, queued_at=now, start_date=None, end_date=None, updated_at=now)
            )
        airflow.expect(run.key, now)
        return run
    for ti in list(airflow.task_instances.group("run", run.key).values()):
        marking.finish_with_run(airflow, ti, state, as_3=as_3)
    dag = airflow.dags.get(dag_id)
    if dag is not None:
        dags.expect_later_runs(airflow, dag, now)
    return end(airflow, run, state, now)


def end(airflow: Airflow, run: DagRun, state: str, at: datetime) -> DagRun:
    """Close a run at ``at``; as many of the DAG's queued runs are looked at again as may start then.

    A run that was closed already keeps its end date.
    """
    end_date = at if run.state in UNFINISHED_RUN else run.end_date
    run = airflow.dag_runs.put(replace(run, state=state, end_date=end_date, updated_at=at))
    dag = airflow.dags.get(run.dag_id)
    if dag is not None:
        _make_room(airflow, dag, run, at)
        backfill_pace.go_on(airflow, dag.dag_id, at)
    return run


def _make_room(airflow: Airflow, dag: Dag, run: DagRun, at: datetime) -> None:
    """Let go on what waited for fewer open runs of the DAG."""
    free = dag.max_active_runs - len(airflow.dag_runs.group("open", (run.dag_id, "running")))
    for each in airflow.dag_runs.first("queued", run.dag_id, max(free, 0)):
        airflow.wake(each.key, at)
    if airflow.queued_events.group("dag_id", dag.dag_id):
        airflow.expect(dag.dag_id, at)
    _let_schedule_go_on(airflow, dag, run, at)


def _let_schedule_go_on(airflow: Airflow, dag: Dag, run: DagRun, at: datetime) -> None:
    """A schedule that waits for runs to end goes on when one of its own does, or when the file is parsed (code)."""
    if dag.schedule.kind in TIMED and dag.next_dagrun is not None and dag.next_dagrun_create_after is None:
        at_once = run.run_type == "scheduled" or airflow.runs == "instant"
        airflow.wake(dag.dag_id, at if at_once else at + _PARSING)


def pause_after_failures(airflow: Airflow, dag: Dag) -> None:
    """Pause a DAG whose last runs all failed, as many as it allows (code); 0 allows any number."""
    most = dag.max_consecutive_failed_dag_runs
    if most > 0:
        last = list(islice(airflow.dag_runs.before("logical_date", dag.dag_id), most))
        current = airflow.dags.get(dag.dag_id)
        if current is not None and len(last) == most and all(run.state == "failed" for run in last):
            airflow.dags.put(replace(current, is_paused=True))


def set_note(airflow: Airflow, dag_id: str, run_id: str, note: str | None) -> DagRun:
    """Give the run a note; the empty text is one. Raises DagRunNotFoundError."""
    return airflow.dag_runs.put(replace(get(airflow, dag_id, run_id), note=note))


def clear(airflow: Airflow, dag_id: str, run_id: str) -> DagRun:
    """Make the run and all its task instances run again. Raises DagRunNotFoundError."""
    clearing.clear(airflow, to_be_cleared(airflow, dag_id, run_id))
    return get(airflow, dag_id, run_id)


def to_be_cleared(airflow: Airflow, dag_id: str, run_id: str) -> list[TaskInstance]:
    """The task instances that clear() would touch, by name. Raises DagRunNotFoundError."""
    return clearing.by_name(airflow.task_instances.group("run", get(airflow, dag_id, run_id).key).values())


def delete(airflow: Airflow, dag_id: str, run_id: str) -> None:
    """Remove the run with its task instances, their history and what they left. Raises DagRunNotFoundError."""
    run = get(airflow, dag_id, run_id)
    dags.delete_run_rows(airflow, run.key)
    dag = airflow.dags.get(dag_id)
    if dag is not None and run.state in UNFINISHED_RUN:
        _make_room(airflow, dag, run, airflow.now())
