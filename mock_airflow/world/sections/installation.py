"""What a world file tells of the installation: version, health, pools, the audit log."""

from __future__ import annotations

from typing import Any

from mock_airflow.domain.records import EventLog, Pool
from mock_airflow.storage.singletons import Singleton
from mock_airflow.world.entry import WorldEntry
from mock_airflow.world.fields import record
from mock_airflow.world.sections.transaction import Draft, rows, section


@section("about")
def _about(draft: Draft, content: Any, place: str) -> None:
    """A comment."""


@section("airflow_version")
@section("settings")
def _settings(draft: Draft, content: Any, place: str) -> None:
    """Read with the file, before there is a deployment."""


@section("version")
def _version(draft: Draft, content: Any, place: str) -> None:
    entry = WorldEntry(content, place)
    entry.text("version", None)
    git_version = entry.text("git_version", "")
    entry.done()
    draft.put("singletons", Singleton("git_version", git_version))


@section("health")
def _health(draft: Draft, content: Any, place: str) -> None:
    entry = WorldEntry(content, place)
    told: dict[str, Any] = {}
    for part in ("metadatabase", "scheduler", "triggerer", "dag_processor"):
        if entry.has(part):
            child = entry.child(part)
            told[part] = {"status": child.text("status", None)}
            if part != "metadatabase":
                name = f"latest_{part}_heartbeat"
                told[part][name] = child.moment(name, None)
            child.done()
    entry.done()
    draft.put("singletons", Singleton("health", {**draft.airflow.health, **told}))


@rows("pools")
def _pool(draft: Draft, entry: WorldEntry) -> Pool:
    name = entry.text("name")
    entry.ignore("deferred_slots", "occupied_slots", "open_slots", "queued_slots", "running_slots", "scheduled_slots")
    entry.ignore("team_name")
    return record(entry, Pool, {"slots": 128}, id=draft.id_of("pools", name), name=name)


@rows("event_logs")
def _event_log(draft: Draft, entry: WorldEntry) -> EventLog:
    entry.ignore("dag_display_name", "task_display_name")
    return record(
        entry,
        EventLog,
        event_log_id=draft.number("event_logs", entry, name="event_log_id"),
        execution_date=entry.moment("logical_date", None) or entry.moment("execution_date", None),
    )
