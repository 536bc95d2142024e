"""DAG files: their sources, and requests to parse one again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from mock_airflow.domain.airflow import SCHEDULER_LOOP, Airflow
from mock_airflow.domain.errors import DagFileNotFoundError, DagSourceNotFoundError
from mock_airflow.domain.file_tokens import path_of
from mock_airflow.domain.records import DagCode, DagFile
from mock_airflow.domain.source_texts import source_text

Stamp = tuple[int, int]


class KnownFile(Struct, frozen=True):
    """A file as it was read: its state then, and that of everything that it looked at."""

    stamps: Mapping[str, Stamp]
    dag_ids: tuple[str, ...]


def relative_path(fileloc: str) -> str:
    """The path of a DAG file below its folder."""
    return fileloc.partition("/dags/")[2] or fileloc.rpartition("/")[2]


def located(airflow: Airflow, file_token: str) -> str:
    """The path of the file. Raises DagSourceNotFoundError."""
    path = _path(airflow, file_token)
    if path is None:
        raise DagSourceNotFoundError(file=file_token)
    return path


def source(airflow: Airflow, fileloc: str, generation: int = 2) -> str:
    """The file's text, also when its DAGs are deleted (observed); a plausible one where none was given.

    That is one as Airflow of the generation reads it, for whoever asks.

    Raises DagSourceNotFoundError.
    """
    file = airflow.dag_files.get(fileloc)
    if file is not None and file.source is not None:
        return file.source
    declared = [dag for dag in airflow.dags if dag.fileloc == fileloc]
    if not declared:
        raise DagSourceNotFoundError(file=fileloc)
    names = {asset.uri: asset.asset_name for asset in airflow.assets}
    return source_text(declared, generation, lambda uri: names.get(uri, uri))


def keep_source(airflow: Airflow, fileloc: str) -> None:
    """Have the file's text stay as it is when its DAGs go."""
    file = airflow.dag_files.get(fileloc) or DagFile(fileloc=fileloc)
    if file.source is None:
        airflow.dag_files.put(replace(file, source=source(airflow, fileloc, 3 if airflow.conduct.points else 2)))


def code(airflow: Airflow, dag_id: str, version_number: int | None = None) -> DagCode | None:
    """The text of a DAG's version, of the newest where none is named; None where it is not known.

    Of a DAG whose versions were not kept, its file is the one version.
    """
    if dag_id not in airflow.dags:  # they go with the DAG (observed)
        return None
    kept = airflow.dag_codes.group("dag_id", dag_id).values()
    newest = max((row.version_number for row in airflow.dag_versions.group("dag_id", dag_id).values()), default=1)
    number = max((newest, *(row.version_number for row in kept))) if version_number is None else version_number
    row = airflow.dag_codes.get((dag_id, number))
    dag = airflow.dags.get(dag_id)
    if row is None and number == newest and dag is not None:
        return DagCode(dag_id=dag_id, version_number=number, source=source(airflow, dag.fileloc, 3))
    return row


def dag_ids(airflow: Airflow, fileloc: str) -> list[str]:
    """The DAGs that come from a file."""
    return [dag.dag_id for dag in airflow.dags if dag.fileloc == fileloc]


def with_dags(airflow: Airflow, file_token: str) -> str:
    """The path of a file that some DAG comes from. Raises DagFileNotFoundError."""
    path = _path(airflow, file_token)
    if path is None or not dag_ids(airflow, path):
        raise DagFileNotFoundError(file=file_token)
    return path


def ask_to_parse(airflow: Airflow, fileloc: str) -> bool:
    """Ask for a file to be parsed again; False if that is asked for already.

    The next loop of the scheduler takes the request up; without a scheduler it stays (observed).
    """
    file = airflow.dag_files.get(fileloc) or DagFile(fileloc=fileloc)
    now = airflow.now()
    pending = {"manual": timedelta.max, "timed": SCHEDULER_LOOP, "instant": timedelta(0)}[airflow.runs]
    if file.parse_asked_at is not None and now - file.parse_asked_at < pending:
        return False
    airflow.dag_files.put(replace(file, parse_asked_at=now))
    return True


def _path(airflow: Airflow, file_token: str) -> str | None:
    """The path that a token stands for: one of ours, or one that a real Airflow gave to a file in the state."""
    if (path := path_of(file_token)) is not None:
        return path
    return next((row.fileloc for row in (*airflow.dags, *airflow.dag_files) if row.file_token == file_token), None)
