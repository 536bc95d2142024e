"""Turns at a deployment that several servers share: in a process one thread has it, and in the database one process."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Protocol, TypeVar

from mock_airflow.errors import LostTurnError

A = TypeVar("A")
PAUSES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # seconds, between attempts that lost their turn
MACHINE_SLEEP = time.sleep  # the machine's own, whatever a test has put in its place


class Manner(Enum):
    """How a turn begins."""

    FIRMLY = "others are kept from writing until it ends"
    HOPING = "as if nobody else had written since the last, which its own write finds out"
    LIGHTLY = "with a look at what others wrote, as nothing is likely to be written"


class Undone(BaseException):
    """What was done in a turn was taken back, as it cannot be written: ``why`` says what stood in the way.

    It is no Exception, since nothing between a turn's place and its owner can make good on it.
    """

    def __init__(self, why: Exception) -> None:
        super().__init__(str(why))
        self.why = why


class Left(Protocol):
    """The writing of turns that was left to whoever has the next."""

    def wait(self, write: Callable[[], object]) -> None: ...


class _Kept(Protocol):
    def begin(self, manner: Manner) -> None: ...

    def end(self, *, leave: bool = False) -> Left | None: ...

    def write_left(self) -> None: ...


class WriteTurns:
    """Stands where a deployment's lock stands. Who takes it first finds the latest state; who lets it go last writes.

    What is done under it is one transaction. It may be taken again by the same thread.
    """

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept
        self._lock = threading.RLock()
        self._depth = 0
        self.conflicts = 0  # how many turns were lost to others
        self._coming: deque[None] = deque()  # requests that wait for their turn

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the turn. Raises DatabaseAwayError."""
        if not self._lock.acquire(blocking, timeout):
            return False
        self._depth += 1
        if self._depth == 1:
            self._begin(Manner.FIRMLY)
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

    def _begin(self, manner: Manner) -> None:
        try:
            self._kept.begin(manner)
        except BaseException:
            self._depth -= 1
            self._lock.release()
            raise

    def walk(self, action: Callable[[], A], lost: Callable[[], object], manner: Manner) -> A:
        """Carry something out, and again whenever another server's write came first, which ``lost`` is told.

        Raises DatabaseAwayError.
        """
        for pause in (0.0, *PAUSES, None):
            try:
                return self.carry_out(action, manner)
            except (LostTurnError, Undone) as error:
                lost()
                why = error.why if isinstance(error, Undone) else error
                if pause is None or not isinstance(why, LostTurnError):
                    raise why from None
                self.conflicts += 1
                manner = Manner.FIRMLY
                MACHINE_SLEEP(pause)
        raise AssertionError

    def carry_out(self, action: Callable[[], A], manner: Manner) -> A:
        """Do something in a turn of its own; it has been written when this gives what came of it.

        Where other requests wait for their turn, the last of them writes for all. Raises DatabaseAwayError and
        LostTurnError.
        """
        self._coming.append(None)
        self._lock.acquire()
        self._coming.pop()
        if self._depth:  # within a turn of this thread's
            try:
                with self:
                    return action()
            finally:
                self._lock.release()
        self._depth = 1
        self._begin(manner)
        try:
            found = action()
        except BaseException:
            self.release()
            raise
        try:
            left = self._kept.end(leave=bool(self._coming))
        finally:
            self._depth -= 1
            self._lock.release()
        if left is not None:
            left.wait(self._write_left)
        return found

    def _write_left(self) -> None:
        with self._lock:
            self._kept.write_left()

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
                self._kept.begin(Manner.FIRMLY)
            except Exception as error:
                raise Undone(error) from None

    def _release_times(self, depth: int) -> None:
        for _ in range(depth):
            self._lock.release()
