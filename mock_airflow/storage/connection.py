"""A database and the connection to it: SQLite in a file, PostgreSQL on a server, or what speaks as that does.

Tables of texts and numbers, in plain SQL: no extension, no join, and no statement that touches two deployments. A write
takes its deployment's one row of ``mock_airflow_deployments`` first, so all writes to a deployment, from whichever
server, are in one order, and their number is its version.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_airflow.errors import DatabaseAwayError, DatabaseError, LostTurnError, MissingExtraError
from mock_airflow.storage.documents import SCHEMA

if TYPE_CHECKING:
    from typing_extensions import Self

try:
    from sqlalchemy import URL, Connection, QueuePool, create_engine, event, make_url, text
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
_POOLED = 8  # connections of a process that are kept open
_RETRIED = frozenset({"40001", "40P01"})  # PostgreSQL's words for a write that lost to another
_ANOTHERS_TURN = frozenset({"55P03", "57014", "25P03"})  # a lock, or an answer, that took too long


_prepared = lru_cache(256)(text)  # reading a statement takes longer than many a database needs for it


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


class Connected:
    """A database by a connection, which is opened again when it broke. One thread at a time may use it.

    Raises DatabaseError for what is no database of ours, and DatabaseAwayError where it cannot be reached.
    """

    def __init__(self, url: str) -> None:
        self._url = checked_url(url)
        self.url = url
        self.shown = self._url.render_as_string(hide_password=True)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._connection: Connection | None = None
        self._owner = 0
        self.open_transaction = False
        if self.is_sqlite:
            _check_file(Path(str(self._url.database)))
        try:
            self._engine = create_engine(
                self._url,
                poolclass=QueuePool,
                pool_size=_POOLED,
                max_overflow=_POOLED,
                pool_timeout=WAIT,
                pool_reset_on_return=None,  # a transaction is always ended before
                isolation_level="AUTOCOMMIT",
                connect_args=self._arguments(),
            )
        except (ImportError, NoSuchModuleError):
            raise MissingExtraError(
                "PostgreSQL is spoken to by psycopg; install it with: pip install 'mock-airflow[postgresql]'"
            ) from None
        event.listen(self._engine, "connect", self._set_up)
        try:
            self._see_schema()
            self.rest()
        except BaseException:
            self.hang_up()
            raise

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
        if self._owner != os.getpid():
            if self._owner:  # a process that was forked leaves its parent's connections alone
                self._engine.dispose(close=False)
            self._connection, self._owner = None, os.getpid()
        if self._connection is None:
            self._connection = self._engine.connect()
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

    def sibling(self) -> Self:
        """Another one of the same database, for another deployment and thread; they share a pool of connections."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._connection, other.open_transaction = None, False
        return other

    def rest(self) -> None:
        """Leave the connection to others until it is needed again."""
        connection, self._connection = self._connection, None
        if connection is not None and self._owner == os.getpid():
            connection.close()

    @contextlib.contextmanager
    def resting(self) -> Iterator[None]:
        """Rest afterwards."""
        try:
            yield
        finally:
            self.rest()

    def hang_up(self) -> None:
        """Close all connections of this process that nobody is using; the next use opens others."""
        if not self.open_transaction:
            self.drop()
        self._engine.dispose()

    def drop(self) -> None:
        """Close the connection, whatever state it is in; the next call opens another."""
        connection, self._connection, self.open_transaction = self._connection, None, False
        if connection is not None and self._owner == os.getpid():
            with contextlib.suppress(Exception):  # it may be broken, and is not used again
                connection.invalidate()
                connection.close()


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
