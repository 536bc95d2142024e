"""Processes of the installation that tell now and then that they are alive (Airflow 3)."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Job

ALIVE_FOR = timedelta(seconds=30)  # after its last heartbeat (code)
_TYPES = ("DagProcessorJob", "SchedulerJob", "TriggererJob")


def everything(airflow: Airflow) -> list[Job]:
    """All jobs, by number: those that are kept, and with a scheduler that runs the three that run now."""
    rows = sorted(airflow.jobs, key=lambda job: job.id)
    if airflow.runs == "manual":
        return rows
    now = airflow.now()
    rows = [replace(job, latest_heartbeat=now) if job.state == "running" else job for job in rows]
    running = {job.job_type for job in rows if job.state == "running"}
    number = airflow.last_id("jobs")
    for kind in _TYPES:
        if kind not in running:
            number += 1
            row = Job(id=number, job_type=kind, state="running", start_date=now, latest_heartbeat=now)
            rows.append(replace(row, hostname=airflow.hostname))
    return rows


def is_alive(airflow: Airflow, job: Job) -> bool:
    """Whether a job runs and told of itself not long ago."""
    last = job.latest_heartbeat
    return job.state == "running" and last is not None and airflow.now() - last < ALIVE_FOR
