"""Reading the logs of attempts, the way Airflow's web server does: from files, or from the host that has them."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import NamedTuple

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import LogUnreadable, TaskInstanceNotFound
from mock_airflow.domain.logs.attempts import text_of
from mock_airflow.domain.records import FINISHED_TASK, TaskInstance, TaskInstanceKey, TaskInstanceTry, TaskLog

FOLDER = "/opt/airflow/logs"
_SERVED_BY = frozenset({"running", "deferred"})  # states in which the worker is asked as well
_ATTEMPT_OVER = FINISHED_TASK | {"up_for_retry", "up_for_reschedule"}
_SOURCES = re.compile(r"\A INFO - ::group::Log message source details\n(?:\*\*\* .*\n)* INFO - ::endgroup::\n")


class Chunk(NamedTuple):
    """A piece of an attempt's log: from where it comes, and how far it goes (None where that is not told)."""

    host: str
    text: str
    log_pos: int | None
    end_of_log: bool


def read(airflow: Airflow, key: TaskInstanceKey, try_number: int, log_pos: int | None = None) -> Chunk:
    """The log of an attempt, whole and with its source told, or without that from ``log_pos`` on.

    Any number is taken: an attempt that was never made has no file, and Airflow says so inside of the text (observed).
    Raises TaskInstanceNotFound, or LogUnreadable for a mapped task that was not expanded.
    """
    ti: TaskInstance | TaskInstanceTry | None = airflow.task_instances.get(key) or airflow.tries.get((key, try_number))
    if ti is None:
        raise TaskInstanceNotFound(**key._asdict())
    if try_number < 1:
        return Chunk("default_host", f"Error fetching the logs. Try number {try_number} is invalid.", None, True)
    dag = airflow.dags.get(key.dag_id)
    task = dag.tasks.get(key.task_id) if dag else None
    if task is not None and task.is_mapped and key.map_index < 0:
        raise LogUnreadable(task_id=key.task_id)
    path = path_of(key, try_number)
    log = log_of(airflow, key, try_number)
    text = text_of(airflow, log) if log else ""
    end_of_log = ti.try_number != try_number or ti.state not in _SERVED_BY
    rest = text if log_pos is None else text[log_pos:]
    head = "" if log_pos is not None else _sources(ti, path, log, worker_lives=airflow.runs != "manual")
    return Chunk(ti.hostname, head + rest, len(text), end_of_log)


def log_of(airflow: Airflow, key: TaskInstanceKey, try_number: int) -> TaskLog | None:
    """The log that is kept of an attempt; one that can be told from an attempt that a world file tells of; or None."""
    kept = airflow.task_logs.get((key, try_number))
    if kept is not None:
        return kept if kept.parts or kept.events or kept.attempt else None
    ti, past = airflow.task_instances.get(key), airflow.tries.get((key, try_number))
    if ti is not None and ti.try_number != try_number:
        ti = replace(ti, **{one.name: getattr(past, one.name) for one in fields(past)}) if past else None
    if ti is None or ti.pid is None:
        return None
    return TaskLog(
        dag_id=ti.dag_id,
        run_id=ti.run_id,
        task_id=ti.task_id,
        map_index=ti.map_index,
        try_number=try_number,
        attempt=ti,
    )


def has_file(text: str) -> bool:
    """Whether a log's text, as Airflow answers it, is that of a file, and does not say that there is none."""
    sources = _SOURCES.match(text)
    return sources is None or "*** Found " in sources[0]


def without_sources(text: str) -> str:
    """A log's text as it is in the file, out of the text that Airflow answers."""
    return _SOURCES.sub("", text)


def path_of(key: TaskInstanceKey, try_number: int) -> str:
    mapped = f"map_index={key.map_index}/" if key.map_index >= 0 else ""
    return f"dag_id={key.dag_id}/run_id={key.run_id}/task_id={key.task_id}/{mapped}attempt={try_number}.log"


def _sources(ti: TaskInstance | TaskInstanceTry, path: str, log: TaskLog | None, *, worker_lives: bool) -> str:
    """From where the text comes. Without a scheduler there is no worker either that could be asked (observed)."""
    told: list[str] = []
    if log is not None:
        told += ["Found local files:", f"  * {FOLDER}/{path}"]
    if ti.state in _SERVED_BY or (log is None and ti.state in _ATTEMPT_OVER):
        if not (worker_lives and ti.hostname):
            told.append(f"Could not read served logs: {_unreachable(ti.hostname, path)}")
        elif log is not None:
            told.append(f"Found logs served from host http://{ti.hostname}:8793/log/{path}")
        else:
            told.append(
                f"Log file not found on worker '{ti.hostname}'. This attempt may have run on a different worker "
                "whose logs are no longer accessible. Consider configuring remote logging (S3, GCS, etc.) for "
                "log persistence."
            )
    lines = "".join(f"*** {line}\n" for line in told)
    return f" INFO - ::group::Log message source details\n{lines} INFO - ::endgroup::\n"


def _unreachable(host: str, path: str) -> str:
    """Why the host of an attempt cannot be asked, as the requests library says it (observed)."""
    if not host:
        return f"Invalid URL 'http://:8793/log/{path}': No host supplied"
    connection = f"host='{host}', port=8793"
    return (
        f"HTTPConnectionPool({connection}): Max retries exceeded with url: /log/{path} (Caused by "
        f"NameResolutionError(\"HTTPConnection({connection}): Failed to resolve '{host}' "
        '([Errno -2] Name or service not known)"))'
    )
