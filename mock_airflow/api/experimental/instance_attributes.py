"""What a task instance looks like with every attribute of Airflow's object printed (observed)."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.experimental.answers import printed_run
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import DagRun, TaskInstance, TaskInstanceTry

# What Airflow's row has besides, at the value it has unless a task defers, or an executor of another kind ran it.
_OTHERS = (
    "external_executor_id",
    "next_kwargs",
    "next_method",
    "rendered_task_instance_fields",
    "trigger_timeout",
)
_SAME_NAME = (
    "dag_id",
    "duration",
    "end_date",
    "executor",
    "executor_config",
    "hostname",
    "map_index",
    "max_tries",
    "operator",
    "pid",
    "pool",
    "pool_slots",
    "priority_weight",
    "queue",
    "rendered_map_index",
    "run_id",
    "start_date",
    "state",
    "task_id",
    "try_number",
    "unixname",
)
_SCHEDULER_JOB = 1


def instance_attributes(airflow: Airflow, run: DagRun, ti: TaskInstance) -> dict[str, str]:
    """The attributes by name, each as Python prints it."""
    dag = airflow.dags.get(ti.dag_id)
    task = dag.tasks.get(ti.task_id) if dag else None
    values: dict[str, Any] = {
        **dict.fromkeys(_OTHERS),
        **{name: getattr(ti, name) for name in _SAME_NAME},
        "custom_operator_name": task.operator_name if task and task.operator_name != task.class_name else None,
        "dag_run": printed_run(run, run.logical_date),
        "job_id": _job_id(airflow, ti),
        "queued_by_job_id": _SCHEDULER_JOB if ti.queued_when else None,
        "queued_dttm": ti.queued_when,
        "test_mode": False,
        "trigger_id": ti.trigger.get("id") if ti.trigger else None,
        "updated_at": ti.updated_at or ti.end_date or ti.start_date or run.updated_at,
    }
    return {name: str(value) for name, value in values.items()}


def _job_id(airflow: Airflow, ti: TaskInstance) -> int | None:
    """The number of the attempt's job: attempts that had a process, as they started, after the scheduler's own job."""
    if ti.pid is None or ti.start_date is None:
        return None
    attempts: tuple[TaskInstance | TaskInstanceTry, ...] = (*airflow.tries, *airflow.task_instances)
    started = {
        (each.dag_id, each.run_id, each.task_id, each.map_index, each.try_number): each.start_date
        for each in attempts
        if each.pid is not None and each.start_date is not None
    }
    return _SCHEDULER_JOB + len([moment for moment in started.values() if moment <= ti.start_date])
