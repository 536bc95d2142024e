"""Calls that come when the test is over whose deployment they are for.

Something that the test has started still runs: a thread, a task, a process. The call is answered 410, changes nothing,
reaches no other test's deployment, and is told with the name of its test.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from mock_airflow.server.answer import SOFTWARE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from mock_airflow.server.live import LiveServer
    from mock_airflow.testing.mock import MockAirflow

_PORTS = 32  # of ended tests that are kept open to tell who calls; older ones are closed, and never given out again
_WAITING = ("threading.py",)
# Whoever waits in one of these does so until somebody gives it work; a call that it makes then is that one's.
_FOR_WORK = ("queue.py", "selectors.py", "concurrent/futures/thread.py", "multiprocessing/pool.py")


class LateCall(NamedTuple):
    """Which test the deployment belonged to, and which call came."""

    test: str
    method: str
    path: str


class Gone:
    """Answers 410 in place of an ended test's deployment, and notes who called."""

    def __init__(self, test: str, note: Callable[[LateCall], object]) -> None:
        self._test = test
        self._note = note

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI application."""
        method, path = environ["REQUEST_METHOD"], environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
        self._note(LateCall(self._test, method, path))
        detail = (
            f"This was the deployment of the test {self._test}, which is over; something of it still runs and calls."
        )
        told = {"type": "about:blank", "title": "Gone", "status": HTTPStatus.GONE, "detail": detail}
        body = json.dumps(told).encode()
        headers = [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(body))),
            ("Server", SOFTWARE),
        ]
        start_response("410 GONE", headers)
        return [b"" if method == "HEAD" else body]


class LateCalls:
    """The ended tests of a session, and what has called their deployments since; safe to be called in any thread."""

    def __init__(self) -> None:
        self.threads: WeakKeyDictionary[threading.Thread, WSGIApplication] = WeakKeyDictionary()
        self._noted: deque[LateCall] = deque(maxlen=1000)
        self._servers: deque[LiveServer] = deque()

    def begin(self, mock: MockAirflow) -> Callable[[str], None]:
        """Watch over a mock from its beginning; gives what ends it, to be called with the name of its test."""
        mock.home.threads = self.threads
        return partial(self._end, mock, set(threading.enumerate()))

    def _end(self, mock: MockAirflow, before: set[threading.Thread], test: str) -> None:
        gone = Gone(test, self.note)
        mock.deployment.retire(gone)
        mock.home.gone = gone.wsgi_app
        for server in mock.detach_servers():
            self.keep(server, gone)
        left = [thread for thread in threading.enumerate() if thread not in before and _is_foreign(thread)]
        if left or self.threads:
            frames = sys._current_frames()
            for thread in left:
                self.threads[thread] = gone.wsgi_app
            for thread in [*self.threads]:
                if not thread.is_alive() or _waits_for_work(frames.get(thread.ident or 0)):
                    del self.threads[thread]

    def keep(self, server: LiveServer, gone: Gone) -> None:
        """Have a server's port stay open, and answer that its test is over."""
        server.app = gone.wsgi_app
        server.hang_up()
        self._servers.append(server)
        if len(self._servers) > _PORTS:
            self._servers.popleft().stop()

    def note(self, call: LateCall) -> None:
        """Keep a call, to be told."""
        self._noted.append(call)

    def take(self) -> list[LateCall]:
        """What was noted since this was called last."""
        return [self._noted.popleft() for _ in range(len(self._noted))]

    def close(self) -> None:
        """Close all ports."""
        while self._servers:
            self._servers.popleft().stop()


def _is_foreign(thread: threading.Thread) -> bool:
    return thread is not threading.current_thread() and not thread.name.startswith("mock-airflow")


def _waits_for_work(frame: FrameType | None) -> bool:
    """Whether a thread is a pool's or a loop's that has nothing to do, so that it is left for others to use."""
    while frame is not None and _is_in(frame, _WAITING):
        frame = frame.f_back
    return frame is not None and _is_in(frame, _FOR_WORK)


def _is_in(frame: FrameType, files: tuple[str, ...]) -> bool:
    return Path(frame.f_code.co_filename).as_posix().endswith(files)
