"""The log of an attempt as Airflow 3 writes it: events with a moment, a level and where they come from (observed)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.logs import attempts, texts
from mock_airflow.domain.logs.reading import FOLDER, log_of, path_of
from mock_airflow.domain.records import JsonObject, TaskInstance, TaskInstanceKey, TaskInstanceTry

UNDER_WAY = frozenset({"running", "deferred"})
_LINE = re.compile(
    r"^\[(?P<at>[^\]]+)\] \{(?P<file>[\w.]+):(?P<number>\d+)\} (?P<level>\w+) - (?P<event>.*)", re.DOTALL
)
_NEXT_LINE = re.compile(r"\n(?=\[\d{4}-)")
_RUNNER = "task_runner.py"
_NO_HOST = (
    "Could not read served logs: Hostname not available for worker. Please check your `hostname_callable`"
    " configuration."
)
_NOT_RUN = {
    "skipped": "Task was skipped — no logs available.",
    "upstream_failed": "Task did not run because upstream task(s) failed.",
}


def read(airflow: Airflow, key: TaskInstanceKey, row: TaskInstance | TaskInstanceTry, ti_id: str) -> list[JsonObject]:
    """The events of an attempt, the sources first; of one that never ran, why there are none."""
    if row.try_number == 0:
        at = getattr(row, "updated_at", None) or airflow.now()
        opened = {"timestamp": None, "event": "::group::Log message source details"}
        closed = {"timestamp": None, "event": "::endgroup::"}
        return [
            opened,
            closed,
            {"timestamp": at, "event": _NOT_RUN.get(row.state or "", "No logs available for this task.")},
        ]
    kept = log_of(airflow, key, row.try_number)
    if kept is not None and kept.events:
        return list(kept.events)
    if kept is None:
        return list(_sources([_NO_HOST]))
    text = attempts.text_of(airflow, kept)
    found = list(_sources([f"{FOLDER}/{path_of(key, row.try_number)}"]))
    return found + list(_of_attempt(key, row, texts.body_of(text) or "", ti_id))


def _sources(lines: list[str]) -> Iterator[JsonObject]:
    for event in ("::group::Log message source details", *lines, "::endgroup::"):
        yield {"event": event}


def _of_attempt(
    key: TaskInstanceKey, row: TaskInstance | TaskInstanceTry, body: str, ti_id: str
) -> Iterator[JsonObject]:
    begun = row.start_date or datetime.fromtimestamp(0, timezone.utc)
    ended = row.end_date or begun
    of_task = {**key._asdict(), "try_number": row.try_number, "ti_id": ti_id}

    def event(at: datetime, text: str, logger: str, file: str, line: int, level: str = "info") -> JsonObject:
        told: dict[str, Any] = {"timestamp": at, "event": text, "level": level}
        return {**told, **of_task, "logger": logger, "filename": file, "lineno": line}

    opened = event(begun, "::group::Pre Execute", "task", _RUNNER, 2412)
    yield {name: value for name, value in opened.items() if name not in of_task}
    bundles = "airflow.dag_processing.bundles.manager.DagBundlesManager"
    yield event(begun, "DAG bundles loaded: dags-folder", bundles, "manager.py", 304)
    yield event(begun, "Worker startup parse complete", "task", _RUNNER, 1073)
    yield event(begun, "::endgroup::", "task", _RUNNER, 2232)
    for line in _NEXT_LINE.split(body.rstrip("\n")):
        parts = _LINE.match(line)
        if parts is not None and parts["event"] != "::endgroup::":
            at = datetime.strptime(parts["at"], "%Y-%m-%dT%H:%M:%S.%f%z")
            place = (parts["file"], int(parts["number"]))
            yield event(at, parts["event"], "task", *place, parts["level"].lower())
    yield event(ended, "::group::Post Execute", "task", _RUNNER, 1605)
    yield event(ended, "::endgroup::", "task", _RUNNER, 2379)
