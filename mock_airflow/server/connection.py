"""One accepted socket: what has arrived on it, what goes out, and the rude ways of ending it."""

from __future__ import annotations

import contextlib
import math
import selectors
import socket
import struct
import sys
import threading
import time

from mock_airflow.errors import DisconnectedError

# SO_LINGER for no seconds: close() drops what is unsent and resets.
_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
_DRAIN_BYTES = 64 * 1024 * 1024
_DRAIN_SECONDS = 1.0
_LEAST = 0.001  # seconds; a timeout of none would not wait at all


class Stream:
    """The server's side of a connection; everything but `wake` belongs to the thread that serves it."""

    def __init__(self, sock: socket.socket, timeout: float, patience: float = math.inf) -> None:
        sock.settimeout(timeout)
        with contextlib.suppress(OSError):  # a client that has left already: reading will find out
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self._timeout, self._patience = timeout, patience
        self._began: float | None = None  # when the first byte of the request arrived
        self.buffer = bytearray()  # arrived and not yet used: pipelined requests wait here
        self.taken = False  # by the application, which has misbehaved on it: the server keeps silent
        self._closing = threading.Lock()  # so that wake() never shuts down a file number that was handed out again

    def receive(self) -> None:
        """Adds what the client sends next to the buffer, if the whole request has not taken too long already."""
        if self.taken:
            raise DisconnectedError
        try:
            if self._began is not None:
                left = self._began + self._patience - time.monotonic()
                self.sock.settimeout(min(self._timeout, max(left, _LEAST)))
            data = self.sock.recv(65536)
        except OSError:  # a timeout is one too
            raise DisconnectedError from None
        if not data:
            raise DisconnectedError
        if self._began is None:
            self._began = time.monotonic()
        elif time.monotonic() - self._began > self._patience:
            raise DisconnectedError
        self.buffer += data

    def await_request(self) -> None:
        """Begin to wait for another request; one that came along with the last has begun."""
        self._began = time.monotonic() if self.buffer else None
        self.sock.settimeout(self._timeout)

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        while len(self.buffer) < size:
            self.receive()
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        return data

    def send(self, data: bytes) -> None:
        """Sends all of it."""
        if self.taken:
            raise DisconnectedError
        try:
            self.sock.sendall(data)
        except OSError:
            raise DisconnectedError from None

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
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_WR)
            self.sock.settimeout(_DRAIN_SECONDS)
            left = _DRAIN_BYTES
            while left > 0 and (data := self.sock.recv(65536)):
                left -= len(data)

    def wake(self) -> None:
        """Ends, from another thread, whatever this connection waits for."""
        # Not SSLSocket's own shutdown(): it pulls the TLS state away from under a thread that is reading.
        with self._closing, contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close(self, *, reset: bool = False) -> None:
        """Closes the socket; with `reset` the client is told that the connection broke."""
        with self._closing:
            with contextlib.suppress(OSError):  # the client was quicker
                if reset:
                    self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                else:
                    socket.socket.shutdown(self.sock, socket.SHUT_WR)
            self.sock.close()


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
            self._stream.sock.sendall(data)
