"""The text that an attempt of a task logs, as Airflow 2's local runner words it (observed).

What Airflow itself logs around a task is made here. What the task logs in between comes from the DAG's model where it
has one, moved to the new attempt's time and in the new run's words, and is made up otherwise.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from mock_airflow.domain.records import Dag, DagRun, Task, TaskInstance

_STAMP = re.compile(r"^\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4})\]", re.MULTILINE)
_BEGUN = re.compile(r"^\[[^\]]*\] \{taskinstance\.py:\d+\} INFO - ::endgroup::\n", re.MULTILINE)
_OVER = re.compile(
    r"^\[[^\]]*\] \{[\w.]+:\d+\} INFO - (?:::group::Post task execution logs|Marking task as )", re.MULTILINE
)
_TRIGGERED_BY_PYTHON = ("Python", "Branch", "ShortCircuit")


def stamp(at: datetime) -> str:
    """A moment as log lines begin with it."""
    return f"[{at.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000]"


def command(dag: Dag, ti: TaskInstance) -> list[str]:
    """The arguments after ``airflow`` with which a task instance is run."""
    arguments = ["tasks", "run", ti.dag_id, ti.task_id, ti.run_id, "--local", "--subdir", _file(dag)]
    return [*arguments, "--map-index", str(ti.map_index)] if ti.map_index >= 0 else arguments


def _file(dag: Dag) -> str:
    """The DAG's file as workers are told of it."""
    return f"DAGS_FOLDER/{dag.fileloc.partition('/dags/')[2] or dag.fileloc.rpartition('/')[2]}"


def _instance(ti: TaskInstance, state: str) -> str:
    mapped = f"map_index={ti.map_index} " if ti.map_index >= 0 else ""
    return f"<TaskInstance: {ti.dag_id}.{ti.task_id} {ti.run_id} {mapped}[{state}]>"


def beginning(dag: Dag, task: Task, run: DagRun, ti: TaskInstance, at: datetime) -> str:
    """What is logged until the task's own code runs."""
    job = int(hashlib.sha256("/".join((*map(str, ti.key), str(ti.try_number))).encode()).hexdigest()[:3], 16) + 2
    folder = hashlib.sha256(f"{job}/{ti.pid}".encode()).hexdigest()[:8]
    raw = ["airflow", "tasks", "run", ti.dag_id, ti.task_id, ti.run_id, "--job-id", str(job), "--raw", "--subdir"]
    raw += [_file(dag), "--cfg-path", f"/tmp/tmp{folder}"]
    raw += ["--map-index", str(ti.map_index)] if ti.map_index >= 0 else []
    kind = "Mapped" if task.is_mapped else "Task"
    context = {
        "DAG_OWNER": task.owner,
        "DAG_ID": ti.dag_id,
        "TASK_ID": ti.task_id,
        "EXECUTION_DATE": run.logical_date.isoformat(),
        "TRY_NUMBER": ti.try_number,
        "DAG_RUN_ID": ti.run_id,
    }
    exported = " ".join(f"AIRFLOW_CTX_{name}='{value}'" for name, value in context.items())
    waiting = _instance(ti, "queued")
    return _lines(
        at,
        ("local_task_job_runner.py:123", "::group::Pre task execution logs"),
        ("taskinstance.py:2632", f"Dependencies all met for dep_context=non-requeueable deps ti={waiting}"),
        ("taskinstance.py:2632", f"Dependencies all met for dep_context=requeueable deps ti={waiting}"),
        ("taskinstance.py:2885", f"Starting attempt {ti.try_number} of {ti.max_tries + 1}"),
        ("taskinstance.py:2908", f"Executing <{kind}({ti.operator}): {ti.task_id}> on {run.logical_date}"),
        ("standard_task_runner.py:72", f"Started process {ti.pid} to run task"),
        ("standard_task_runner.py:104", f"Running: {raw}"),
        ("standard_task_runner.py:105", f"Job {job}: Subtask {ti.task_id}"),
        ("task_command.py:467", f"Running {_instance(ti, 'running')} on host {ti.hostname}"),
        ("taskinstance.py:3158", f"Exporting env vars: {exported}"),
        ("taskinstance.py:740", "::endgroup::"),
    )


