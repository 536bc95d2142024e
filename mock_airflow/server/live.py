"""A small WSGI server for tests: HTTP/1.1 with keep-alive, up and down in milliseconds.

    with LiveServer(app) as server:
        requests.get(server.url + "/health")

A delayed answer holds up its own connection and nobody else's, not even `stop()`. All servers of a process share the
thread that waits for connections, and the one that answers them, so each costs little more than its port.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mock_airflow.server.acceptor import Acceptor
from mock_airflow.server.answer import SOFTWARE
from mock_airflow.server.connection import STOPPING, Bounds, ClientConnection, Stream
from mock_airflow.server.conversation import Conversation
from mock_airflow.server.ports import listen, listen_anew, refuse_green_threads
from mock_airflow.server.watching import Look, SeenRequest

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
_LOOK = 0.02  # seconds
_PATIENCE = 1000  # and connections that it has just woken, which need well under one


class LiveServer:
    """Serves a WSGI application on `host` and `port` (0 takes any free port), over TLS if given an `ssl_context`.

    ``ca_file`` only tells what clients have to trust then.
    What the application raises goes to `on_error`, with the environ of the request, or else to the log.
    ``as_gunicorn`` holds requests to the bounds of Airflow 2's own web server, and without ``keep_alive`` each
    connection is closed after an answer, as that does. A stopped server can be started again, on the port that it had.
    """

    bounds = Bounds()
    watchers: Sequence[Look] = ()  # who hears of requests that the application never sees
    grace = 0.0  # seconds that stop() gives to answers that are being made
    lame = 0.0  # seconds that serve_forever() goes on once it is told to end, and the server is not ready any more

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
        self.stopping = False
        self._cut = False
        self._conversations: set[Conversation] = set()
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
        self.stopping = self._cut = False
        if self._listener is None:
            refuse_green_threads()
            self._listener = listen(self.host, self.port) if self.port else listen_anew(self.host)
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
        """Has `serve_forever()` return, for a signal handler: waits for nothing. Whether it serves, or is ending."""
        return self._ask_to_end() or self.stopping

    def _ask_to_end(self) -> bool:
        acceptor = self._acceptor
        if self._forever is None or acceptor is None:
            return False
        self.stopping = True
        acceptor.end(self.lame)
        return True

    def cut_short(self) -> None:
        """Has `serve_forever()` or `stop()` not wait for answers any longer; for a signal handler."""
        self._cut = self.stopping = True
        acceptor = self._acceptor
        if self._forever is not None and acceptor is not None:
            acceptor.end()

    def stop(self) -> None:
        """Closes the port and all connections, when answers are out that come in its `grace`."""
        forever = self._forever
        if not self._ask_to_end():
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
            if len(self._conversations) >= self.bounds.connections:
                self._turn_away(sock)
            else:
                self._serve(sock, address)

    def _turn_away(self, sock: socket.socket) -> None:
        """Tells one connection too many so, if that can be done without waiting for its client."""
        with sock, contextlib.suppress(OSError):
            sock.setblocking(False)
            if self._ssl_context is None:
                told = f"There are {self.bounds.connections} connections, as many as this server takes.\n"
                head = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
                head += f"Content-Type: text/plain\r\nContent-Length: {len(told)}\r\n\r\n"
                sock.send(f"{head}{told}".encode())
                sock.shutdown(socket.SHUT_WR)

    def _serve(self, sock: socket.socket, address: tuple[Any, ...]) -> None:
        try:
            if self._ssl_context is not None:  # the handshake comes with the first read, in a thread of its own
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
                STOPPING: lambda: self.stopping,
            }
            conversation = Conversation(self, Stream(sock, self.bounds), environ)
            self._conversations.add(conversation)
            try:
                conversation.start()
            except BaseException:
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
        if self.grace:
            self._finish_answers()
        self.hang_up()

    def _finish_answers(self) -> None:
        self.stopping = True
        until = time.monotonic() + self.grace
        while not self._cut and time.monotonic() < until:
            with self._accepting:
                found = [each for each in list(self._conversations) if each.thread is not threading.current_thread()]
            busy = [each for each in found if not each.end_if_idle()]
            if not busy:
                break
            busy[0].is_over(_LOOK)

    def hang_up(self) -> None:
        """Closes all connections, and leaves the port open for others. Goes on as `stop()` does, but for the port."""
        with self._accepting:
            conversations = list(self._conversations)
        for conversation in conversations:
            conversation.stream.wake()
            if conversation.in_app:
                conversation.waits()  # so that the others can be closed meanwhile
        waits = 0  # counted, because a test may have stopped the clock
        for conversation in conversations:
            if conversation.thread is threading.current_thread():  # its own application stops the server
                continue
            while not conversation.is_over(0.001) and waits < (_GRACE if conversation.in_app else _PATIENCE):
                waits += 1

    def over(self, conversation: Conversation) -> None:
        """Forget a conversation."""
        self._conversations.discard(conversation)

    def turned_away(self, environ: WSGIEnvironment, status: int, reason: str) -> None:
        """Tell the watchers of a request that was refused before the application saw it; how it began is not kept."""
        if self.watchers:
            seen = SeenRequest({**environ, "REQUEST_METHOD": "-", "PATH_INFO": "-"}, f"{status:03}", reason, 0.0)
            for watcher in self.watchers:
                watcher(seen)

    def report(self, error: BaseException, environ: WSGIEnvironment) -> None:
        """Tell what the application raised to ``on_error``, or to the log."""
        if self._on_error is not None:
            try:
                self._on_error(error, environ)
                return
            except Exception:  # whatever it is, the client gets its answer
                _log.exception("on_error itself failed")
        call = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        _log.error("The application failed at %s", call, exc_info=error)
