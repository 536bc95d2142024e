"""Why a poll never ends, where that can be told from what was asked last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mock_airflow.domain.records import FINISHED_TASK
from mock_airflow.testing.story import last_calls

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.domain.records import DagRun

_RUN = re.compile(r"/dags/([^/]+)/(?:dagRuns|dag_runs)/([^/]+)")
_SHOWN = 5


def complaint(deployment: Deployment, sleeps: int, seconds: float, setting: str) -> str:
    """What is said when a test has slept more than a setting allows: the reason, and the last calls."""
    lines = [
        f"virtual_sleep: {sleeps} sleeps, {seconds:g} s in all, are more than the setting {setting} allows; "
        "whatever is waited for does not come.",
        *_reasons(deployment),
        last_calls(deployment, _SHOWN),
    ]
    return "\n".join(lines)


def _reasons(deployment: Deployment) -> list[str]:
    asked = [match for entry in [*deployment.journal][-_SHOWN:] if (match := _RUN.search(entry.path)) is not None]
    names = dict.fromkeys((unquote(match[1]), unquote(match[2])) for match in asked)
    airflow = deployment.airflow
    with deployment.lock:
        runs = {name: airflow.dag_runs.get(name) for name in names}  # type: ignore[arg-type]
        return [
            f"There is no run {run_id} of {dag_id}." if run is None else _reason(airflow, run)
            for (dag_id, run_id), run in runs.items()
        ]


def _reason(airflow: Airflow, run: DagRun) -> str:
    dag = airflow.dags.get(run.dag_id)
    said = f"The run {run.run_id} of {run.dag_id} is {run.state}"
    if run.state in ("success", "failed"):
        return f"{said} and stays so; a poll has to end by that, too."
    if airflow.runs == "manual":
        return f"{said}, as with runs=manual no scheduler runs."
    if dag is None:
        return f"{said}, as its DAG is gone."
    if dag.is_paused and run.state == "queued":
        return f"{said}, as its DAG is paused."
    running = airflow.dag_runs.group("open", (run.dag_id, "running"))
    if run.state == "queued" and len(running) >= dag.max_active_runs:
        return f"{said}, as so many of its DAG are running as may be (max_active_runs is {dag.max_active_runs})."
    if run.state == "running":
        unfinished = [
            f"{ti.task_id} ({ti.state or 'not scheduled'})"
            for ti in airflow.task_instances.group("run", run.key).values()
            if ti.state not in FINISHED_TASK
        ]
        if unfinished:
            return f"{said}; unfinished are {', '.join(unfinished[:_SHOWN])}."
    return f"{said}."
