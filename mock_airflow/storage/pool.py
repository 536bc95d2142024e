"""The connections of a process to a database: kept open while nobody uses them, and never used by a forked process."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from mock_airflow.errors import DatabaseAwayError

if TYPE_CHECKING:
    from sqlalchemy import PoolProxiedConnection

_KEPT = 8  # connections
_MOST = 16  # connections that are in use at the same time


class ConnectionPool:
    """Connections by ``connect``; any thread may take and give back. ``wait`` is for how many seconds one is awaited.

    SQLAlchemy's own does the same with what it costs to send a statement.
    """

    def __init__(self, connect: Callable[[], PoolProxiedConnection], wait: float) -> None:
        self._connect, self._wait = connect, wait
        self._over = False
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._idle: deque[PoolProxiedConnection] = deque()
        self._room = threading.Semaphore(_MOST)

    def take(self) -> PoolProxiedConnection:
        """A connection. Raises DatabaseAwayError where too many are in use for too long."""
        if self._process != os.getpid():
            self._begin()  # a process that was forked leaves its parent's connections alone
        if not self._room.acquire(timeout=self._wait):
            raise DatabaseAwayError(f"All {_MOST} connections to the database are in use.")
        try:
            return self._idle.pop()
        except IndexError:
            pass
        try:
            return self._connect()
        except BaseException:
            self._room.release()
            raise

    def give_back(self, connection: PoolProxiedConnection) -> None:
        """Have it be kept for others, or closed."""
        if len(self._idle) >= _KEPT:
            connection.close()
        else:
            self._idle.append(connection)
        if self._over:
            self.empty()
        self._room.release()

    def discard(self, connection: PoolProxiedConnection) -> None:
        """Close one that is not to be used again, whatever state it is in."""
        with contextlib.suppress(Exception):
            connection.invalidate()
            connection.close()
        self._room.release()

    def empty(self) -> None:
        """Close those that nobody uses."""
        if self._process == os.getpid():
            with contextlib.suppress(IndexError):
                while True:
                    self._idle.pop().close()

    def close(self) -> None:
        """Close those that nobody uses, and keep none from now on."""
        self._over = True
        self.empty()
