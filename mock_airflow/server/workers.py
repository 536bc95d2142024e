"""Several processes that answer at one port: whichever is free takes the next connection."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable

_log = logging.getLogger("mock_airflow.workers")
_AT_ONCE = getattr(signal, "SIGQUIT", signal.SIGTERM)  # has a worker not wait for answers; there are none on Windows
_TOLD = (signal.SIGINT, signal.SIGTERM, _AT_ONCE)
_GRACE = 10  # seconds for answers in flight when the parent is gone
_FAILED = 70  # exit code of a worker that failed; its log says why


class Workers:
    """Processes forked from this one, each running ``serve``; one that dies is followed by another.

    They end with this process, however that ends.
    """

    def __init__(
        self, count: int, serve: Callable[[], None], end: Callable[[], bool], cut: Callable[[], object]
    ) -> None:
        self._count, self._serve, self._end, self._cut = count, serve, end, cut
        self._pids: set[int] = set()
        self._ending = False
        self._is_worker = False
        self._alive, self._held = os.pipe()  # whose other end is closed when this process is gone

    def run(self) -> None:
        """Start them, and wait until ``end_soon`` ended them."""
        for _ in range(self._count):
            self._fork()
        while self._pids:
            try:
                pid, status = os.wait()
            except ChildProcessError:
                break
            if pid in self._pids:
                self._pids.discard(pid)
                if not self._ending:
                    _log.warning("The worker %d ended (%s); another takes its place.", pid, _how(status))
                    self._fork()

    def end_soon(self) -> bool:
        """Have them, or the one that this is, finish and end, for a signal handler: waits for nothing."""
        if self._is_worker:
            return self._end()
        self._ending = True
        self._send(signal.SIGTERM)
        return bool(self._pids)

    def cut_short(self) -> None:
        """Have them not wait for answers any longer, for a signal handler."""
        self._send(_AT_ONCE)

    def _send(self, number: signal.Signals) -> None:
        for pid in list(self._pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _fork(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD)  # until the worker knows what they mean
        pid = None if self._ending else os.fork()
        if pid is None or pid:
            if pid is not None:
                self._pids.add(pid)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOLD)
            return
        code = _FAILED
        try:
            self._is_worker = True
            self._pids.clear()
            os.close(self._held)
            self._hear()
            threading.Thread(target=self._end_with_parent, daemon=True).start()
            self._serve()
            code = 0
        except KeyboardInterrupt:
            code = 0
        except BaseException:  # nothing of the parent's own way out may run here
            _log.exception("A worker failed.")
        finally:
            os._exit(code)

    def _hear(self) -> None:
        """Listen to the parent, which may tell more than once what a terminal tells all of them."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda number, frame: self._end() or os._exit(0))
        signal.signal(_AT_ONCE, lambda number, frame: self._cut())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOLD)

    def _end_with_parent(self) -> None:
        os.read(self._alive, 1)
        if self._end():
            threading.Event().wait(_GRACE)  # the process is over before, unless an answer takes that long
        os._exit(0)


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"signal {-code}" if code < 0 else f"exit code {code}"
