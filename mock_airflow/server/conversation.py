"""One connection and the thread that serves it, request by request."""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from mock_airflow.errors import DisconnectedError
from mock_airflow.server.answer import WireAnswer
from mock_airflow.server.connection import ClientConnection, Stream
from mock_airflow.server.gunicorn import PageRefusal
from mock_airflow.server.wire import WireRefusal, read_request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


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


class Conversation(threading.Thread):
    """One connection; its thread ends with it."""

    def __init__(self, server: Talking, stream: Stream, environ: WSGIEnvironment) -> None:
        super().__init__(name=f"mock-airflow {environ['REMOTE_ADDR']}:{environ['REMOTE_PORT']}", daemon=True)
        self.stream = stream
        self.answer: WireAnswer | None = None  # that is being made
        self._server = server
        self._environ = environ | {"mock_airflow.connection": ClientConnection(stream)}

    @property
    def in_app(self) -> bool:
        """Whether the application is at work; nobody can tell how long that takes."""
        return self.stream.busy

    def run(self) -> None:
        """Answer until one side has had enough."""
        try:
            while self._answer_one():
                pass
        except DisconnectedError:
            pass
        finally:
            self.stream.close()
            self._server.over(self)

    def end_if_idle(self) -> bool:
        """Close it unless an answer is being made that ends by itself; whether it is closed."""
        answer = self.answer
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
        self.answer = answer = WireAnswer(stream, request)
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
            self.answer = None
        if request.late is not None and request.late.pending and not stream.taken:
            stream.drain()
            return False
        return answer.keep_alive
