"""Whose turn it is to go on, among all who sleep on a virtual clock.

The clock moves for one sleeper at a time, the one whose moment comes first, and only when nothing is in flight that the
clock would overtake: no task of its event loop and no other thread that is on its way somewhere. So the same test makes
the same calls at the same moments, however quick the machine is.

What is in flight is read off the tasks and threads themselves. One that waits for another of them is not. What has
waited for the same thing for seconds of real time, as a task that reads from a socket for ever, is not either.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from types import FrameType
from typing import Any, NamedTuple

# Real seconds after which what does not move is held to wait for something of its own: anything, and a thread that
# stands where one waits for another, but may only pass through.
_GRACE, _SOON = 5.0, 0.02
_LOCKS = ("asyncio/locks.py", "asyncio/queues.py", "asyncio/tasks.py", "asyncio/taskgroups.py", "asyncio/timeouts.py")
_SOCKETS = ("anyio/_backends", "uvloop")  # these wait for sockets and threads by asyncio's locks
_FOR_TASKS = {"__aexit__", "acquire", "_call_in_runner_task"}  # but for a task group, a lock, a test of anyio's plugin
_BLOCKED = {
    "threading.py": {"wait", "join", "_wait_for_tstate_lock", "acquire"},
    "queue.py": {"get", "put"},
    "concurrent/futures/thread.py": {"_worker"},
    "concurrent/futures/_base.py": {"result", "wait"},
    "selectors.py": {"select"},
}
_SERVERS = "mock_airflow/server"  # threads that answer: whoever asked is in flight meanwhile
_monotonic = time.monotonic
_sleep = time.sleep  # noqa: TID251 - while others are on their way, real time has to pass


class Moving(NamedTuple):
    """A task or thread in flight, where it stands, and for how many seconds of standing there it counts."""

    who: Any
    place: Any
    grace: float


class Sleeper:
    """One who sleeps: until when, and as what in the order of those who began to sleep."""

    def __init__(self, until: datetime, number: int, task: asyncio.Task[Any] | None) -> None:
        self.until, self.number, self.task = until, number, task
        self.thread = threading.get_ident()


class Turns:
    """The sleepers of one virtual clock. ``concerned`` tells whether a thread's sleep is virtual."""

    def __init__(self, concerned: Callable[[int], bool]) -> None:
        self._concerned = concerned
        self._sleepers: list[Sleeper] = []
        self._lock = threading.Lock()
        self._count = 0
        self._still: dict[Any, tuple[Any, float]] = {}  # by task or thread: where it was seen, and since when
        self._begun = {thread.ident for thread in threading.enumerate()} - {threading.get_ident()}
        self._slept: set[int] = set()

    def begin(self, until: datetime, task: asyncio.Task[Any] | None = None) -> Sleeper:
        """One more who sleeps."""
        with self._lock:
            self._count += 1
            sleeper = Sleeper(until, self._count, task)
            self._sleepers.append(sleeper)
            self._slept.add(sleeper.thread)
            return sleeper

    def end(self, sleeper: Sleeper) -> None:
        """One who goes on."""
        with self._lock:
            self._sleepers.remove(sleeper)

    def is_next(self, sleeper: Sleeper) -> bool:
        """Whether this one is the first to go on, and nothing is in flight."""
        with self._lock:
            if sleeper is not min(self._sleepers, key=lambda each: (each.until, each.number)):
                return False
            tasks = {each.task for each in self._sleepers if each.task is not None}
            threads = {each.thread for each in self._sleepers}
        moving = self._threads_in_flight(threads)
        for loop in {task.get_loop() for task in tasks}:
            moving += _tasks_in_flight(loop, tasks)
        return not self._any_moves(moving)

    def wait(self, sleeper: Sleeper, until: Callable[[], bool] = lambda: False) -> None:
        """Stay in this thread until it is the sleeper's turn, or ``until`` says so."""
        while not (until() or self.is_next(sleeper)):
            _sleep(0.0005)

    def _any_moves(self, moving: list[Moving]) -> bool:
        """Whether anything of it may still come to something."""
        now, found = _monotonic(), False
        still = {}
        for who, place, grace in moving:
            before = self._still.get(who)
            since = before[1] if before is not None and before[0] == place else now
            still[who] = (place, since)
            found = found or now - since < grace
        self._still = still
        return found

    def _threads_in_flight(self, sleeping: set[int]) -> list[Moving]:
        """The threads whose sleep would be virtual and that are on their way, with the place where each stands."""
        found = []
        frames = sys._current_frames()
        for thread in threading.enumerate():
            number = thread.ident
            if number is None or number in sleeping or number not in frames or number == threading.get_ident():
                continue
            is_new = number not in self._begun or number in self._slept
            frame = frames[number]
            if is_new and self._concerned(number) and not _answers(frame):
                grace = _SOON if _is_blocked(frame) else _GRACE
                found.append(Moving(number, (id(frame), frame.f_lasti), grace))
        return found


def _tasks_in_flight(loop: Any, sleeping: set[Any]) -> list[Moving]:
    """The tasks of a loop that are on their way, with what each waits for."""
    found = []
    for task in asyncio.all_tasks(loop):
        if task in sleeping or task.done():
            continue
        waiter = getattr(task, "_fut_waiter", None)
        if waiter is not None and not waiter.done() and (_waits_for_tasks(waiter) or _waits_for_a_lock(task)):
            continue
        found.append(Moving(id(task), id(waiter), _GRACE))
    return found


def _waits_for_tasks(waiter: Any) -> bool:
    """Whether what is waited for are tasks, which are looked at by themselves."""
    children = getattr(waiter, "_children", None)
    if children is not None:
        return all(isinstance(child, asyncio.Task) or child.done() is True for child in children)
    return isinstance(waiter, asyncio.Task)


def _waits_for_a_lock(task: Any) -> bool:
    """Whether another task has to let this one go on: it waits for a lock, a queue or some tasks."""
    names: list[tuple[str, str]] = []
    inner: Any = task.get_coro()
    while inner is not None:
        frame = getattr(inner, "cr_frame", None) or getattr(inner, "gi_frame", None)
        if frame is not None:
            names.append((frame.f_code.co_filename.replace("\\", "/"), frame.f_code.co_name))
        inner = getattr(inner, "cr_await", None) or getattr(inner, "gi_yieldfrom", None)
    if not names:
        return False
    path, name = names[-1]
    if any(part in path for part in _SOCKETS):
        return name in _FOR_TASKS
    beyond, way = next((each for each in reversed(names) if not each[0].endswith(_LOCKS)), ("", ""))
    # an event of anyio's is one of asyncio's within, and its streams between tasks wait for such
    return path.endswith(_LOCKS) and (way == "wait" or not any(part in beyond for part in _SOCKETS))


def _is_blocked(frame: FrameType) -> bool:
    """Whether a thread stands where one waits for another."""
    path = frame.f_code.co_filename.replace("\\", "/")
    return any(path.endswith(end) and frame.f_code.co_name in names for end, names in _BLOCKED.items())


def _answers(frame: FrameType | None) -> bool:
    """Whether a thread is one that answers."""
    while frame is not None:
        if _SERVERS in frame.f_code.co_filename.replace("\\", "/"):
            return True
        frame = frame.f_back
    return False