def body_of(text: str) -> str | None:
    """What the task itself logged, out of an attempt's whole text; None where Airflow's own lines are not there."""
    begun = _BEGUN.search(text)
    over = _OVER.search(text, begun.end()) if begun else None
    return text[begun.end() : over.start()] if begun and over else None


def moved(text: str, by: timedelta) -> str:
    """A log text with its lines' moments moved."""

    def later(match: re.Match[str]) -> str:
        return stamp(datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S.%f%z") + by)

    return _STAMP.sub(later, text)


def made_up_body(task: Task, outcome: str, returned: Any, at: datetime) -> str:
    """What a task without history may have logged."""
    if outcome in ("failed", "up_for_retry"):
        return failed_body(at)
    if outcome == "skipped":
        return _lines(at, ("taskinstance.py:3321", "::endgroup::"))
    if task.class_name == "BashOperator":
        return _lines(
            at,
            ("subprocess.py:78", "Tmp dir root location: /tmp"),
            ("subprocess.py:99", "Output:"),
            ("subprocess.py:106", str(returned or "")),
            ("subprocess.py:110", "Command exited with return code 0"),
        )
    if any(part in task.class_name for part in _TRIGGERED_BY_PYTHON):
        return _lines(at, ("python.py:240", f"Done. Returned value was: {returned}"))
    return ""


def told_body(lines: Iterable[str], at: datetime) -> str:
    """Lines that a task printed."""
    return _lines(at, *(("logging_mixin.py:190", line) for line in lines))


FAILED = "airflow.exceptions.AirflowException: The task failed."


def failed_body(at: datetime, error: str = FAILED) -> str:
    """What a task logs that fails with this error."""
    return _lines(at, ("taskinstance.py:3337", "Task failed with exception"), level="ERROR") + (
        "Traceback (most recent call last):\n"
        '  File "/opt/venv/lib/python3.11/site-packages/airflow/models/taskinstance.py", line 776, in _execute_task\n'
        "    result = _execute_callable(context=context, **execute_callable_kwargs)\n"
        '  File "/opt/venv/lib/python3.11/site-packages/airflow/models/baseoperator.py", line 425, in wrapper\n'
        "    return func(self, *args, **kwargs)\n"
        f"{error}\n"
    )


def ending(ti: TaskInstance, run: DagRun, state: str, scheduled: int, at: datetime) -> str:
    """What is logged once the task's code has run; ``state`` may be up_for_retry."""
    named = f"dag_id={ti.dag_id}, task_id={ti.task_id}, run_id={ti.run_id}, "
    named += f"map_index={ti.map_index}, " if ti.map_index >= 0 else ""
    dates = {"execution_date": run.logical_date, "start_date": ti.start_date, "end_date": ti.end_date}
    named += ", ".join(f"{name}={date:%Y%m%dT%H%M%S}" for name, date in dates.items() if date)
    marking = f"Marking task as {state.upper()}. {named}"
    group = ("taskinstance.py:349", "::group::Post task execution logs")
    failed = state in ("failed", "up_for_retry")
    if failed:
        lines = [("taskinstance.py:1242", marking), group]
    else:
        lines = [group, ("taskinstance.py:361", marking)]
    return _lines(
        at,
        *lines,
        ("local_task_job_runner.py:266", f"Task exited with return code {1 if failed else 0}"),
        ("taskinstance.py:3925", f"{scheduled} downstream tasks scheduled from follow-on schedule check"),
        ("local_task_job_runner.py:245", "::endgroup::"),
    )


def _lines(at: datetime, *lines: tuple[str, str], level: str = "INFO") -> str:
    return "".join(f"{stamp(at)} {{{source}}} {level} - {message}\n" for source, message in lines)


def unified(parts: Iterable[str]) -> str:
    """Log texts as one, without the newline at the end, which Airflow's reader drops."""
    return "".join(parts).rstrip("\n")
