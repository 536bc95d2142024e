"""Answering many connections without a thread for each: one thread leads, which waits for all of them.

It answers those that have sent something one after another, so the interpreter does not go from thread to thread.
Before it waits for anything else it lets go of the lead: a new thread goes on with the other connections, and this one
ends when its own has been answered. From who waits without saying so, the lead is taken after some milliseconds.
"""

from __future__ import annotations

import logging
import os
import selectors
import threading
import time
from typing import Any, Protocol

from mock_airflow.server.connection import Stream

_log = logging.getLogger("mock_airflow.live")
_REST = 15.0  # seconds at most between two looks for clients that keep silent
_LOOKS = 4  # in the time that one may
# Those that see what is added while they wait. Where there is neither, each connection has a thread.
_Selector: Any = getattr(selectors, "EpollSelector", None) or getattr(selectors, "KqueueSelector", None)


class Led(Protocol):
    """A connection as who leads sees it."""

    name: str
    idle: float  # seconds that its client may keep silent
    stream: Stream

    def fileno(self) -> int:
        """The number of what is waited for."""

    def answer(self) -> bool:
        """Answer what has arrived; whether more may come."""

    def go_on(self) -> bool:
        """Answer in a thread of its own while requests have to wait; whether more may come."""

    def close(self) -> None:
        """End it, and ``leave``."""


class Lead:
    """The connections of a process that wait for requests, and the thread that answers them."""

    is_possible = _Selector is not None
    looks = 0.005, 0.04  # seconds between the first, and later, looks at who leads; each takes the interpreter from it
    _of_this_process: Lead | None = None
    _making = threading.Lock()

    def __init__(self) -> None:
        self._process = os.getpid()
        self._selector = _Selector()
        self._lock = threading.RLock()  # around who leads, who is answered, and what is waited for
        self._leader: threading.Thread | None = None
        self._watcher: threading.Thread | None = None
        self._answered: Led | None = None  # by the leader
        self._turns = 0  # how often a leader began to answer
        self._all: set[Led] = set()  # with those that have a thread of their own
        self._stuck: set[Led] = set()  # those that kept the lead without saying that they wait
        self._silent: dict[Led, float] = {}  # those that are waited for, and since when
        self._rest = _REST
        self._rests = False  # whether the watcher does, until it is
        self._woken = threading.Lock()
        self._woken.acquire()

    @classmethod
    def shared(cls) -> Lead:
        """The one of this process; a forked one has none of its parent's threads."""
        with cls._making:
            lead = cls._of_this_process
            if lead is None or lead._process != os.getpid():
                lead = cls._of_this_process = Lead()
            return lead

    def add(self, led: Led) -> None:
        """Answer a connection from now on. Raises RuntimeError where no thread can be started, and OSError."""
        with self._lock:
            if self._leader is None:
                self._leader = self._started(self._run, "mock-airflow lead")
            if self._watcher is None:
                self._watcher = self._started(self._watch, "mock-airflow watcher")
            if len(self._all) == 1 and self._answered is not None:  # which is not alone any more
                self._pass_on(self._answered)
            self._wait_for(led)
            self._all.add(led)
            self._rest = min(self._rest, led.idle / _LOOKS)

    def let_go(self, led: Led) -> None:
        """Have another thread lead, if it is the leader who answers this connection; for who is about to wait."""
        with self._lock:
            self._stuck.discard(led)  # who says it late may wait for long, as a stream of events does
            if self._answered is not led:
                return
            try:
                self._pass_on(led)
            except RuntimeError as error:
                _log.warning("The other connections wait for %s: %s", led.name, error)

    def leave(self, led: Led) -> None:
        """Have done with a connection that is about to be closed."""
        with self._lock:
            self.let_go(led)  # or nobody would know whom it holds up, as it may go on when it has closed
            self._all.discard(led)
            self._forget(led)

    def _pass_on(self, led: Led) -> None:
        leader = self._leader
        assert leader is not None
        self._leader = self._started(self._run, leader.name)
        leader.name = led.name
        self._answered = None
        self._forget(led)

    @staticmethod
    def _started(target: Any, name: str) -> threading.Thread:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        return thread

    def _wait_for(self, led: Led) -> None:
        self._selector.register(led, selectors.EVENT_READ)
        self._silent[led] = _now()
        self._wake_watcher()

    def _forget(self, led: Led) -> None:
        if self._silent.pop(led, None) is not None:
            self._selector.unregister(led)

    def _run(self) -> None:
        with self._lock:
            pass  # until who led before has done what there is to do
        while True:
            for key, _ in self._selector.select():
                if not self._answer(key.fileobj):
                    return

    def _answer(self, led: Led) -> bool:
        """Answer a connection; whether this thread still leads."""
        with self._lock:
            self._answered = led
            self._turns += 1
            if len(self._silent) > 1:
                self._wake_watcher()
        if self._stuck:  # more of their kind may come
            self.let_go(led)
        lasts = led.answer()
        # One alone is waited for itself, as that wakes a thread quicker than a selector does.
        while lasts and len(self._all) == 1 and self._answered is led:
            lasts = led.answer()
        with self._lock:
            leads = self._answered is led
            if leads:
                self._answered = None
                if lasts:
                    self._silent[led] = _now()
            self._stuck.discard(led)
        if not leads:
            lasts = lasts and led.go_on()
        if not lasts:
            led.close()
        elif not leads:
            with self._lock:
                self._wait_for(led)
        return leads

    def _wake_watcher(self) -> None:
        if self._rests:
            self._rests = False
            if self._woken.locked():  # or it is awake by itself, and has yet to see that it was called
                self._woken.release()

    def _watch(self) -> None:
        looked, (pause, longest) = _now(), self.looks
        while True:
            turns = self._turns
            if self._woken.acquire(timeout=self._rest if self._rests else pause):
                pause = self.looks[0]
                continue
            pause = min(2 * pause, longest)
            with self._lock:
                led, stays = self._answered, self._turns == turns
                self._rests = len(self._silent) < 2 or (stays and led is None)
                if led is not None and stays and not self._rests and led not in self._stuck:
                    self.let_go(led)
                    self._stuck.add(led)
                    pause = self.looks[0]
                if _now() - looked >= self._rest:
                    looked = _now()
                    self._look_for_silence(looked)

    def _look_for_silence(self, now: float) -> None:
        for led, since in self._silent.items():
            if now - since >= led.idle and led is not self._answered:
                led.stream.wake()
        self._rest = min([_REST, *(led.idle / _LOOKS for led in self._silent)])


def _now() -> float:
    return time.clock_gettime(time.CLOCK_MONOTONIC)  # which goes on where a test has stopped the clock
