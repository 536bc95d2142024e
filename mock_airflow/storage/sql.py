"""Documents in a database: SQLite in a file, PostgreSQL on a server, or what speaks as that does.

Tables of texts and numbers, in plain SQL: no extension, no join, and no statement that touches two deployments. A write
takes its deployment's one row of ``mock_airflow_deployments`` first, so all writes to a deployment, from whichever
server, are in one order, and their number is its version.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from mock_airflow.errors import DatabaseAwayError, DatabaseError, LostTurnError, MissingExtraError
from mock_airflow.storage.documents import SCHEMA

try:
    from sqlalchemy import URL, Connection, NullPool, create_engine, event, make_url, text
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
except ImportError:
    raise MissingExtraError(
        "A database is kept by SQLAlchemy; install it with: pip install 'mock-airflow[database]'"
        " (and 'mock-airflow[postgresql]' for PostgreSQL)"
    ) from None

WAIT = 10  # seconds for another server's write to the same deployment, and for an answer of the database
_CONNECT = 3  # seconds
_TABLES = (
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
_CUT = 500_000  # characters of one part of a snapshot
_RETRIED = frozenset({"40001", "40P01"})  # PostgreSQL's words for a write that lost to another
_ANOTHERS_TURN = frozenset({"55P03", "57014", "25P03"})  # a lock, or an answer, that took too long


_prepared = lru_cache(256)(text)  # reading a statement takes longer than many a database needs for it


class Row(NamedTuple):
    """A row of a table of a deployment as it is kept; its place tells the order in the table."""

    name: str
    key: str
    place: int
    doc: str


class Head(NamedTuple):
    """What is kept of a deployment besides its rows: its version, how it was set up, and what every write changes."""

    version: int
    about: str
    meta: str


def short_key(key: str) -> str:
    """What a row is found by: of any length of key the same."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def checked_url(url: str) -> URL:
    """The URL as SQLAlchemy takes it. Raises DatabaseError for one that names no database of ours."""
    try:
        found = make_url(url)
    except ArgumentError:
        found = None
    kind = found.drivername.partition("+")[0] if found is not None else ""
    if found is not None and kind == "sqlite" and found.database not in (None, "", ":memory:"):
        return found
    if found is not None and kind in ("postgresql", "postgres"):
        return found.set(drivername="postgresql+psycopg")
    raise DatabaseError(
        "A database is given as sqlite:///FILE, or as postgresql://USER:PASSWORD@HOST/NAME; the one that was given is"
        " neither."
    )


