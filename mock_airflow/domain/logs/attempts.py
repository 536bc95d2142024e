"""The logs of attempts, told from the attempts when somebody reads them; nothing is written beforehand."""

from __future__ import annotations

from datetime import datetime

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.links import TRIGGER
from mock_airflow.domain.logs import texts
from mock_airflow.domain.records import Dag, DagModel, DagRun, RunKey, Task, TaskInstance, TaskLog
from mock_airflow.domain.scheduler import plans
from mock_airflow.domain.scheduler.graphs import NO_WORK
from mock_airflow.domain.scheduler.translation import Translation
from mock_airflow.domain.xcoms import RETURN_VALUE

_TELLING = 4  # the fewest characters of a value's text by which it can be found in a log


def text_of(airflow: Airflow, log: TaskLog) -> str:
    """The text of a log; empty where its task is not there any more."""
    ti = log.attempt
    if ti is None:
        return "\n".join(text for _, text in log.parts)
    dag, run = airflow.dags.get(ti.dag_id), airflow.dag_runs.get(RunKey(ti.dag_id, ti.run_id))
    task = dag.tasks.get(ti.task_id) if dag else None
    if dag is None or run is None or task is None or ti.start_date is None:
        return ""
    parts = [texts.beginning(dag, task, run, ti, ti.start_date)]
    if ti.end_date is not None:
        parts.append(_body(airflow, dag, run, task, ti, ti.start_date, ti.end_date))
        parts.append(texts.ending(ti, run, ti.state or "", _runnable_after(dag, task, ti), ti.end_date))
    return texts.unified(parts)


def _body(
    airflow: Airflow, dag: Dag, run: DagRun, task: Task, ti: TaskInstance, begun: datetime, ended: datetime
) -> str:
    if task.class_name == TRIGGER and ti.state == "failed":
        fields = ti.rendered_fields
        error = (
            "airflow.exceptions.DagRunAlreadyExists: A Dag Run already exists for dag id "
            f"{fields.get('trigger_dag_id')} at {ended.isoformat()} with run id {fields.get('trigger_run_id')}"
        )
        return texts.failed_body(ended, error)
    plan = plans.task_plan(airflow, dag, task, ti.run_id, ti.map_index)
    if ti.state in ("failed", "up_for_retry") and _timed_out(task, begun, ended):
        error = f"airflow.exceptions.AirflowTaskTimeout: Timeout, PID: {ti.pid}"
        return texts.told_body(plan.order.log or (), begun) + texts.failed_body(ended, error)
    if plan.order.log is not None or plan.order.error is not None:
        told = texts.told_body(plan.order.log or (), begun)
        failed = ti.state in ("failed", "up_for_retry")
        return told + (texts.failed_body(ended, plan.order.error or texts.FAILED) if failed else "")
    model = airflow.models.get(dag.dag_id)
    past = plan.past
    by_model = _body_by_model(airflow, model, past, dag, run, task, ti, begun) if model and past else None
    if by_model is not None:
        return by_model
    returned = airflow.xcoms.get((ti.key, RETURN_VALUE))
    return texts.made_up_body(task, ti.state or "", returned.value if returned else None, ended)


def _timed_out(task: Task, begun: datetime, ended: datetime) -> bool:
    return task.execution_timeout is not None and ended - begun >= task.execution_timeout


def _body_by_model(
    airflow: Airflow,
    model: DagModel,
    past: TaskInstance,
    dag: Dag,
    run: DagRun,
    task: Task,
    ti: TaskInstance,
    begun: datetime,
) -> str | None:
    """What the task logged in the model's attempt of the same number, as of this one; None where that is not known."""
    first = past.max_tries - task.retries
    rows = model.logs.get((task.task_id, past.map_index), ())
    written = sorted((row for row in rows if row.try_number > first), key=lambda row: row.try_number)
    if not written or past.start_date is None:
        return None
    row = written[min(plans.attempt_number(task, ti), len(written)) - 1]
    attempts = model.tries.get((task.task_id, past.map_index), ())
    starts = {one.try_number: one.start_date for one in attempts} | {past.try_number: past.start_date}
    body = texts.body_of(text_of(airflow, row))
    if body is None:
        return None
    words = Translation(dag, model.run, run)
    for left in (xcom for group in model.xcoms.values() for xcom in group):
        old, new = str(left.value), str(words.value(left.value))
        if old != new and len(old) >= _TELLING:
            body = body.replace(old, new)
    return texts.moved(words.text(body), begun - (starts.get(row.try_number) or past.start_date))


def _runnable_after(dag: Dag, task: Task, ti: TaskInstance) -> int:
    """How many tasks the end of this one lets start at once; those that need no work are left to the scheduler."""
    if ti.state != "success":
        return 0
    return sum(
        after.class_name not in NO_WORK
        for name in task.downstream_task_ids
        if (after := dag.tasks.get(name)) is not None
    )
