"""What a world file tells of the installation: version, health, pools, the audit log."""

from __future__ import annotations

from typing import Any

from mock_airflow.domain.records import EventLog, Pool
from mock_airflow.storage.singletons import Singleton
from mock_airflow.world.entry import Entry
from mock_airflow.world.sections.transaction import Draft, entries, section


@section("about")
def _about(draft: Draft, content: Any, place: str) -> None:
    """A comment."""


@section("airflow_version")
@section("settings")
def _settings(draft: Draft, content: Any, place: str) -> None:
    """Read with the file, before there is a deployment."""


@section("version")
def _version(draft: Draft, content: Any, place: str) -> None:
    entry = Entry(content, place)
    entry.text("version", None)
    git_version = entry.text("git_version", "")
    entry.done()
    draft.put("singletons", Singleton("git_version", git_version))


@section("health")
def _health(draft: Draft, content: Any, place: str) -> None:
    entry = Entry(content, place)
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


@section("pools")
def _pools(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        name = entry.text("name")
        draft.put(
            "pools",
            Pool(
                id=draft.id_of("pools", name),
                name=name,
                slots=entry.whole("slots", 128),
                description=entry.text("description", None),
                include_deferred=entry.flag("include_deferred", False),
            ),
        )
        entry.ignore(
            "deferred_slots", "occupied_slots", "open_slots", "queued_slots", "running_slots", "scheduled_slots"
        )
        entry.ignore("team_name")
        entry.done()


@section("event_logs")
def _event_logs(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        number = entry.whole("event_log_id", None)
        draft.put(
            "event_logs",
            EventLog(
                event_log_id=draft.claim_id("event_logs", number) if number else draft.next_id("event_logs"),
                when=entry.moment("when"),
                event=entry.text("event"),
                owner=entry.text("owner", None),
                extra=entry.text("extra", None),
                dag_id=entry.text("dag_id", None),
                task_id=entry.text("task_id", None),
                run_id=entry.text("run_id", None),
                map_index=entry.whole("map_index", None),
                try_number=entry.whole("try_number", None),
                execution_date=entry.moment("logical_date", None) or entry.moment("execution_date", None),
            ),
        )
        entry.ignore("dag_display_name", "task_display_name")
        entry.done()
