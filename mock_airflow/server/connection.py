"""One accepted socket: what has arrived on it, what goes out, and the rude ways of ending it."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from mock_airflow.errors import DisconnectedError

# SO_LINGER for no seconds: close() drops what is unsent and resets.
_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
STOPPING = "mock_airflow.stopping"  # in the environ: a function that tells whether the server is about to stop
_PLAIN = frozenset({"HTTP_REQUEST", "WRONG_VERSION_NUMBER"})  # OpenSSL's words for what is no TLS
_SENTENCE = b"This server speaks TLS, and plain HTTP arrived: use a URL that starts with https://.\n"
_USE_TLS = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_SENTENCE), _SENTENCE)
)
_DRAIN_BYTES = 64 * 1024 * 1024
_DRAIN_SECONDS = 1.0
_MOMENT = 0.001  # seconds, in which the rest of a request follows as a rule; a timeout of none would not wait at all
_BY_KERNEL = sys.platform != "win32"  # as Windows writes such a timeout otherwise


class Bounds(NamedTuple):
    """What clients may take: connections at once, and seconds."""

    connections: int = 1000
    idle: float = 60.0  # that a client may keep silent, and in which it has to take an answer
    head: float = 30.0  # in which the head of a request has to be there, from its first byte on
    body: float = 120.0  # and then its body, as long as gunicorn's workers have


class Stream:
    """The server's side of a connection; all but `wake` and `wake_if_idle` belongs to the thread that serves it.

    Of a plain socket the kernel keeps the timeouts. Python's own are a call of poll() before each other one, and with
    every call that may wait the interpreter goes to another thread and has to be waited for.
    """

    def __init__(self, sock: socket.socket, bounds: Bounds) -> None:
        self.is_plain = _BY_KERNEL and type(sock) is socket.socket  # TLS takes several calls for one
        sock.settimeout(None if self.is_plain else bounds.idle)
        with contextlib.suppress(OSError):  # a client that has left already: reading will find out
            if self.is_plain:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(bounds.idle))
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(bounds.idle))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self.bounds, self._timeout = bounds, bounds.idle
        self.waits: Callable[[], object] = nothing  # called before the client is waited for in the midst of a request
        self.leaves: Callable[[], object] = nothing  # and before the socket is closed
        self._until: float | None = None  # when the part of a request that is under way has to be there
        self.too_slow = False
        self.busy = False  # with an answer
        self._woken = False
        self.buffer = bytearray()  # arrived and not yet used: pipelined requests wait here
        self.taken = False  # by the application, which has misbehaved on it: the server keeps silent
        self._closing = threading.Lock()  # so that wake() never shuts down a file number that was handed out again

    def receive(self) -> None:
        """Adds what the client sends next to the buffer, if the request has not taken too long already."""
        if self.taken:
            raise DisconnectedError
        until = self._until
        try:
            data = self._next(until)
        except (TimeoutError, BlockingIOError):
            self.too_slow = until is not None
            raise DisconnectedError from None
        except OSError as error:
            if getattr(error, "reason", None) in _PLAIN:
                self._tell_to_use_tls()
            raise DisconnectedError from None
        if not data:
            raise DisconnectedError
        if until is None:
            self._until = time.monotonic() + self.bounds.head
        elif time.monotonic() > until:
            self.too_slow = True
            raise DisconnectedError
        self.buffer += data

    def _next(self, until: float | None) -> bytes:
        if until is None:
            self._wait_for(self.bounds.idle)
            return self.sock.recv(65536)
        if self.is_plain:
            self._wait_for(_MOMENT)
            with contextlib.suppress(BlockingIOError):
                return self.sock.recv(65536)
        self.waits()
        self._wait_for(until - time.monotonic())
        return self.sock.recv(65536)

    def _tell_to_use_tls(self) -> None:
        """Answer a client that speaks plain HTTP in plain words, beside the TLS that it has not begun."""
        with contextlib.suppress(OSError):
            socket.socket.send(self.sock, _USE_TLS)
        self.drain()

    def _wait_for(self, seconds: float) -> None:
        seconds = max(min(seconds, self.bounds.idle), _MOMENT)
        if seconds == self._timeout:
            return
        self._timeout = seconds
        if self.is_plain:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(seconds))
        else:
            self.sock.settimeout(seconds)

    def await_request(self) -> None:
        """Begin to wait for another request; one that came along with the last has begun."""
        self._until = time.monotonic() + self.bounds.head if self.buffer else None

    def await_body(self) -> None:
        """Begin to wait for a body, whose head is there."""
        self._until = time.monotonic() + self.bounds.body

    def claim(self) -> None:
        """Begin to answer. Raises DisconnectedError where another thread has just ended the connection as idle."""
        with self._closing:
            if self._woken:
                raise DisconnectedError
            self.busy = True

    def wake_if_idle(self) -> bool:
        """Ends the connection from another thread, unless an answer is being made; whether it is ended."""
        with self._closing:
            if self.busy:
                return False
            self._woken = True
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
            return True

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        while len(self.buffer) < size:
            self.receive()
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        return data

    def send(self, data: bytes) -> None:
        """Sends all of it, which the client has to take in as long as it may keep silent."""
        if self.taken:
            raise DisconnectedError
        try:
            self.send_raw(data)
        except OSError:
            raise DisconnectedError from None

    def send_raw(self, data: bytes) -> None:
        """Sends all of it, as an application that has taken the connection does. Raises OSError."""
        if not self.is_plain:
            self._wait_for(self.bounds.idle)
            self.sock.sendall(data)
            return
        sent = 0
        with contextlib.suppress(BlockingIOError):
            sent = self.sock.send(data, socket.MSG_DONTWAIT)
        if sent == len(data):
            return
        self.waits()
        until = time.monotonic() + self.bounds.idle
        while sent < len(data):  # for which the kernel waits all that time at once, as a rule
            if time.monotonic() > until:
                raise TimeoutError
            sent += self.sock.send(memoryview(data)[sent:])

    def has_left(self) -> bool:
        """Whether the connection is over, without waiting and without taking anything that has arrived."""
        # Not SSLSocket's own recv(), which takes no flags; what is encrypted is something that has arrived, too.
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self.sock, selectors.EVENT_READ)
                if not selector.select(0):
                    return False
            return not socket.socket.recv(self.sock, 1, socket.MSG_PEEK)
        except (OSError, ValueError):  # closed already
            return True

    def drain(self) -> None:
        """Reads and forgets what a refused client still sends, within bounds.

        Closing on unread bytes resets the connection, and a client that is still sending would never see the refusal.
        """
        self.waits()
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_WR)
            self.sock.settimeout(_DRAIN_SECONDS)
            left, until = _DRAIN_BYTES, time.monotonic() + self.bounds.body
            # Not SSLSocket's own recv(): what is forgotten need not be decrypted.
            while left > 0 and time.monotonic() < until and (data := socket.socket.recv(self.sock, 65536)):
                left -= len(data)

    def wake(self) -> None:
        """Ends, from another thread, whatever this connection waits for."""
        # Not SSLSocket's own shutdown(): it pulls the TLS state away from under a thread that is reading.
        with self._closing, contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close(self, *, reset: bool = False) -> None:
        """Closes the socket; with `reset` the client is told that the connection broke."""
        self.leaves()
        with self._closing:
            with contextlib.suppress(OSError):  # the client was quicker
                if reset:
                    self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                else:
                    socket.socket.shutdown(self.sock, socket.SHUT_WR)
            self.sock.close()


def nothing() -> None:
    """Stand where there is nothing to be called."""


def _timeval(seconds: float) -> bytes:
    return struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))


class ClientConnection:
    """A client's connection in the hands of an application that wants to misbehave on it.

    It stands in the WSGI environ as `mock_airflow.connection`. Call it from the thread that answers the request; after
    any of its methods but `has_left` the server itself sends nothing more, and closes when the application returns.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def has_left(self) -> bool:
        """Whether the client has closed the connection, or the server has: nobody would read an answer any more."""
        return self._stream.has_left()

    def abort(self) -> None:
        """Resets the connection: the client reads "connection reset by peer"."""
        self._stream.taken = True
        self._stream.close(reset=True)

    def close(self) -> None:
        """Ends the connection without an answer: the client finds an empty reply."""
        self._stream.taken = True
        self._stream.close()

    def send_raw(self, data: bytes) -> None:
        """Sends these bytes, as they are, in place of an answer; may be called again. A client that left is ignored."""
        self._stream.taken = True
        with contextlib.suppress(OSError):
            self._stream.send_raw(data)
