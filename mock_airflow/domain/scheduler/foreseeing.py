"""How many runs schedules would make until a moment, before any is made: it bounds a move of the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Dag
from mock_airflow.domain.scheduler import timetables
from mock_airflow.domain.scheduler.scheduled_runs import bounds
from mock_airflow.errors import ClockError

_CONTINUOUS = timedelta(seconds=5)  # what a run of @continuous and the pause after it take at least, about


def see_that_few_come(airflow: Airflow, moment: datetime, most: int) -> None:
    """Raise ClockError where the schedules would make more than ``most`` runs until a moment."""
    foreseen = runs_until(airflow, moment, most)
    count = sum(runs for runs, _ in foreseen)
    if count > most:
        runs, dag_id = foreseen[0]
        others = f", {runs:,} of them of the DAG {dag_id!r}" if len(foreseen) > 1 else f" of the DAG {dag_id!r}"
        raise ClockError(
            f"To move the clock from {airflow.now().isoformat()} to {moment.isoformat()} would make about {count:,}"
            f" runs{others}, and one move makes at most {most:,}. Move it by less at a time, pause the DAG, or raise"
            " the setting runs_per_move."
        )


def runs_until(airflow: Airflow, until: datetime, enough: int) -> list[tuple[int, str]]:
    """The number of runs by DAG, the most first; too high where it is less than ``enough`` in all.

    Runs that find no room beside others (`max_active_runs`) are counted too.
    """
    now = airflow.now()
    if airflow.runs == "manual" or until <= now:
        return []
    most = {dag.dag_id: _at_most(dag, now, until) for dag in airflow.dags if not (dag.rests or dag.has_import_errors)}
    if sum(most.values()) > enough:
        for dag in airflow.dags:
            if most.get(dag.dag_id) and (periods := timetables.periods(dag)) is not None:
                most[dag.dag_id] = 1 + periods.about(_first(dag, now), _last(dag, until))  # the first one too
    return sorted(((count, dag_id) for dag_id, count in most.items() if count), reverse=True)


def _at_most(dag: Dag, now: datetime, until: datetime) -> int:
    """A number that is not exceeded, worked out without going through the moments."""
    span = _last(dag, until) - _first(dag, now)
    if span < timedelta(0):
        return 0
    if dag.schedule.kind == "continuous":
        return int(span / _CONTINUOUS) + 1
    periods = timetables.periods(dag)
    return 0 if periods is None else periods.at_most(span)


def _last(dag: Dag, until: datetime) -> datetime:
    """Until when runs are counted: to the end of the move, or of the DAG."""
    _, latest = bounds(dag)
    return until if latest is None else min(latest, until)


def _first(dag: Dag, now: datetime) -> datetime:
    """From when on runs are counted; what is due already is not the move's doing."""
    planned = dag.next_dagrun_create_after
    return now if planned is None or dag.schedule.kind == "continuous" else max(planned, now)
