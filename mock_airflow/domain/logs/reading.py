"""Reading the logs of attempts, the way Airflow's web server does: from files, or from the host that has them."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import asdict, replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import LogUnreadableError, TaskInstanceNotFoundError
from mock_airflow.domain.logs.attempts import text_of
from mock_airflow.domain.records import FINISHED_TASK, TaskInstance, TaskInstanceKey, TaskInstanceTry, TaskLog

FOLDER = "/opt/airflow/logs"
_SERVED_BY = frozenset({"running", "deferred"})  # states in which the worker is asked as well
_ATTEMPT_OVER = FINISHED_TASK | {"up_for_retry", "up_for_reschedule"}


class Sources(NamedTuple):
    """From where a log comes: whether its file is there, and what the attempt's ``host`` said if it was asked.

    ``served`` is True where the host has it, False where it has not, and None where it could not be reached.
    """

    path: str
    local: bool
    asked: bool
    host: str
    served: bool | None


class Chunk(NamedTuple):
    """A piece of an attempt's log: from where it comes, and how far it goes.

    ``log_pos`` is None for a number that no attempt can have, ``sources`` for what follows on another piece.
    """

    host: str
    text: str
    log_pos: int | None
    end_of_log: bool
    sources: Sources | None = None


def read(airflow: Airflow, key: TaskInstanceKey, try_number: int, log_pos: int | None = None) -> Chunk:
    """The log of an attempt, whole and with its sources, or without those from ``log_pos`` on.

    Any number is taken: an attempt that was never made has no file (observed).
    Raises TaskInstanceNotFoundError, or LogUnreadableError for a mapped task that was not expanded.
    """
    ti: TaskInstance | TaskInstanceTry | None = airflow.task_instances.get(key) or airflow.tries.get((key, try_number))
    if ti is None:
        raise TaskInstanceNotFoundError(**key._asdict())
    if try_number < 1:
        return Chunk(ti.hostname, "", None, True)
    dag = airflow.dags.get(key.dag_id)
    task = dag.tasks.get(key.task_id) if dag else None
    if task is not None and task.is_mapped and key.map_index < 0:
        raise LogUnreadableError(task_id=key.task_id)
    path = path_of(key, try_number)
    log = log_of(airflow, key, try_number)
    text = text_of(airflow, log) if log else ""
    end_of_log = ti.try_number != try_number or ti.state not in _SERVED_BY
    rest = text if log_pos is None else text[log_pos:]
    sources = _sources(ti, path, log, worker_lives=airflow.runs != "manual") if log_pos is None else None
    return Chunk(ti.hostname, rest, len(text), end_of_log, sources)


def log_of(airflow: Airflow, key: TaskInstanceKey, try_number: int) -> TaskLog | None:
    """The log that is kept of an attempt; one that can be told from an attempt that a world file tells of; or None."""
    kept = airflow.task_logs.get((key, try_number))
    if kept is not None:
        return kept if kept.parts or kept.events or kept.attempt else None
    ti, past = airflow.task_instances.get(key), airflow.tries.get((key, try_number))
    if ti is not None and ti.try_number != try_number:
        ti = replace(ti, **asdict(past)) if past else None
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


def path_of(key: TaskInstanceKey, try_number: int) -> str:
    mapped = f"map_index={key.map_index}/" if key.map_index >= 0 else ""
    return f"dag_id={key.dag_id}/run_id={key.run_id}/task_id={key.task_id}/{mapped}attempt={try_number}.log"


def _sources(ti: TaskInstance | TaskInstanceTry, path: str, log: TaskLog | None, *, worker_lives: bool) -> Sources:
    """From where the text comes. Without a scheduler there is no worker either that could be asked (observed)."""
    asked = ti.state in _SERVED_BY or (log is None and ti.state in _ATTEMPT_OVER)
    served = log is not None if worker_lives and ti.hostname else None
    return Sources(f"{FOLDER}/{path}", log is not None, asked, ti.hostname, served)
