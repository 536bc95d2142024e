"""Turns at a deployment that several servers share: in a process one thread has it, and in the database one process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Undone(BaseException):
    """What was done in a turn was taken back, as it cannot be written: ``why`` says what stood in the way.

    It is no Exception, since nothing between a turn's place and its owner can make good on it.
    """

    def __init__(self, why: Exception) -> None:
        super().__init__(str(why))
        self.why = why


class _Kept(Protocol):
    def begin(self, *, firmly: bool) -> None: ...

    def end(self) -> None: ...


class WriteTurns:
    """Stands where a deployment's lock stands. Who takes it first finds the latest state; who lets it go last writes.

    What is done under it is one transaction. It may be taken again by the same thread.
    """

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept
        self._lock = threading.RLock()
        self._depth = 0
        self._lightly = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the turn. Raises DatabaseAwayError."""
        if not self._lock.acquire(blocking, timeout):
            return False
        self._depth += 1
        if self._depth == 1:
            self._begin(firmly=not self._lightly)
        return True

    def release(self) -> None:
        """Let it go; what was changed is written with the last one. Raises DatabaseAwayError and LostTurnError."""
        try:
            if self._depth == 1:
                self._kept.end()
        finally:
            self._depth -= 1
            self._lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _begin(self, *, firmly: bool) -> None:
        try:
            self._kept.begin(firmly=firmly)
        except BaseException:
            self._depth -= 1
            self._lock.release()
            raise

    @contextmanager
    def lightly(self, wanted: bool) -> Iterator[None]:
        """Take the turn; if ``wanted`` in the hope that nothing has to be written, without holding up others."""
        with self._lock:
            self._lightly = wanted and not self._depth
            try:
                self.acquire()
            finally:
                self._lightly = False
        try:
            yield
        finally:
            self.release()

    @contextmanager
    def interrupted(self) -> Iterator[None]:
        """Let others have it meanwhile, however often this thread took it. Raises Undone where that fails."""
        depth = self._depth
        try:
            self._kept.end()
        except Exception as error:
            raise Undone(error) from None
        self._depth = 0
        self._release_times(depth)
        try:
            yield
        finally:
            for _ in range(depth):
                self._lock.acquire()
            self._depth = depth
            try:
                self._kept.begin(firmly=True)
            except Exception as error:
                raise Undone(error) from None

    def _release_times(self, depth: int) -> None:
        for _ in range(depth):
            self._lock.release()
