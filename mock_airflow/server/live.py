"""A small WSGI server for tests: HTTP/1.1 with keep-alive and a thread per connection, up and down in milliseconds.

    with LiveServer(app) as server:
        requests.get(server.url + "/health")

A delayed answer holds up its own connection and nobody else's, not even `stop()`. All servers of a process share the
thread that waits for connections, so each costs little more than its port.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mock_airflow.errors import DisconnectedError, ServerError
from mock_airflow.server.acceptor import Acceptor
from mock_airflow.server.answer import SOFTWARE, WireAnswer
from mock_airflow.server.connection import ClientConnection, Stream
from mock_airflow.server.gunicorn import PageRefusal
from mock_airflow.server.wire import WireRefusal, read_request

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from typing_extensions import Self

    from mock_airflow.deployment import Deployment
    from mock_airflow.server.tls import Tls

__all__ = ["ClientConnection", "LiveServer"]

_log = logging.getLogger("mock_airflow.live")
_GRACE = 5  # milliseconds that stop() gives applications in the middle of an answer
_ATTEMPTS = 20  # to get a port that nobody had
_had: set[int] = set()  # ports are the process's, not a deployment's
_PATIENCE = 1000  # and connections that it has just woken, which need well under one


class _Conversation(threading.Thread):
    """One connection and the thread that serves it."""

    def __init__(self, server: LiveServer, stream: Stream, environ: WSGIEnvironment) -> None:
        super().__init__(name=f"mock-airflow {environ['REMOTE_ADDR']}:{environ['REMOTE_PORT']}", daemon=True)
        self.stream = stream
        self.in_app = False  # nobody can tell how long it stays there
        self._server = server
        self._environ = environ | {"mock_airflow.connection": ClientConnection(stream)}

    def run(self) -> None:
        try:
            while self._answer_one():
                pass
        except DisconnectedError:
            pass
        finally:
            self.stream.close()
            self._server._conversations.discard(self)

    def _answer_one(self) -> bool:
        try:
            self.stream.await_request()
            request = read_request(self.stream, as_gunicorn=self._server.as_gunicorn)
        except PageRefusal as refusal:
            self.stream.send(refusal.answer())
            self.stream.drain()
            return False
        except WireRefusal as refusal:
            WireAnswer(self.stream).plain(refusal.status, str(refusal))
            self.stream.drain()
            return False
        environ = request.environ(self._environ)
        request.keep_alive = request.keep_alive and self._server.keep_alive
        answer = WireAnswer(self.stream, request)
        self.in_app = True
        try:
            answer.run(self._server.app, environ)
        except DisconnectedError:
            raise
        except BaseException as error:  # what pytest.fail() raises is no Exception
            self._server._report(error, environ)
            if answer.begun:
                return False
            answer.plain(
                HTTPStatus.INTERNAL_SERVER_ERROR, "The application failed; the log of mock_airflow.live says why."
            )
        finally:
            self.in_app = False
        if request.late is not None and request.late.pending and not self.stream.taken:
            self.stream.drain()
            return False
        return answer.keep_alive


class LiveServer:
    """Serves a WSGI application on `host` and `port` (0 takes any free port), over TLS if given an `ssl_context`.

    ``ca_file`` only tells what clients have to trust then.
    What the application raises goes to `on_error`, with the environ of the request, or else to the log.
    ``as_gunicorn`` holds requests to the bounds of Airflow 2's own web server, and without ``keep_alive`` each
    connection is closed after an answer, as that does. A stopped server can be started again, on the port that it had.
    """

    idle_timeout = 60.0  # seconds a client may keep silent
    request_timeout = 120.0  # and in which a request has to be there as a whole, as long as gunicorn's workers have

    def __init__(
        self,
        app: WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        ssl_context: ssl.SSLContext | None = None,
        ca_file: Path | None = None,
        on_error: Callable[[BaseException, WSGIEnvironment], object] | None = None,
        as_gunicorn: bool = False,
        keep_alive: bool = True,
    ) -> None:
        self.app = app
        self.host = host
        self.port = port
        self._ssl_context = ssl_context
        self.ca_file = ca_file
        self._on_error = on_error
        self.as_gunicorn = as_gunicorn
        self.keep_alive = keep_alive
        self._conversations: set[_Conversation] = set()
        self._listener: socket.socket | None = None
        self._acceptor: Acceptor | None = None  # that waits at the listener
        self._accepting = threading.RLock()  # as a signal handler may stop what is just being stopped
        self._forever: threading.Thread | None = None  # which serve_forever() keeps busy
        self._ended = threading.Event()  # what it does

    @classmethod
    def of(
        cls,
        deployment: Deployment,
        app: WSGIApplication | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: Tls | None = None,
    ) -> LiveServer:
        """The server of a deployment, or of what wraps its ``wsgi``, with the habits of its Airflow's web server.

        It has the TLS of the deployment's settings, unless another is given. Raises SettingError.
        """
        from mock_airflow.server.tls import tls_of

        bare = deployment.generation == 2 and not deployment.profile.gateway  # nothing of a vendor's stands before it
        context, ca_file = tls or tls_of(deployment.settings, host) or (None, None)
        return cls(
            app or deployment.wsgi,
            host,
            port,
            ssl_context=context,
            ca_file=ca_file,
            as_gunicorn=bare,
            keep_alive=deployment.settings.keep_alive,
        )

    @property
    def url(self) -> str:
        """Where clients on this machine reach the server, without a trailing slash."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        scheme = "https" if self._ssl_context else "http"
        return f"{scheme}://[{host}]:{self.port}" if ":" in host else f"{scheme}://{host}:{self.port}"

    def listen(self) -> Self:
        """Takes the port, so that `url` is known and clients can connect. Raises `ServerError` when it cannot."""
        if self._listener is None:
            _refuse_green_threads()
            self._listener = _listen(self.host, self.port) if self.port else _listen_anew(self.host)
            self._listener.setblocking(False)
            self.port = self._listener.getsockname()[1]
        return self

    def start(self) -> Self:
        """Serves from now on; the process's one thread that waits for connections takes this port on."""
        self.listen()
        self._wait_with(Acceptor.shared())
        return self

    def serve_forever(self) -> None:
        """Serves in the calling thread until `stop()` is called in a signal handler or another thread."""
        self.listen()
        with contextlib.closing(Acceptor()) as acceptor:
            self._forever, self._ended = threading.current_thread(), threading.Event()
            self._wait_with(acceptor)
            try:
                acceptor.run()
            finally:
                self._forever = None
                self._close()
                self._ended.set()

    def end_soon(self) -> bool:
        """Has `serve_forever()` return, for a signal handler: waits for nothing. Whether it was serving at all."""
        acceptor = self._acceptor
        if self._forever is None or acceptor is None:
            return False
        acceptor.end()
        return True

    def stop(self) -> None:
        """Closes the port and all connections. Only an application in the middle of an answer may go on for a while."""
        forever = self._forever
        if not self.end_soon():
            self._close()
        elif forever is not threading.current_thread():  # a signal handler would wait for the code it interrupts
            self._ended.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_with(self, acceptor: Acceptor) -> None:
        with self._accepting:
            if self._acceptor is None and self._listener is not None:
                self._acceptor = acceptor
                acceptor.add(self._listener, self._accept)

    def _accept(self) -> None:
        with self._accepting:  # so that a port is never closed, and its file number handed out again, in between
            if self._listener is None:
                return
            try:
                sock, address = self._listener.accept()
            except (BlockingIOError, ConnectionError):  # it has left already
                return
            self._serve(sock, address)

    def _serve(self, sock: socket.socket, address: tuple[Any, ...]) -> None:
        try:
            if self._ssl_context is not None:  # the handshake comes with the first read, in the connection's own thread
                sock = self._ssl_context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            environ = {
                "SERVER_SOFTWARE": SOFTWARE,
                "SERVER_NAME": self.host,
                "SERVER_PORT": str(self.port),
                "GATEWAY_INTERFACE": "CGI/1.1",
                "REMOTE_ADDR": address[0],
                "REMOTE_PORT": str(address[1]),
                "wsgi.version": (1, 0),
                "wsgi.url_scheme": "https" if self._ssl_context else "http",
                "wsgi.errors": sys.stderr,
                "wsgi.multithread": True,
                "wsgi.multiprocess": False,
                "wsgi.run_once": False,
                "wsgi.input_terminated": True,
            }
            conversation = _Conversation(self, Stream(sock, self.idle_timeout, self.request_timeout), environ)
            self._conversations.add(conversation)
            try:
                conversation.start()
            except RuntimeError:
                self._conversations.discard(conversation)
                raise
        except BaseException:
            sock.close()
            raise

    def _close(self) -> None:
        if self._acceptor is not None and not self._acceptor.is_here():
            return  # the server, and whoever it serves, are those of the process that this one was forked from
        with self._accepting:
            listener, self._listener = self._listener, None
            acceptor, self._acceptor = self._acceptor, None
            if listener is not None:
                if acceptor is not None:
                    acceptor.remove(listener)
                listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Closes all connections, and leaves the port open for others. Goes on as `stop()` does, but for the port."""
        with self._accepting:
            conversations = list(self._conversations)
        for conversation in conversations:
            conversation.stream.wake()
        waits = 0  # counted, because a test may have stopped the clock
        for conversation in conversations:
            if conversation is threading.current_thread():  # its own application stops the server
                continue
            while conversation.is_alive() and waits < (_GRACE if conversation.in_app else _PATIENCE):
                conversation.join(0.001)
                waits += 1

    def _report(self, error: BaseException, environ: WSGIEnvironment) -> None:
        if self._on_error is not None:
            try:
                self._on_error(error, environ)
                return
            except Exception:  # whatever it is, the client gets its answer
                _log.exception("on_error itself failed")
        call = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        _log.error("The application failed at %s", call, exc_info=error)


def _refuse_green_threads() -> None:
    """Raises `ServerError` where eventlet has taken the place of threads and selectors: nobody would be answered."""
    patcher = getattr(sys.modules.get("eventlet"), "patcher", None)
    if patcher is not None and (patcher.is_monkey_patched("thread") or patcher.is_monkey_patched("select")):
        raise ServerError(
            "eventlet.monkey_patch() has replaced this process's threads, on which the server would wait for ever;"
            " serve from a process of its own with `mock-airflow serve`, or answer in process with intercept()."
        )


def _listen_anew(host: str) -> socket.socket:
    """Takes a free port that no server of this process had: a client of that one would not know the difference."""
    refused: list[socket.socket] = []
    try:
        while True:
            listener = _listen(host, 0)
            port = listener.getsockname()[1]
            if port not in _had or len(refused) == _ATTEMPTS:
                _had.add(port)
                return listener
            refused.append(listener)  # open until there is another, or it would be given out again
    finally:
        for listener in refused:
            listener.close()


def _listen(host: str, port: int) -> socket.socket:
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if not 0 <= port <= 65535:
        raise ServerError(f"Cannot listen on {where}: a port is a number up to 65535; use 0 for any free one.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ServerError(
            f"Cannot listen on {where}: no such host is known; use 127.0.0.1, or 0.0.0.0 for all of this machine's."
        ) from None
    refusals = []
    for family, _, _, _, address in sorted(found, key=lambda each: each[0] != socket.AF_INET):
        try:
            return socket.create_server(address, family=family, backlog=1024)
        except OSError as error:
            refusals.append(error)
    refused = refusals[0]
    if refused.errno == errno.EADDRINUSE:
        reason = "the port is in use; stop the program that has it or choose another (0 takes any free one)."
    elif refused.errno == errno.EACCES:
        reason = "ports below 1024 need special rights; choose one from 1024 up (0 takes any free one)."
    elif refused.errno == errno.EADDRNOTAVAIL:
        reason = "the address is not one of this machine's; use 127.0.0.1, or 0.0.0.0 for all it has."
    else:
        reason = f"{refused.strerror}; choose another host or port (port 0 takes any free one)."
    raise ServerError(f"Cannot listen on {where}: {reason}") from refused
