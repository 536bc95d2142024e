"""What the task instances of a world file left: xcoms, logs, links."""

from __future__ import annotations

import ast
from typing import Any

from mock_airflow.api.airflow2.log_sources import has_file, without_sources
from mock_airflow.domain.records import DagRun, ExtraLink, TaskLog, XCom
from mock_airflow.world.entry import WorldEntry, complain
from mock_airflow.world.fields import record
from mock_airflow.world.sections.transaction import Draft, rows


def _place_of(entry: WorldEntry, draft: Draft) -> tuple[DagRun, dict[str, Any]]:
    """The run that a leftover belongs to, and what names its task instance."""
    run = draft.run(entry, "dag_run_id" if entry.text("dag_run_id", None) else "run_id")
    task_id, map_index = entry.text("task_id"), entry.whole("map_index", -1)
    return run, {"dag_id": run.dag_id, "run_id": run.run_id, "task_id": task_id, "map_index": map_index}


@rows("xcoms")
def _xcom(draft: Draft, entry: WorldEntry) -> XCom:
    run, names = _place_of(entry, draft)
    entry.ignore("execution_date", "value_as_string", "logical_date", "run_after")
    entry.ignore("dag_display_name", "task_display_name")
    return record(
        entry,
        XCom,
        {"key": "return_value", "timestamp": run.end_date or run.start_date or draft.airflow.now()},
        **names,
        value=entry.any("value", entry.value.get("value_as_string")),
        logical_date=run.logical_date,
    )


@rows("logs")
def _log(draft: Draft, entry: WorldEntry) -> TaskLog:
    _, names = _place_of(entry, draft)
    told = entry.any("content")
    events = tuple(told) if isinstance(told, list) and all(isinstance(each, dict) for each in told) else ()
    parts = () if isinstance(told, list) else _parts(entry)
    entry.ignore("continuation_token")
    return TaskLog(**names, try_number=entry.whole("try_number", 1), parts=parts, events=events)


def _parts(entry: WorldEntry) -> tuple[tuple[str, str], ...]:
    """A log's texts by host: Airflow answers them as the repr of a list of pairs; a plain text will do as well."""
    content = entry.text("content")
    try:
        pairs = ast.literal_eval(content) if content.startswith("[(") else [("", content)]
        parts = tuple((host, without_sources(text).rstrip("\n")) for host, text in pairs if has_file(text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        complain(f"{entry.place}.content", "neither a plain text nor what Airflow prints: pairs of host and text.")
    return parts


@rows("extra_links")
def _extra_link(draft: Draft, entry: WorldEntry) -> ExtraLink:
    _, names = _place_of(entry, draft)
    links = entry.object("links")
    for name, address in links.items():
        if address is not None and not isinstance(address, str):
            complain(f"{entry.place}.links.{name}", "an address is a text, or null.")
    return ExtraLink(**names, links=links)
