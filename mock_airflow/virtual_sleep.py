"""Sleeping that takes no time: a client's waits move the deployment's clock, and are written down.

    with mock_airflow.virtual_sleep() as slept:
        client.poll_until_done()
    assert slept.total == 600

What is taken over, for the thread that enters (and for those that are asked for): ``time.sleep``, ``asyncio.sleep`` and
``threading.Event.wait`` with a timeout, and so the waits of urllib3's Retry and of tenacity. Not what was imported by
name before (``from time import sleep``), and no timeouts of sockets or of ``asyncio.wait_for``.
"""

from __future__ import annotations

import asyncio
import asyncio.tasks
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from mock_airflow.domain.clock import Clock

_PLACES: tuple[tuple[Any, str], ...] = (
    (time, "sleep"),
    (asyncio, "sleep"),
    (asyncio.tasks, "sleep"),
    (threading.Event, "wait"),
)


class VirtualSleep:
    """While entered, waiting moves a clock instead. ``slept`` are the seconds of each wait, ``total`` their sum."""

    def __init__(self, clock: Clock, *, all_threads: bool = False) -> None:
        self.slept: list[float] = []
        self._clock = clock
        self._all = all_threads
        self._threads: set[int] = set()
        self._before: list[Any] = []

    def __repr__(self) -> str:
        return f"<VirtualSleep: {len(self.slept)} waits, {self.total:g} s>"

    @property
    def total(self) -> float:
        """How many seconds were waited for in all."""
        return sum(self.slept)

    def include_thread(self, thread: threading.Thread | None = None) -> None:
        """Have a thread's waits taken over too: this one, or one that was started."""
        number = threading.get_ident() if thread is None else thread.ident
        if number is None:
            raise ValueError(f"The thread {thread} has not been started, so it cannot be told from others yet.")
        self._threads.add(number)

    def __enter__(self) -> Self:
        self.include_thread()
        self._before = [getattr(owner, name) for owner, name in _PLACES]
        sleep, wait = self._before[0], self._before[3]
        real_pause = self._before[1]

        def virtual(seconds: float) -> None:
            if not self._concerned():
                sleep(seconds)
            elif seconds < 0:
                raise ValueError("sleep length must be non-negative")
            else:
                self._pass(seconds)

        async def virtual_pause(delay: float, result: Any = None) -> Any:
            if not self._concerned():
                return await real_pause(delay, result)
            if delay > 0:
                self._pass(delay)
            await real_pause(0)  # other tasks get their turn, as they would
            return result

        def virtual_wait(event: threading.Event, timeout: float | None = None) -> bool:
            if timeout is None or timeout <= 0 or not self._concerned():
                return bool(wait(event, timeout))
            if not event.is_set():
                self._pass(timeout)
            return event.is_set()

        for (owner, name), function in zip(_PLACES, (virtual, virtual_pause, virtual_pause, virtual_wait), strict=True):
            setattr(owner, name, function)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for (owner, name), function in zip(_PLACES, self._before, strict=True):
            setattr(owner, name, function)
        self._threads.clear()

    def _concerned(self) -> bool:
        return self._all or threading.get_ident() in self._threads

    def _pass(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._clock.advance(seconds)
