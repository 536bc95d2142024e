"""What the API of an Airflow 3 says otherwise, or besides, of the things that a world file has."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from mock_airflow.domain.records import Dag, DagVersion
from mock_airflow.world.entry import WorldEntry, complain
from mock_airflow.world.fields import record
from mock_airflow.world.sections.transaction import Draft, by_dag, entries, section

# Told as they stand: nothing follows from them here.
_DETAILS = (
    "last_parse_duration",
    "relative_fileloc",
    "timetable_partitioned",
    "timetable_periodic",
    "is_backfillable",
    "allowed_run_types",
    "rerun_with_latest_version",
    "owner_links",
    "partition_mappers",
    "partition_key_format",
    "partitioned_at_runtime",
)
# Worked out anew, or told by another section.
_WORKED_OUT = ("is_favorite", "active_runs_count", "latest_dag_version", "last_parsed")


def list_fields(entry: WorldEntry, dag: Dag) -> Dag:
    """The DAG with what only Airflow 3 tells of it, under that version's names."""
    entry.ignore(*(name for name in _WORKED_OUT if name != "last_parsed"))
    details = {name: entry.any(name) for name in _DETAILS if name in entry.value}
    stale = entry.flag("is_stale", None)
    due = entry.moment("next_dagrun_run_after", None)
    partitioned = bool(details.get("timetable_partitioned", dag.is_partitioned))
    return replace(
        dag,
        details={**dag.details, **details},
        is_active=dag.is_active if stale is None else not stale,
        next_dagrun=entry.moment("next_dagrun_logical_date", None) or (due if partitioned else None) or dag.next_dagrun,
        next_dagrun_create_after=due or dag.next_dagrun_create_after,
        template_searchpath=entry.texts("template_search_path", dag.template_searchpath),
    )


def condition(entry: WorldEntry) -> Any:
    """The condition over assets by their URIs; None without one."""
    expression = entry.object("asset_expression", None)
    return None if expression is None else _by_uri(expression, f"{entry.place}.asset_expression")


def _by_uri(told: Any, place: str) -> Any:
    if isinstance(told, dict) and isinstance(told.get("asset"), dict) and isinstance(told["asset"].get("uri"), str):
        return told["asset"]["uri"]
    if isinstance(told, dict) and isinstance(told.get("alias"), dict):
        return {"alias": told["alias"].get("name")}
    for word in ("all", "any"):
        if isinstance(told, dict) and isinstance(told.get(word), list):
            return {word: [_by_uri(each, place) for each in told[word]]}
    complain(place, 'all or any of assets is expected, each as {"asset": {"uri": ..}}.')


@section("dag_versions")
def _dag_versions(draft: Draft, content: Any, place: str) -> None:
    for dag_id, value, where in by_dag(content, place):
        for entry in entries(value, where):
            entry.ignore("dag_id", "dag_display_name")
            row = record(entry, DagVersion, {"created_at": draft.airflow.now()}, dag_id=dag_id)
            entry.done()
            draft.put("dag_versions", row)


def version_number(entry: WorldEntry) -> int | None:
    """The number of the version that a task instance ran by."""
    if not entry.has("dag_version"):
        entry.ignore("dag_version")
        return None
    number: int = entry.child("dag_version").whole("version_number")
    return number
