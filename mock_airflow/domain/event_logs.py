"""The audit log: who did what, and what tasks reported."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import EventLogNotFoundError
from mock_airflow.domain.logs import texts
from mock_airflow.domain.records import Dag, EventLog, TaskInstance

_GO_TOGETHER = 100  # entries
_LONGEST_EXTRA = 65_535  # what a text column of MySQL holds; others keep all, and every call would stay in memory


def get(airflow: Airflow, event_log_id: int) -> EventLog:
    """The entry. Raises EventLogNotFoundError."""
    entry = airflow.event_logs.get(event_log_id)
    if entry is None:
        raise EventLogNotFoundError(event_log_id=event_log_id)
    return entry


def find(
    airflow: Airflow,
    *,
    equal: dict[str, Any],
    included: Collection[str] = (),
    excluded: Collection[str] = (),
    before: datetime | None = None,
    after: datetime | None = None,
) -> list[EventLog]:
    """The entries that pass every filter.

    ``equal`` holds attributes and the values that they must have. ``included`` and ``excluded`` are names of events.
    The bounds of time are not part of the range.
    """
    rows: Iterable[EventLog] = airflow.event_logs
    for name, value in equal.items():
        rows = [row for row in rows if getattr(row, name) == value]
    if included:
        rows = [row for row in rows if row.event in included]
    if excluded:
        rows = [row for row in rows if row.event not in excluded]
    if before is not None:
        rows = [row for row in rows if row.when < before]
    if after is not None:
        rows = [row for row in rows if row.when > after]
    return list(rows)


def record(
    airflow: Airflow,
    event: str,
    *,
    owner: str | None,
    extra: str | None = None,
    dag_id: str | None = None,
    task_id: str | None = None,
    run_id: str | None = None,
) -> EventLog:
    """Add an entry about something a person or a program did, dated now; of a very long extra only the beginning."""
    if extra is not None and len(extra) > _LONGEST_EXTRA:
        extra = extra[:_LONGEST_EXTRA]
    about = {"dag_id": dag_id, "task_id": task_id, "run_id": run_id}
    return _add(airflow, airflow.now(), event, owner, extra=extra, **about)


def _add(airflow: Airflow, at: datetime, event: str, owner: str | None, **about: Any) -> EventLog:
    number = airflow.next_id("event_logs")
    return airflow.event_logs.put(EventLog(number, at, event, owner, **about))


def task_reported(airflow: Airflow, ti: TaskInstance, owner: str, event: str, at: datetime) -> None:
    """Add an entry about what a task instance did (running, success, failed); its owner is the task's owner."""
    _add(
        airflow,
        at,
        event,
        owner,
        dag_id=ti.dag_id,
        task_id=ti.task_id,
        run_id=ti.run_id,
        map_index=ti.map_index,
        try_number=ti.try_number,
        execution_date=ti.logical_date,
    )


def attempt_began(airflow: Airflow, ti: TaskInstance, owner: str, dag: Dag, at: datetime, called_at: datetime) -> None:
    """Add the entries of a task's start: the command that runs it, its report, and the command again (observed)."""
    command = json.dumps(str(["/opt/venv/bin/airflow", *texts.command(dag, ti)]))
    extra = f'{{"host_name": {json.dumps(ti.hostname)}, "full_command": {command}}}'  # texts alone are quickly encoded
    _command_called(airflow, ti, extra, called_at)
    task_reported(airflow, ti, owner, "running", at)
    _command_called(airflow, ti, extra, at)


def _command_called(airflow: Airflow, ti: TaskInstance, extra: str, at: datetime) -> None:
    _add(airflow, at, "cli_task_run", ti.unixname, extra=extra, dag_id=ti.dag_id, task_id=ti.task_id)


def keep(airflow: Airflow, most: int) -> None:
    """Let the oldest entries go where there are more; some at a time, so that each costs little.

    Those of a past that is only made when it is read take no memory, and stay.
    """
    for key in airflow.event_logs.eldest(most, min(_GO_TOGETHER, most)):
        airflow.event_logs.delete(key)


def forget(airflow: Airflow, dag_id: str) -> None:
    """Remove every entry that names the DAG."""
    for row in [row for row in airflow.event_logs if row.dag_id == dag_id]:
        airflow.event_logs.delete(row.event_log_id)
