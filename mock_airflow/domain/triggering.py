"""Triggering: a run that somebody asks for, which the scheduler would not have made by itself."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from mock_airflow.domain import dag_runs, dags
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import (
    DagHasImportErrorsError,
    LogicalDateTakenError,
    RunIdMalformedError,
    RunIdReservedError,
    RunIdTakenError,
)
from mock_airflow.domain.params import check_conf
from mock_airflow.domain.records import Dag, DagRun, JsonObject, RunKey
from mock_airflow.domain.scheduler.timetables import manual_data_interval

_ALLOWED = re.compile(r"[A-Za-z0-9_.~:+-]+\Z")  # Airflow's default for allowed_run_id_pattern


class NewRun(Struct, frozen=True, kw_only=True):
    """A run that is asked for; what is None is made up.

    ``logical_date`` is in the caller's own zone, which a refusal and a made-up run id name. With ``run_after``, from
    when on it may start, it need not have one (Airflow 3). ``facts`` are further fields of the run's row.
    """

    dag_id: str
    run_id: str | None = None
    run_type: str = "manual"
    logical_date: datetime | None = None
    run_after: datetime | None = None
    data_interval: tuple[datetime, datetime] | None = None
    conf: JsonObject = field(default_factory=dict)
    note: str | None = None
    facts: JsonObject = field(default_factory=dict)

    @property
    def name(self) -> str | None:
        """The run's id, by its moment where none is given; None without a moment."""
        if self.run_id:
            return self.run_id
        if self.run_after is not None and self.run_type == "asset_materialization":
            if self.run_id is None:
                return f"{self.run_type}__{self.run_after.isoformat()}"
            return f"manual__{self.run_after.isoformat(timespec='microseconds')}"  # for the empty text (observed)
        if self.run_after is not None:
            return f"{self.run_type}__{self.run_after.isoformat(timespec='microseconds')}"
        return None if self.logical_date is None else f"{self.run_type}__{self.logical_date.isoformat()}"


def triggerable(airflow: Airflow, dag_id: str) -> Dag:
    """The DAG, if it can be triggered.

    Raises DagNotFoundError for one that is not active, or DagHasImportErrorsError.
    """
    dag = dags.declared(airflow, dag_id)
    if dag.has_import_errors:
        raise DagHasImportErrorsError(dag_id=dag_id)
    return dag


def see_that_date_is_free(airflow: Airflow, new: NewRun) -> None:
    """Raise LogicalDateTakenError if the DAG has a run of this logical date."""
    date = new.logical_date
    there = (
        None if date is None else airflow.dag_runs.lookup("logical_date", (new.dag_id, date.astimezone(timezone.utc)))
    )
    if there is None:
        return
    if there.dateless and new.run_after is not None:  # its date is only a place among others
        airflow.dag_runs.put(replace(there, logical_date=moment_of_its_own(airflow, new.dag_id, there.logical_date)))
        return
    raise LogicalDateTakenError(dag_id=new.dag_id, logical_date=date)


def see_that_id_is_free(airflow: Airflow, new: NewRun) -> None:
    """Raise RunIdTakenError if the DAG has a run of this id."""
    if new.name is not None and RunKey(new.dag_id, new.name) in airflow.dag_runs:
        raise RunIdTakenError(dag_id=new.dag_id, run_id=new.name)


def triggered(airflow: Airflow, new: NewRun) -> DagRun:
    """Make the run and its task instances; it is queued, whether or not the DAG is paused.

    Raises DagNotFoundError, RunIdReservedError, RunIdMalformedError, ParamInvalidError, RunIdTakenError,
    LogicalDateTakenError, in this order. An API whose own one differs asks beforehand.
    """
    dag = dags.get(airflow, new.dag_id)
    _check_name(airflow, new)
    check_conf(dag.params, new.conf)
    see_that_id_is_free(airflow, new)
    see_that_date_is_free(airflow, new)
    date = (new.logical_date or moment_of_its_own(airflow, new.dag_id, new.run_after)).astimezone(timezone.utc)
    dateless = new.logical_date is None and new.run_after is not None
    interval: Any = new.data_interval or ((None, None) if dateless else manual_data_interval(dag, date))
    run = dag_runs.queued(
        airflow,
        new.dag_id,
        new.name or f"{new.run_type}__{date.isoformat()}",
        new.run_type,
        date,
        interval,
        conf=new.conf,
        note=new.note,
        external_trigger=new.run_after is None or new.run_type == "manual",
        run_after=new.run_after,
        dateless=dateless,
        **new.facts,
    )
    return dag_runs.add(airflow, dag, run)


def _check_name(airflow: Airflow, new: NewRun) -> None:
    """Raise RunIdReservedError or RunIdMalformedError for a run id that nobody may give."""
    if not new.run_id:
        return
    kind, separator, _ = new.run_id.partition("__")
    if new.run_type == "manual" and separator and kind in airflow.conduct.reserved_ids:
        raise RunIdReservedError(run_id=new.run_id, kind=kind)
    if not _ALLOWED.match(new.run_id):
        raise RunIdMalformedError(run_id=new.run_id)


def moment_of_its_own(
    airflow: Airflow,
    dag_id: str,
    begin: datetime | None = None,
    step: timedelta = timedelta(microseconds=1),
    run_type: str = "manual",
) -> datetime:
    """The logical date of a run that brings none: ``begin`` (now), or the first step after it that no run has.

    A real clock never stands, so a real Airflow gives two of them two moments.
    """
    begin = begin or airflow.now()

    def taken(steps: int) -> bool:
        date, runs = begin + steps * step, airflow.dag_runs
        if runs.lookup("logical_date", (dag_id, date)) is not None:
            return True
        made_up = {date.isoformat(), date.isoformat(timespec="microseconds")}
        return any(RunKey(dag_id, f"{run_type}__{text}") in runs for text in made_up)

    free = 0
    while taken(free):
        free = 2 * free + 1
    last_taken = (free - 1) // 2
    while free - last_taken > 1:  # those of a clock that stands follow one another, so there is no need to try each
        middle = (free + last_taken) // 2
        last_taken, free = (middle, free) if taken(middle) else (last_taken, middle)
    return begin + free * step
