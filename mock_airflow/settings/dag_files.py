"""The settings of a folder of DAG files. They are fields of Settings like all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mock_airflow.settings.values import (
    choice,
    folder,
    one_of,
    option,
    or_none,
    positive,
    settings_part,
    several,
    yes_or_no,
)


def _seconds(value: Any) -> float:
    return 0.0 if str(value).strip() in ("0", "0.0") else positive(value)


def _several_of(*words: str) -> Callable[[Any], tuple[str, ...]]:
    return lambda value: tuple(one_of(*words)(each) for each in several(value))


@settings_part
class DagFolderSettings:
    """The part of Settings that is about DAG files."""

    dags_folder: str | None = option(
        None,
        or_none(folder),
        "a folder of DAG files, which are read as Airflow reads them",
        metavar="DIR",
        unsaved=True,
    )
    plugins_folder: str | None = option(
        None, or_none(folder), "its plugins (default: the folder plugins beside it)", metavar="DIR", unsaved=True
    )
    reload: bool = option(False, yes_or_no, "read DAG files again when they change", unsaved=True)
    dags_are_paused_at_creation: bool = option(
        True, yes_or_no, "[core] whether a DAG is paused when it is first read, unless it says itself"
    )
    dag_discovery_safe_mode: bool = option(
        True, yes_or_no, "[core] read only files that hold the words dag and airflow"
    )
    dag_ignore_file_syntax: str = option(
        "regexp", choice("regexp", "glob"), "[core] how .airflowignore is written: regexp or glob"
    )
    dagbag_import_timeout: float = option(
        30.0, _seconds, "[core] how long a DAG file may take to be read; 0 for any time", metavar="SECONDS"
    )
    dag_files_may: tuple[str, ...] = option(
        (),
        _several_of("network", "write", "programs"),
        "what DAG files may do while they are read: network, write, programs",
        metavar="WHAT",
        example="network",
    )
