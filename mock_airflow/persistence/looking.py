"""A look at a database that leaves it as it is: whether it is reached, and what it has."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from mock_airflow.errors import DatabaseAwayError, DatabaseError, MissingExtraError
from mock_airflow.storage.connection import checked_url

_CONNECT = 3  # seconds


class Looked(NamedTuple):
    """The version of a database's schema and its deployments; None for one that has none yet."""

    schema: int | None
    deployments: int


def look(url: str) -> Looked:
    """What a database has. Raises DatabaseError, and DatabaseAwayError where it cannot be reached."""
    parsed = checked_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _file(Path(str(parsed.database)))
    try:
        import psycopg
    except ImportError:
        raise MissingExtraError(
            "PostgreSQL is spoken to by psycopg; install it with: pip install 'mock-airflow[postgresql]'"
        ) from None
    plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(plain, connect_timeout=_CONNECT, autocommit=True) as connection:
            there = connection.execute("SELECT to_regclass('mock_airflow_schema')").fetchone()
            if there is None or there[0] is None:
                return Looked(None, 0)
            return _read(lambda query: (connection.execute(query).fetchone() or (None,))[0])
    except psycopg.Error as error:
        shown, why = parsed.render_as_string(hide_password=True), " ".join(str(error).split())[:300]
        raise DatabaseAwayError(f"The database {shown} cannot be reached: {why}") from None


def _file(path: Path) -> Looked:
    if not path.parent.is_dir():
        raise DatabaseError(f"The database {path} cannot be made: there is no folder {path.parent}.")
    if not path.exists() or not path.stat().st_size:
        return Looked(None, 0)
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            known = file.execute("SELECT count(*) FROM sqlite_master WHERE name = 'mock_airflow_schema'").fetchone()[0]
            if not known:
                raise DatabaseError(f"{path} is a database of another program. Name another file.")
            return _read(lambda query: file.execute(query).fetchone()[0])
    except sqlite3.Error as error:
        raise DatabaseError(f"{path} is damaged, or no SQLite database at all ({error}).") from None


def _read(ask: Callable[[str], Any]) -> Looked:
    return Looked(
        ask("SELECT max(number) FROM mock_airflow_schema"), ask("SELECT count(*) FROM mock_airflow_deployments")
    )