class Database:
    """A connection to a database, opened again when it broke. One thread at a time may use it.

    Raises DatabaseError for what is no database of ours, and DatabaseAwayError where it cannot be reached.
    """

    def __init__(self, url: str) -> None:
        self._url = checked_url(url)
        self.shown = self._url.render_as_string(hide_password=True)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._connection: Connection | None = None
        self._owner = 0
        self.open_transaction = False
        if self.is_sqlite:
            _check_file(Path(str(self._url.database)))
        try:
            self._engine = create_engine(
                self._url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=self._arguments()
            )
        except (ImportError, NoSuchModuleError):
            raise MissingExtraError(
                "PostgreSQL is spoken to by psycopg; install it with: pip install 'mock-airflow[postgresql]'"
            ) from None
        event.listen(self._engine, "connect", self._set_up)
        self._see_schema()

    def _arguments(self) -> dict[str, Any]:
        if self.is_sqlite:
            return {"timeout": WAIT, "check_same_thread": False}
        alive = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
        return {"connect_timeout": _CONNECT, "tcp_user_timeout": WAIT * 1000, **alive}

    def _set_up(self, connection: Any, _: Any) -> None:
        words = (
            ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL")
            if self.is_sqlite
            else (
                f"SET lock_timeout = '{WAIT}s'",
                f"SET statement_timeout = '{3 * WAIT}s'",
                f"SET idle_in_transaction_session_timeout = '{3 * WAIT}s'",
            )
        )
        cursor = connection.cursor()
        for each in words:
            cursor.execute(each)
        cursor.close()

    def _see_schema(self) -> None:
        """Make the tables in an empty database. Raises DatabaseError for one that a later version made."""
        with self.told_clearly(), self.transaction():
            for statement in _TABLES:
                self._run(statement)
            found = [number for (number,) in self._run("SELECT number FROM mock_airflow_schema")]
            if not found:
                self._run("INSERT INTO mock_airflow_schema (number) VALUES (:number)", number=SCHEMA)
            elif max(found) > SCHEMA:
                raise DatabaseError(_of_later(self.shown, max(found)))

    @contextlib.contextmanager
    def told_clearly(self) -> Iterator[None]:
        """What a driver raises becomes LostTurnError, DatabaseAwayError or DatabaseError."""
        try:
            yield
        except SQLAlchemyError as error:
            raise self._said(error) from None

    def _said(self, error: SQLAlchemyError) -> Exception:
        cause = error.orig if isinstance(error, DBAPIError) else None
        state = getattr(cause, "sqlstate", None) or ""
        why = " ".join(str(cause or error).split())[:300]
        self.drop()
        if state in _RETRIED:
            return LostTurnError(why)
        if state in _ANOTHERS_TURN or "is locked" in why:
            return DatabaseAwayError(
                f"The database {self.shown} is busy: another server's write took too long ({why})."
            )
        if isinstance(cause, sqlite3.DatabaseError) and ("malformed" in why or "not a database" in why):
            return DatabaseError(f"The database {self.shown} is damaged ({why}); take a copy of before, or begin anew.")
        return DatabaseAwayError(f"The database {self.shown} cannot be reached: {why}")

    # ---------------------------------------------------------------------------------------------------- transactions

    def _run(self, statement: str, many: Sequence[Mapping[str, Any]] | None = None, **values: Any) -> Any:
        if self._connection is None or self._owner != os.getpid():
            self._connection, self._owner = self._engine.connect(), os.getpid()
        return self._connection.execute(_prepared(statement), list(many) if many is not None else values)

    def begin(self) -> None:
        """Begin a transaction that will write."""
        self._run("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
        self.open_transaction = True

    def commit(self) -> None:
        """Have what was written last."""
        self._run("COMMIT")
        self.open_transaction = False

    def roll_back(self) -> None:
        """Have nothing of it last; whatever state the connection is in."""
        if self.open_transaction:
            self.open_transaction = False
            try:
                self._run("ROLLBACK")
            except SQLAlchemyError:
                self.drop()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """What is written meanwhile lasts as a whole, or not at all."""
        self.begin()
        try:
            yield
            self.commit()
        except BaseException:
            self.roll_back()
            raise

    def drop(self) -> None:
        """Close the connection, whatever state it is in; the next call opens another."""
        connection, self._connection, self.open_transaction = self._connection, None, False
        if connection is not None and self._owner == os.getpid():
            with contextlib.suppress(Exception):  # it may be broken, and is not used again
                connection.invalidate()
                connection.close()

    # ------------------------------------------------------------------------------------------------- one deployment

    def names(self) -> list[str]:
        """The deployments that are kept."""
        return [name for (name,) in self._run("SELECT id FROM mock_airflow_deployments ORDER BY id")]

    def head(self, name: str) -> Head | None:
        """What is kept of a deployment besides its rows; None where there is none."""
        found = self._run(
            "SELECT version, about, meta FROM mock_airflow_deployments WHERE id = :name", name=name
        ).first()
        return None if found is None else Head(*found)

    def version(self, name: str) -> int | None:
        """The number of the last write; None where the deployment is gone."""
        found = self._run("SELECT version FROM mock_airflow_deployments WHERE id = :name", name=name).first()
        return None if found is None else int(found[0])

    def take_turn(self, name: str) -> int | None:
        """Have nobody else write to the deployment until the transaction ends; gives the version before."""
        found = self._run(
            "UPDATE mock_airflow_deployments SET version = version + 1 WHERE id = :name RETURNING version", name=name
        ).first()
        return None if found is None else int(found[0]) - 1

    def guard(self, name: str, seen: int) -> bool:
        """Take the turn if nobody has written since that version; whether it is so."""
        done = self._run(
            "UPDATE mock_airflow_deployments SET version = version + 1 WHERE id = :name AND version = :seen",
            name=name,
            seen=seen,
        )
        return bool(done.rowcount)

    def create(self, name: str, version: int, about: str, meta: str) -> bool:
        """Add a deployment without rows; False where another server has just done so."""
        found = self._run(
            "INSERT INTO mock_airflow_deployments (id, version, about, meta) VALUES (:name, :version, :about, :meta)"
            " ON CONFLICT (id) DO NOTHING",
            name=name,
            version=version,
            about=about,
            meta=meta,
        )
        return bool(found.rowcount)

    def delete(self, name: str) -> None:
        """Forget a deployment and all that belongs to it."""
        self._run("DELETE FROM mock_airflow_deployments WHERE id = :name", name=name)
        for table in ("rows", "commits", "snapshots"):
            self._run(f"DELETE FROM mock_airflow_{table} WHERE deployment = :name", name=name)

    def rows(self, name: str) -> Iterator[tuple[str, str]]:
        """The name of the table and the document of each row, in order."""
        yield from self._run(
            "SELECT name, doc FROM mock_airflow_rows WHERE deployment = :name ORDER BY place", name=name
        ).yield_per(2000)

    def put_rows(self, name: str, rows: Sequence[Row]) -> None:
        """Write rows; one that is there keeps its place."""
        if rows:
            self._run(
                "INSERT INTO mock_airflow_rows (deployment, name, key, place, doc)"
                " VALUES (:deployment, :name, :key, :place, :doc)"
                " ON CONFLICT (deployment, name, key) DO UPDATE SET doc = excluded.doc",
                [{"deployment": name, **row._asdict()} for row in rows],
            )

    def delete_rows(self, name: str, keys: Iterable[tuple[str, str]]) -> None:
        """Delete rows by table and key."""
        given = [{"deployment": name, "name": table, "key": key} for table, key in keys]
        if given:
            self._run(
                "DELETE FROM mock_airflow_rows WHERE deployment = :deployment AND name = :name AND key = :key", given
            )

    def delete_table(self, name: str, table: str) -> None:
        """Delete all rows of a table."""
        self._run("DELETE FROM mock_airflow_rows WHERE deployment = :name AND name = :table", name=name, table=table)

    def put_meta(self, name: str, meta: str) -> None:
        """Write what every write changes."""
        self._run("UPDATE mock_airflow_deployments SET meta = :meta WHERE id = :name", name=name, meta=meta)

    def put_commit(self, name: str, version: int, doc: str) -> None:
        """Write down what a write changed, for the other servers."""
        self._run(
            "INSERT INTO mock_airflow_commits (deployment, version, doc) VALUES (:name, :version, :doc)",
            name=name,
            version=version,
            doc=doc,
        )

    def commits(self, name: str, since: int) -> list[tuple[int, str]]:
        """The writes after that version, in order."""
        found = self._run(
            "SELECT version, doc FROM mock_airflow_commits WHERE deployment = :name AND version > :since"
            " ORDER BY version",
            name=name,
            since=since,
        )
        return [(int(version), doc) for version, doc in found]

    def forget_commits(self, name: str, until: int) -> None:
        """Delete the writes up to that version."""
        self._run(
            "DELETE FROM mock_airflow_commits WHERE deployment = :name AND version <= :until", name=name, until=until
        )

    def put_snapshot(self, name: str, number: int, doc: str) -> None:
        """Keep a snapshot, in parts that every database takes."""
        parts = [doc[start : start + _CUT] for start in range(0, len(doc), _CUT)]
        self._run(
            "INSERT INTO mock_airflow_snapshots (deployment, number, part, doc) VALUES (:name, :number, :part, :doc)",
            [{"name": name, "number": number, "part": part, "doc": piece} for part, piece in enumerate(parts)],
        )

    def snapshot(self, name: str, number: int) -> str | None:
        """A snapshot that is kept, or None."""
        found = self._run(
            "SELECT doc FROM mock_airflow_snapshots WHERE deployment = :name AND number = :number ORDER BY part",
            name=name,
            number=number,
        )
        return "".join([doc for (doc,) in found]) or None

    def snapshots(self, name: str) -> list[int]:
        """The numbers of those that are kept."""
        found = self._run(
            "SELECT number FROM mock_airflow_snapshots WHERE deployment = :name AND part = 0 ORDER BY number", name=name
        )
        return [int(number) for (number,) in found]

    def delete_snapshot(self, name: str, number: int) -> None:
        """Forget a snapshot."""
        self._run(
            "DELETE FROM mock_airflow_snapshots WHERE deployment = :name AND number = :number", name=name, number=number
        )


def _of_later(where: object, schema: int) -> str:
    return (
        f"The database {where} was made by a later mock-airflow (schema {schema}, and this one reads {SCHEMA}); it was"
        " left as it is. Take that version or a later one."
    )


def _check_file(path: Path) -> None:
    """Raise DatabaseError for a file that is damaged, or no database of ours; it is only read."""
    if not path.parent.is_dir():
        raise DatabaseError(f"The database {path} cannot be made: there is no folder {path.parent}.")
    if not path.exists():
        path.touch(0o600)
    if path.stat().st_size == 0:
        return
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=WAIT)) as file:
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
    if newest is not None and newest > SCHEMA:
        raise DatabaseError(_of_later(path, newest))
    if names and not ours:
        raise DatabaseError(f"{path} is a database of another program; it was left as it is. Name another file.")
