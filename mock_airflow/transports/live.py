"""A small WSGI server for tests: HTTP/1.1 with keep-alive and a thread per connection, up and down in milliseconds.

    with LiveServer(app) as server:
        requests.get(server.url + "/health")

A delayed answer holds up its own connection and nobody else's, not even `stop()`.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import selectors
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from mock_airflow.errors import ServerError
from mock_airflow.transports.answer import SOFTWARE, Answer
from mock_airflow.transports.connection import Connection, Disconnected, Stream
from mock_airflow.transports.wire import Refusal, read_request

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from typing_extensions import Self

__all__ = ["Connection", "LiveServer"]

_log = logging.getLogger("mock_airflow.live")
_GRACE = 5  # milliseconds that stop() gives applications in the middle of an answer
_PATIENCE = 1000  # and connections that it has just woken, which need well under one


class _Conversation(threading.Thread):
    """One connection and the thread that serves it."""

    def __init__(self, server: LiveServer, stream: Stream, environ: WSGIEnvironment) -> None:
        super().__init__(name=f"mock-airflow {environ['REMOTE_ADDR']}:{environ['REMOTE_PORT']}", daemon=True)
        self.stream = stream
        self.in_app = False  # nobody can tell how long it stays there
        self._server = server
        self._environ = environ | {"mock_airflow.connection": Connection(stream)}

    def run(self) -> None:
        try:
            while self._answer_one():
                pass
        except Disconnected:
            pass
        finally:
            self.stream.close()
            self._server._conversations.discard(self)

    def _answer_one(self) -> bool:
        try:
            request = read_request(self.stream)
        except Refusal as refusal:
            Answer(self.stream).plain(refusal.status, str(refusal))
            self.stream.drain()
            return False
        environ = request.environ(self._environ)
        answer = Answer(self.stream, request)
        self.in_app = True
        try:
            answer.run(self._server.app, environ)
        except Disconnected:
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
        return answer.keep_alive


class LiveServer:
    """Serves a WSGI application on `host` and `port` (0 takes any free port), over TLS if given an `ssl_context`.

    What the application raises goes to `on_error`, with the environ of the request, or else to the log.
    A stopped server can be started again, on the port that it had.
    """

    idle_timeout = 60.0  # seconds a client may keep silent

    def __init__(
        self,
        app: WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        ssl_context: ssl.SSLContext | None = None,
        on_error: Callable[[BaseException, WSGIEnvironment], object] | None = None,
    ) -> None:
        self.app = app
        self.host = host
        self.port = port
        self._ssl_context = ssl_context
        self._on_error = on_error
        self._conversations: set[_Conversation] = set()
        self._sockets: tuple[socket.socket, ...] = ()  # the listener, and a pair that interrupts its select()
        self._serving: threading.Thread | None = None  # ours or, in serve_forever(), the caller's
        self._thread: threading.Thread | None = None  # ours
        self._ended = threading.Event()

    @property
    def url(self) -> str:
        """Where clients on this machine reach the server, without a trailing slash."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        scheme = "https" if self._ssl_context else "http"
        return f"{scheme}://[{host}]:{self.port}" if ":" in host else f"{scheme}://{host}:{self.port}"

    def listen(self) -> Self:
        """Takes the port, so that `url` is known and clients can connect. Raises `ServerError` when it cannot."""
        if not self._sockets:
            listener = _listen(self.host, self.port)
            listener.setblocking(False)
            self.port = listener.getsockname()[1]
            self._sockets = (listener, *socket.socketpair())
            self._ended.clear()
        return self

    def start(self) -> Self:
        """Serves in a thread from now on."""
        self.listen()
        if self._serving is None:
            self._thread = threading.Thread(target=self._serve, name=f"mock-airflow {self.url}", daemon=True)
            self._serving = self._thread
            self._thread.start()
        return self

    def serve_forever(self) -> None:
        """Serves in the calling thread until `stop()` is called in a signal handler or another thread."""
        self.listen()
        self._serving = threading.current_thread()
        self._serve()

    def stop(self) -> None:
        """Closes the port and all connections. Only an application in the middle of an answer may go on for a while."""
        serving = self._serving
        if serving is None:
            self._close()
            return
        with contextlib.suppress(OSError, IndexError):  # it is just ending by itself
            self._sockets[2].send(b"\0")
        if serving is not threading.current_thread():  # a signal handler would wait for the code it interrupts
            self._ended.wait()
            if self._thread is not None:
                self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self) -> None:
        listener, alarm = self._sockets[:2]
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(listener, selectors.EVENT_READ)
                selector.register(alarm, selectors.EVENT_READ)
                while not any(key.fileobj is alarm for key, _ in selector.select()):
                    try:
                        self._accept(listener)
                    except (OSError, RuntimeError) as error:  # out of files or threads: no reason to fall over
                        _log.warning("A connection could not be accepted: %s", error)
                        self._ended.wait(0.01)  # not time.sleep(), which a test may have replaced
        finally:
            self._close()

    def _accept(self, listener: socket.socket) -> None:
        try:
            sock, address = listener.accept()
        except (BlockingIOError, ConnectionError):  # it has left already
            return
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
            conversation = _Conversation(self, Stream(sock, self.idle_timeout), environ)
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
        for sock in self._sockets:
            sock.close()
        conversations = list(self._conversations)
        for conversation in conversations:
            conversation.stream.wake()
        waits = 0  # counted, because a test may have stopped the clock
        for conversation in conversations:
            while conversation.is_alive() and waits < (_GRACE if conversation.in_app else _PATIENCE):
                conversation.join(0.001)
                waits += 1
        self._sockets, self._serving = (), None
        self._ended.set()

    def _report(self, error: BaseException, environ: WSGIEnvironment) -> None:
        if self._on_error is not None:
            try:
                self._on_error(error, environ)
                return
            except Exception:  # whatever it is, the client gets its answer
                _log.exception("on_error itself failed")
        call = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        _log.error("The application failed at %s", call, exc_info=error)


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
