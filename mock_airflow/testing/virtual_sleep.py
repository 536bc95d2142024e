"""Sleeping that takes no time: a client's waits move the deployment's clock, and are written down.

    with mock_airflow.virtual_sleep() as slept:
        client.poll_until_done()
    assert slept.total == 600

What is taken over, for the thread that enters (and for those that are asked for): ``time.sleep``, ``asyncio.sleep`` and
``threading.Event.wait`` with a timeout, and so the waits of urllib3's Retry and of tenacity. ``time.monotonic`` and
``time.time`` go on by as much there, so that a loop with a deadline ends, and a date in ``Retry-After`` is understood.

The clock moves for one sleeper after the other, and only when no task of the event loop, and with ``all_threads`` no
other thread, is in flight: ``turns`` tells how. A test that never comes to an end is stopped by ``most``
and ``most_days``.

Left alone are: what was imported by name before (``from time import sleep``); the timeouts of sockets and of an event
loop (``asyncio.wait_for``); and waiting for the work of other threads, which run in real time: ``queue.get``,
``Condition.wait``, ``Thread.join``, futures and pools.
"""

from __future__ import annotations

import asyncio
import asyncio.tasks
import math
import sys
import threading
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mock_airflow.journal import tracebacks
from mock_airflow.testing.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from mock_airflow.domain.clock import Clock

_OTHERS_WORK = ("concurrent.futures.", "multiprocessing.")  # their events are set by threads that run in real time
__tracebackhide__ = tracebacks.assertions
_TICK = 0.0005  # real seconds between two looks at whose turn it is
_EVENT_LOOP = "asyncio.base_events"  # its timers belong to sockets, too


class VirtualSleep:
    """While entered, waiting moves a clock instead. ``slept`` are the seconds of each wait, ``total`` their sum."""

    def __init__(
        self,
        clock: Clock,
        *,
        all_threads: bool = False,
        most: float = math.inf,
        most_days: float = math.inf,
        too_many: Callable[[int, float, str], BaseException] | None = None,
    ) -> None:
        self.slept: list[float] = []
        self._clock = clock
        self._all = all_threads
        self._threads: set[int] = set()
        self._passed = 0.0  # seconds by which the clock was moved; where several waited at once, fewer than their sum
        self._most, self._most_seconds, self._too_many = most, most_days * 86_400, too_many
        self._turns = Turns(self._is_concerned)
        self._before: list[tuple[Any, str, Any]] = []

    def __repr__(self) -> str:
        return f"<VirtualSleep: {len(self.slept)} waits, {self.total:g} s>"

    @property
    def total(self) -> float:
        """How many seconds were waited for in all; what was waited for at the same time counts each time."""
        return sum(self.slept)

    def include_thread(self, thread: threading.Thread | None = None) -> None:
        """Have a thread's waits taken over too: this one, or one that was started."""
        number = threading.get_ident() if thread is None else thread.ident
        if number is None:
            raise ValueError(f"The thread {thread} has not been started, so it cannot be told from others yet.")
        self._threads.add(number)

    def __enter__(self) -> Self:
        self.include_thread()
        pause = self._pausing(asyncio.sleep)
        self._put(time, "sleep", self._sleeping(time.sleep))
        self._put(asyncio, "sleep", pause)
        self._put(asyncio.tasks, "sleep", pause)
        self._put(threading.Event, "wait", self._waiting(threading.Event.wait))
        self._put(time, "monotonic", self._going_on(time.monotonic))
        self._put(time, "time", self._going_on(time.time))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for owner, name, function in self._before:
            setattr(owner, name, function)
        self._before.clear()
        self._threads.clear()

    def _put(self, owner: Any, name: str, function: Callable[..., Any]) -> None:
        self._before.append((owner, name, getattr(owner, name)))
        setattr(owner, name, function)

    def _concerned(self) -> bool:
        return self._is_concerned(threading.get_ident())

    def _is_concerned(self, thread: int) -> bool:
        return self._all or thread in self._threads

    def _begin(self, seconds: float) -> datetime:
        """Write a sleep down; gives the moment at which it ends. Raises what ``too_many`` gives."""
        self.slept.append(seconds)
        bound = "sleeps" if len(self.slept) > self._most else ""
        bound = bound or ("days" if self._passed + seconds > self._most_seconds else "")
        if bound and self._too_many is not None:
            raise self._too_many(len(self.slept), self.total, bound)
        return self._clock.now() + timedelta(seconds=seconds)

    def _sleeping(self, sleep: Callable[[float], None]) -> Callable[[float], None]:
        def virtual(seconds: float) -> None:
            if not self._concerned():
                sleep(seconds)
            elif seconds < 0:
                raise ValueError("sleep length must be non-negative")
            else:
                self._stay(self._begin(seconds))

        return virtual

    def _waiting(self, wait: Callable[..., bool]) -> Callable[..., bool]:
        def virtual(event: threading.Event, timeout: float | None = None) -> bool:
            if timeout is None or timeout <= 0 or not self._concerned() or _caller().startswith(_OTHERS_WORK):
                return wait(event, timeout)
            if not event.is_set():
                self._stay(self._begin(timeout), event.is_set)
            return event.is_set()

        return virtual

    def _pausing(self, pause: Callable[..., Any]) -> Callable[..., Any]:
        async def virtual(delay: float, result: Any = None) -> Any:
            if not self._concerned() or not 0 < delay < math.inf:
                return await pause(delay, result)
            sleeper = self._turns.begin(self._begin(delay), asyncio.current_task())
            try:
                await pause(0)  # others get their turn, and may begin to wait as well
                while not self._turns.is_next(sleeper):
                    await pause(_TICK)
                self._pass_until(sleeper.until)
            finally:
                self._turns.end(sleeper)
            return result

        return virtual

    def _going_on(self, read: Callable[[], float]) -> Callable[[], float]:
        def virtual() -> float:
            return read() + (self._passed if self._concerned() and _caller() != _EVENT_LOOP else 0.0)

        return virtual

    def _stay(self, until: datetime, woken: Callable[[], bool] = lambda: False) -> None:
        """Have this thread sleep until its moment has come, or it is woken."""
        sleeper = self._turns.begin(until)
        try:
            self._turns.wait(sleeper, woken)
            if not woken():
                self._pass_until(until)
        finally:
            self._turns.end(sleeper)

    def _pass_until(self, moment: datetime) -> None:
        left = (moment - self._clock.now()).total_seconds()
        if left > 0:
            self._passed += left
            self._clock.advance(left)


def _caller() -> str:
    """The module that called the function that asks."""
    return str(sys._getframe(2).f_globals.get("__name__", ""))
