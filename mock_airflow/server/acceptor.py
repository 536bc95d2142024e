"""Waiting for connections: one thread of a process does it for all servers that are started there.

So starting and stopping a server is opening and closing a port, which takes well under a tenth of what a thread does.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import selectors
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator

_log = logging.getLogger("mock_airflow.live")
_starting = threading.Lock()


class Acceptor:
    """Calls a server's function for each connection that waits at its port."""

    _of_this_process: Acceptor | None = None

    def __init__(self) -> None:
        self._process = os.getpid()
        self._selector = selectors.DefaultSelector()
        self._sees_changes = hasattr(self._selector, "fileno")  # while it waits: epoll and kqueue do, select does not
        self._alarm, self._woken = socket.socketpair()
        self._alarm.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._turned = threading.Condition()
        self._turns = 0  # how often it began to wait, and was woken, with a selector that does not see changes
        self._thread: threading.Thread | None = None
        self._end_at = math.inf  # on the machine's clock that only goes forward
        self._short_of = ""  # why the last connection was not accepted
        self._never = threading.Lock()
        self._never.acquire()

    @classmethod
    def shared(cls) -> Acceptor:
        """The one of this process, which waits in a thread of its own."""
        with _starting:
            acceptor = cls._of_this_process
            if acceptor is None or not acceptor.is_here():
                acceptor = cls._of_this_process = Acceptor()
                threading.Thread(target=acceptor.run, name="mock-airflow acceptor", daemon=True).start()
            return acceptor

    def is_here(self) -> bool:
        """Whether it waits in this process; a forked one has none of its parent's threads."""
        return self._process == os.getpid()

    def add(self, listener: socket.socket, accept: Callable[[], object]) -> None:
        """Call ``accept`` whenever a connection waits at the listening socket."""
        self._selector.register(listener, selectors.EVENT_READ, accept)
        if not self._sees_changes:
            self._ring()

    def remove(self, listener: socket.socket) -> None:
        """Leave a socket alone from now on; a call that is just being made goes on.

        A socket that is closed while select waits for it goes on taking connections until that has returned, so this
        returns when it has.
        """
        self._selector.unregister(listener)
        if self._sees_changes or self._thread in (None, threading.current_thread()):
            return
        with self._turned:
            seen = self._turns
            self._ring()
            self._turned.wait_for(lambda: self._turns > seen or self._is_over(), timeout=5)

    def run(self) -> None:
        """Wait for connections until ``end()`` is called."""
        self._thread = threading.current_thread()
        with self._woken_by_signals():
            self._run()

    @contextlib.contextmanager
    def _woken_by_signals(self) -> Iterator[None]:
        """Wake the main thread, if it is the one that waits, for a signal that the system hands to another thread.

        Python's handlers run in the main thread, which such a signal does not interrupt.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.set_wakeup_fd(self._alarm.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before, warn_on_full_buffer=False)

    def _run(self) -> None:
        while not self._is_over():
            self._turn()
            waiting = self._select()
            self._turn()
            for key, _ in waiting:
                if key.data is None:
                    self._woken.recv(1024)
                    continue
                try:
                    key.data()
                    self._short_of = ""
                except (OSError, RuntimeError) as error:  # out of files or threads: no reason to fall over
                    if str(error) != self._short_of:  # said once, however often it is tried until there are some again
                        _log.warning("A connection could not be accepted: %s", error)
                        self._short_of = str(error)
                    self._never.acquire(timeout=0.01)  # not time.sleep(), which a test may have replaced

    def end(self, delay: float = 0.0) -> None:
        """Have ``run()`` return, in so many seconds; may be called from a signal handler, and again."""
        self._end_at = min(self._end_at, time.monotonic() + delay)
        self._ring()

    def _is_over(self) -> bool:
        return self._end_at != math.inf and time.monotonic() >= self._end_at

    def close(self) -> None:
        """Give back what it waited with, when ``run()`` is over."""
        self._selector.close()
        self._woken.close()
        self._alarm.close()

    def _select(self) -> list[tuple[selectors.SelectorKey, int]]:
        try:
            ends = self._end_at
            return self._selector.select(None if ends == math.inf else max(ends - time.monotonic(), 0))
        except OSError:  # a socket that was closed under select's hands
            return []

    def _turn(self) -> None:
        if not self._sees_changes:
            with self._turned:
                self._turns += 1
                self._turned.notify_all()

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # it is ending by itself, or has been rung often enough
            self._alarm.send(b"\0")
