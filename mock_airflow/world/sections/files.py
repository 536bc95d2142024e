"""DAG files of a world file: their sources, the errors in them, and warnings about the DAGs they declare."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from mock_airflow.domain.dag_files import relative_path
from mock_airflow.domain.records import Dag, DagCode, DagFile, DagImportError, DagWarning
from mock_airflow.world.entry import WorldEntry, complain
from mock_airflow.world.fields import record
from mock_airflow.world.sections.transaction import Draft, entries, rows, section

_POOL_WARNING = "non-existent pool"


@section("dag_sources")
def _dag_sources(draft: Draft, content: Any, place: str) -> None:
    """By path a file's text, or (Airflow 3) by DAG and number of its version.

    A token that a captured DAG of the file has stays good when the DAG is deleted.
    """
    tokens = {dag.fileloc: dag.file_token for dag in _dags(draft)}
    entry = WorldEntry(content, place)
    for path in entry.value:
        if isinstance(entry.value[path], dict):
            _versions_of_source(draft, path, entry.child(path), tokens)
            continue
        draft.put("dag_files", DagFile(fileloc=path, source=entry.text(path), file_token=tokens.get(path)))


def _versions_of_source(draft: Draft, dag_id: str, entry: WorldEntry, tokens: dict[str, str]) -> None:
    for number in entry.value:
        if not number.isdecimal():
            complain(entry.place, f"{number!r} is not a number of a version.", number)
        draft.put("dag_codes", DagCode(dag_id=dag_id, version_number=int(number), source=entry.text(number)))
    dag = draft.get("dags", dag_id)
    if dag is not None and entry.value:
        newest = entry.text(max(entry.value, key=int))
        draft.put("dag_files", DagFile(fileloc=dag.fileloc, source=newest, file_token=tokens.get(dag.fileloc)))


@section("import_errors")
def _import_errors(draft: Draft, content: Any, place: str) -> None:
    """Files that Airflow could not read; the DAGs that it knows from such a file have import errors (code)."""
    for entry in entries(content, place):
        filename = entry.text("filename")
        usual = {"stack_trace": f"The file {filename} cannot be imported.", "timestamp": draft.airflow.now()}
        number = draft.number("import_errors", entry, name="import_error_id")
        error = record(entry, DagImportError, usual, import_error_id=number, filename=filename)
        entry.done()
        draft.put("import_errors", error)
        for dag in _dags(draft):
            if filename in (dag.fileloc, relative_path(dag.fileloc)):
                draft.put("dags", replace(dag, has_import_errors=True))


@rows("dag_warnings")
def _dag_warning(draft: Draft, entry: WorldEntry) -> DagWarning:
    dag_id = entry.text("dag_id")
    entry.ignore("dag_display_name")
    draft.dag(dag_id, entry.place)
    usual = {"warning_type": _POOL_WARNING, "timestamp": draft.airflow.now()}
    return record(entry, DagWarning, usual, dag_id=dag_id)


def _dags(draft: Draft) -> list[Dag]:
    """Every DAG that was read or is there already, as it is now."""
    rows = {dag.dag_id: dag for dag in (*draft.airflow.dags, *draft.all("dags"))}
    return list(rows.values())
