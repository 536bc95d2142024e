"""The audit log: who did what, and what tasks reported."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import EventLog, TaskInstance


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
    """Add an entry about something a person or a program did, dated now."""
    return airflow.event_logs.put(
        EventLog(
            event_log_id=airflow.next_id("event_logs"),
            when=airflow.now(),
            event=event,
            owner=owner,
            extra=extra,
            dag_id=dag_id,
            task_id=task_id,
            run_id=run_id,
        )
    )


def task_reported(airflow: Airflow, ti: TaskInstance, event: str, at: datetime) -> EventLog:
    """Add an entry about what a task instance did (running, success, failed); its owner is the task's owner."""
    dag = airflow.dags.get(ti.dag_id)
    task = dag.tasks.get(ti.task_id) if dag else None
    return airflow.event_logs.put(
        EventLog(
            event_log_id=airflow.next_id("event_logs"),
            when=at,
            event=event,
            owner=task.owner if task else None,
            dag_id=ti.dag_id,
            task_id=ti.task_id,
            run_id=ti.run_id,
            map_index=ti.map_index,
            try_number=ti.try_number,
            execution_date=ti.logical_date,
        )
    )


def command_called(airflow: Airflow, ti: TaskInstance, arguments: Iterable[str], at: datetime) -> EventLog:
    """Add an entry about the command that runs a task instance, as the worker's command line writes it (observed)."""
    command = ["/opt/venv/bin/airflow", *arguments]
    return airflow.event_logs.put(
        EventLog(
            event_log_id=airflow.next_id("event_logs"),
            when=at,
            event="cli_task_run",
            owner=ti.unixname,
            extra=json.dumps({"host_name": ti.hostname, "full_command": str(command)}),
            dag_id=ti.dag_id,
            task_id=ti.task_id,
        )
    )
