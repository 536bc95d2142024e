"""The tables of a database, and whether a database that is there is one that this version may touch."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from mock_airflow.errors import DatabaseError
from mock_airflow.storage.documents import schema

TABLES = (
    "CREATE TABLE IF NOT EXISTS mock_airflow_schema (number INTEGER PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS mock_airflow_deployments"
    " (id VARCHAR(200) PRIMARY KEY, version BIGINT NOT NULL, about TEXT NOT NULL, meta TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS mock_airflow_rows (deployment VARCHAR(200) NOT NULL, name VARCHAR(100) NOT NULL,"
    " key CHAR(40) NOT NULL, place BIGINT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (deployment, name, key))",
    "CREATE TABLE IF NOT EXISTS mock_airflow_commits (deployment VARCHAR(200) NOT NULL, version BIGINT NOT NULL,"
    " doc TEXT NOT NULL, PRIMARY KEY (deployment, version))",
    "CREATE TABLE IF NOT EXISTS mock_airflow_snapshots (deployment VARCHAR(200) NOT NULL, number BIGINT NOT NULL,"
    " part BIGINT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (deployment, number, part))",
)
_NAMES = ("schema", "deployments", "rows", "commits", "snapshots")


def see_number(where: object, found: int) -> None:
    """Raise DatabaseError for documents of a later version than this."""
    if found > schema():
        raise DatabaseError(
            f"The database {where} was made by a later mock-airflow (schema {found}, and this one reads {schema()}); it"
            " was left as it is. Take that version or a later one."
        )


def check_file(path: Path, wait: float) -> None:
    """Raise DatabaseError for a file that is damaged, or no database of ours; it is only read.

    ``wait`` is for how many seconds another program may hold it.
    """
    if not path.parent.is_dir():
        raise DatabaseError(f"The database {path} cannot be made: there is no folder {path.parent}.")
    if not path.exists():
        path.touch(0o600)
    if path.stat().st_size == 0:
        return
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=wait)) as file:
            (sound,) = file.execute("PRAGMA quick_check(1)").fetchone()
            names = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            ours = names >= {f"mock_airflow_{name}" for name in _NAMES}
            newest = file.execute("SELECT max(number) FROM mock_airflow_schema").fetchone()[0] if ours else None
    except sqlite3.DatabaseError as error:
        raise DatabaseError(
            f"{path} is damaged, or no SQLite database at all ({error}); it was left as it is."
        ) from None
    if sound != "ok":
        raise DatabaseError(f"{path} is damaged ({' '.join(str(sound).split())[:200]}); it was left as it is.")
    if newest is not None:
        see_number(path, newest)
    if names and not ours:
        raise DatabaseError(f"{path} is a database of another program; it was left as it is. Name another file.")
