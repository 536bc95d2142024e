"""A database and the connection to it: SQLite in a file, PostgreSQL on a server, or what speaks as that does.

Tables of texts and numbers, in plain SQL: no extension, no join, and no statement that touches two deployments. A write
takes its deployment's one row of ``mock_airflow_deployments`` first, so all writes to a deployment, from whichever
server, are in one order, and their number is its version.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_airflow.errors import (
    BrokenConnectionError,
    DatabaseAwayError,
    DatabaseError,
    LostTurnError,
    MissingExtraError,
)
from mock_airflow.storage.documents import schema
from mock_airflow.storage.pool import ConnectionPool
from mock_airflow.storage.schema import TABLES, check_file, see_number

if TYPE_CHECKING:
    from typing_extensions import Self

try:
    from sqlalchemy import URL, NullPool, PoolProxiedConnection, create_engine, event, make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
except ImportError:
    raise MissingExtraError(
        "A database is kept by SQLAlchemy; install it with: pip install 'mock-airflow[database]'"
        " (and 'mock-airflow[postgresql]' for PostgreSQL)"
    ) from None

WAIT = 10  # seconds for another server's write to the same deployment, and for an answer of the database
_CONNECT = 3  # seconds
_HELD = 500  # statements of one message
_LOST = frozenset({"40001", "40P01", "23502", "23505"})  # PostgreSQL's words for a write that lost to another
_ANOTHERS_TURN = frozenset({"55P03", "57014", "25P03"})  # a lock, or an answer, that took too long
_NOT_OURS = frozenset({"42P01", "42703", "42804", "42883", "42P10"})  # tables of our names that are not ours


@lru_cache(256)
def _for_psycopg(statement: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", statement)


@lru_cache(256)
def _parts(statement: str) -> list[str]:
    """A statement taken apart: text and the names of values in turn."""
    return re.split(r":(\w+)", statement)


def _filled(statement: str, values: dict[str, Any]) -> str:
    """A statement with its values in it: texts and whole numbers."""
    parts = _parts(statement).copy()
    for place in range(1, len(parts), 2):
        value = values[parts[place]]
        parts[place] = "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(int(value))
    return "".join(parts)


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
        self._connection: PoolProxiedConnection | None = None
        self._owner = 0
        self._held: list[tuple[str, dict[str, Any]]] | None = None  # statements of a batch
        self.open_transaction = False
        if self.is_sqlite:
            check_file(Path(str(self._url.database)), WAIT)
        try:
            self._engine = create_engine(
                self._url,
                poolclass=NullPool,
                isolation_level="AUTOCOMMIT",
                connect_args=self._arguments(),
            )
        except (ImportError, NoSuchModuleError):
            raise MissingExtraError(
                "PostgreSQL is spoken to by psycopg; install it with: pip install 'mock-airflow[postgresql]'"
            ) from None
        event.listen(self._engine, "connect", self._set_up)
        self._pool = ConnectionPool(self._engine.raw_connection, WAIT)  # which siblings share
        self._errors = (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error)
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
                "SET standard_conforming_strings = on",  # as values are written into statements
                "SET client_encoding = 'UTF8'",
                # The compression by default takes as long as all else that an entry of the journal costs the server.
                "SELECT set_config(name, 'lz4', false) FROM pg_settings"
                " WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)",
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
            for statement in TABLES:
                self._run(statement)
            found = self.schema()
            if found is None:
                self.put_schema(schema())
            else:
                see_number(self.shown, found)

    def schema(self) -> int | None:
        """Which form of documents it holds; None where it was made just now."""
        (found,) = self._run("SELECT max(number) FROM mock_airflow_schema").fetchone()
        return None if found is None else int(found)

    def put_schema(self, number: int) -> None:
        """Write down which form of documents it holds from now on."""
        self._run("INSERT INTO mock_airflow_schema (number) VALUES (:number)", number=number)

    @contextlib.contextmanager
    def told_clearly(self) -> Iterator[None]:
        """What a driver raises becomes LostTurnError, DatabaseAwayError or DatabaseError."""
        try:
            yield
        except self._errors as error:
            raise self._said(error) from None

    def _said(self, error: Exception) -> Exception:
        state = getattr(error, "sqlstate", None) or ""
        why = " ".join(str(error).split())[:300]
        broke = self._connection is not None and not self.is_sqlite and bool(getattr(self._connection, "closed", False))
        if state in _LOST or isinstance(error, sqlite3.IntegrityError):
            self.roll_back()
            return LostTurnError(why)
        self.drop()
        if state in _ANOTHERS_TURN or "is locked" in why:
            return DatabaseAwayError(
                f"The database {self.shown} is busy: another server's write took too long ({why})."
            )
        if state in _NOT_OURS:
            return DatabaseError(
                f"The database {self.shown} has tables of another program by the names of ours ({why}); it was left as"
                " it is. Name another database."
            )
        if isinstance(error, sqlite3.DatabaseError) and ("malformed" in why or "not a database" in why):
            return DatabaseError(f"The database {self.shown} is damaged ({why}); take a copy of before, or begin anew.")
        kind = BrokenConnectionError if broke else DatabaseAwayError
        return kind(f"The database {self.shown} cannot be reached: {why}")

    # ---------------------------------------------------------------------------------------------------- transactions

    def _connected(self) -> Any:
        """The driver's connection. Its own methods are used, as SQLAlchemy's way of running a statement takes several
        times what the statement does."""
        if self._owner != os.getpid():
            self._connection, self._owner = None, os.getpid()
        if self._connection is None:
            self._connection = self._pool.take()
        return self._connection.dbapi_connection

    def _run(self, statement: str, **values: Any) -> Any:
        """The cursor of a statement; in a batch nothing, as it is run later."""
        if self._held is not None:
            self._held.append((statement, values))
            return None
        return self._connected().execute(statement if self.is_sqlite else _for_psycopg(statement), values)

    @contextlib.contextmanager
    def batch(self) -> Iterator[list[Any]]:
        """Have what is run meanwhile go to the database in one message; gives the last one's rows at the end.

        Where one statement fails, those after it are not run. Of very many statements there are several messages.
        """
        got: list[Any] = []
        held: list[tuple[str, dict[str, Any]]] = []
        self._held = held
        try:
            yield got
        finally:
            self._held = None
        still_open, self.open_transaction = self.open_transaction, True  # until all of it was done
        for start in range(0, len(held), _HELD):
            got[:] = self._run_together(held[start : start + _HELD])
        self.open_transaction = still_open

    def _run_together(self, statements: list[tuple[str, dict[str, Any]]]) -> list[Any]:
        connection = self._connected()
        rows: list[Any] = []
        if self.is_sqlite:
            for statement, values in statements:
                cursor = connection.execute(statement, values)
                rows = cursor.fetchall()  # SQLite does not commit before the last row is read
            return rows
        # By the library below the driver, since the driver's way takes as long as the server does.
        result = connection.pgconn.exec_(";".join([_filled(*each) for each in statements]).encode())
        if result.error_message:
            raise self._engine.dialect.loaded_dbapi.errors.error_from_result(result)
        columns = range(result.nfields)
        return [[result.get_value(row, column).decode() for column in columns] for row in range(result.ntuples)]

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
            except self._errors:
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
        other._connection, other._held, other.open_transaction = None, None, False
        return other

    def rest(self) -> None:
        """Leave the connection to others until it is needed again."""
        connection, self._connection = self._connection, None
        if connection is not None and self._owner == os.getpid():
            self._pool.give_back(connection)

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
        self._pool.empty()

    def close(self) -> None:
        """Close all connections, and keep none from now on: who is using one, or comes later, closes it at its rest."""
        self._pool.close()

    def drop(self) -> None:
        """Close the connection, whatever state it is in; the next call opens another."""
        connection, self._connection, self.open_transaction = self._connection, None, False
        if connection is not None and self._owner == os.getpid():
            self._pool.discard(connection)
