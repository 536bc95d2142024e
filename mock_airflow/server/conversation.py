"""One connection, request by request."""

from __future__ import annotations

import logging
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from mock_airflow.answers import WAITS
from mock_airflow.errors import DisconnectedError
from mock_airflow.server.answer import WireAnswer
from mock_airflow.server.connection import ClientConnection, Stream, nothing
from mock_airflow.server.gunicorn import PageRefusal
from mock_airflow.server.lead import Lead
from mock_airflow.server.wire import WireRefusal, read_request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_log = logging.getLogger("mock_airflow.live")


class Talking(Protocol):
    """What a conversation asks of the server that it is with."""

    app: WSGIApplication
    as_gunicorn: bool
    keep_alive: bool
    stopping: bool

    def turned_away(self, environ: WSGIEnvironment, status: int, reason: str) -> None:
        """Tell of a request that no application saw, where somebody watches."""

    def report(self, error: BaseException, environ: WSGIEnvironment) -> None:
        """Tell what the application raised."""

    def over(self, conversation: Conversation) -> None:
        """The connection is closed."""


class Conversation:
    """One connection: answered by who leads, or by a thread of its own while its requests have to wait."""

    def __init__(self, server: Talking, stream: Stream, environ: WSGIEnvironment) -> None:
        self.name = f"mock-airflow {environ['REMOTE_ADDR']}:{environ['REMOTE_PORT']}"
        self.stream = stream
        self.idle = stream.bounds.idle
        self.being_made: WireAnswer | None = None
        self.thread: threading.Thread | None = None  # that is answering
        self._server = server
        self._environ = environ | {"mock_airflow.connection": ClientConnection(stream), WAITS: self.waits}
        self._lead: Lead | None = None
        self._waited = False  # at the latest request
        self._lasts = threading.Lock()
        self._lasts.acquire()

    @property
    def in_app(self) -> bool:
        """Whether the application is at work; nobody can tell how long that takes."""
        return self.stream.busy

    def start(self) -> None:
        """Answer from now on. Raises RuntimeError where that takes a thread and none can be started, and OSError."""
        if self.stream.is_plain and Lead.is_possible:
            self._lead = Lead.shared()
            self.stream.waits, self.stream.leaves = self.waits, self._leave
            self._lead.add(self)
        else:
            threading.Thread(target=self._run, name=self.name, daemon=True).start()

    def _run(self) -> None:
        while self.answer():
            pass
        self.close()

    def fileno(self) -> int:
        """The number of the socket."""
        return self.stream.sock.fileno()

    def answer(self) -> bool:
        """Answer what has arrived, or arrives next; whether more may come."""
        self.thread, self._waited = threading.current_thread(), False
        try:
            while self._answer_one():
                if not self.stream.buffer:
                    return True
        except DisconnectedError:
            pass
        except BaseException:  # a fault of ours, or what pytest.fail() raises in a hook: the others know nothing of it
            _log.exception("%s failed", self.name)
        finally:
            self.thread = None
        return False

    def go_on(self) -> bool:
        """Answer in a thread of its own while requests have to wait; whether more may come."""
        while self._waited:
            if not self.answer():
                return False
        return True

    def waits(self) -> None:
        """Have others answered meanwhile, as this is about to wait."""
        if self._lead is not None:
            self._waited = True
            self._lead.let_go(self)

    def _leave(self) -> None:
        if self._lead is not None:
            self._lead.leave(self)

    def close(self) -> None:
        """End it, in the thread that answers."""
        self.stream.close()
        self._server.over(self)
        # Nothing leads back here any more, so a deployment goes with its last connection, and waits for no search.
        self._environ.clear()
        self.stream.waits = self.stream.leaves = nothing
        self._lasts.release()

    def is_over(self, within: float = 0.0) -> bool:
        """Whether it has ended, waited for so many seconds."""
        if not self._lasts.acquire(timeout=within):
            return False
        self._lasts.release()
        return True

    def end_if_idle(self) -> bool:
        """Close it unless an answer is being made that ends by itself; whether it is closed."""
        answer = self.being_made
        if answer is not None and answer.lasting:
            self.stream.wake()
            return True
        return self.stream.wake_if_idle()

    def _answer_one(self) -> bool:
        server, stream = self._server, self.stream
        try:
            stream.await_request()
            request = read_request(stream, as_gunicorn=server.as_gunicorn)
        except (PageRefusal, WireRefusal) as refusal:
            server.turned_away(self._environ, refusal.status, str(refusal))
            if isinstance(refusal, PageRefusal):
                stream.send(refusal.answer())
            else:
                WireAnswer(stream).plain(refusal.status, str(refusal))
            stream.drain()
            return False
        except DisconnectedError:
            if stream.too_slow:
                said = "The request took too long to arrive."
                silent = server.as_gunicorn  # as gunicorn is
                server.turned_away(self._environ, 0 if silent else HTTPStatus.REQUEST_TIMEOUT, said)
                if not silent:
                    WireAnswer(stream).plain(HTTPStatus.REQUEST_TIMEOUT, said)
            raise
        environ = request.environ(self._environ)
        request.keep_alive = request.keep_alive and server.keep_alive and not server.stopping
        self.being_made = answer = WireAnswer(stream, request)
        stream.claim()
        try:
            answer.run(server.app, environ)
        except DisconnectedError:
            raise
        except BaseException as error:  # what pytest.fail() raises is no Exception
            server.report(error, environ)
            if answer.begun:
                return False
            answer.plain(
                HTTPStatus.INTERNAL_SERVER_ERROR, "The application failed; the log of mock_airflow.live says why."
            )
        finally:
            stream.busy = False
            self.being_made = None
        if request.late is not None and request.late.pending and not stream.taken:
            stream.drain()
            return False
        return answer.keep_alive and not stream.taken
