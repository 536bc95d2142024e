"""Requests over kept-alive connections, sent by one loop, so that the client costs little beside the server."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from itertools import count
from typing import NamedTuple

_PATIENCE = 60  # seconds for one answer


class Load(NamedTuple):
    """What came of a load: requests a second, and milliseconds within which half, and 99 of 100, were answered."""

    rate: float
    p50: float
    p99: float


class Target(NamedTuple):
    """Where requests go, and what makes one from its number."""

    host: str
    port: int
    request: Callable[[int], bytes]


def request_of(method: str, path: str, host: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request."""
    told = {"Host": host, "Accept": "application/json", **headers}
    if body:
        told |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Connection:
    def __init__(self, target: Target) -> None:
        self.target = target
        self.socket = self._connected()
        self.began = 0.0
        self._got = b""
        self._needed: int | None = None  # bytes of the whole answer, once its head is there
        self._lasts = True

    def _connected(self) -> socket.socket:
        connected = socket.create_connection((self.target.host, self.target.port), timeout=_PATIENCE)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected

    def send(self, number: int) -> None:
        self.began = time.perf_counter()
        self.socket.sendall(self.target.request(number))

    def is_answered(self) -> bool:
        """Read what is there; whether it is the whole answer. Raises AssertionError for another status than 2xx."""
        data = self.socket.recv(1 << 18)
        self._got += data
        if self._needed is None and b"\r\n\r\n" in self._got:
            head, _, _ = self._got.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").lower().split("\r\n")
            assert lines[0].split()[1][0] == "2", self._got[:2000]
            fields = dict(line.split(":", 1) for line in lines[1:])
            self._lasts = fields.get("connection", "").strip() != "close" and not lines[0].startswith("http/1.0")
            self._needed = len(head) + 4 + int(fields["content-length"])
        if self._needed is None or len(self._got) < self._needed:
            assert data, "The server closed the connection in the middle of an answer."
            return False
        self._got, self._needed = b"", None
        return True

    def renewed(self) -> bool:
        """Whether it is another connection now, since the server keeps none."""
        if self._lasts:
            return False
        self.socket.close()
        self.socket = self._connected()
        return True


_numbers = count()


def load(targets: list[Target], connections: int, seconds: float, at_least: int = 0) -> Load:
    """Have so many connections ask for so long, each the next thing as soon as it has its answer.

    They go on until there are ``at_least`` so many answers.
    """
    selector = selectors.DefaultSelector()
    opened = [_Connection(targets[number % len(targets)]) for number in range(connections)]
    for connection in opened:
        connection.send(next(_numbers))
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    begun = time.perf_counter()
    latencies: list[float] = []
    under_way = connections
    while under_way:
        ready = selector.select(_PATIENCE)
        assert ready, "No answer came."
        for key, _ in ready:
            connection = key.data
            if not connection.is_answered():
                continue
            now = time.perf_counter()
            latencies.append(now - connection.began)
            if now - begun >= seconds and len(latencies) >= at_least:
                under_way -= 1
                selector.unregister(key.fileobj)
                continue
            if len(targets) > connections:
                _move_on(connection, targets)
            before = connection.socket
            if connection.renewed():
                selector.unregister(before)
                selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(_numbers))
    took = time.perf_counter() - begun
    for connection in opened:
        connection.socket.close()
    latencies.sort()
    p50, p99 = (1000 * latencies[len(latencies) * part // 100] for part in (50, 99))
    return Load(len(latencies) / took, p50, p99)


def _move_on(connection: _Connection, targets: list[Target]) -> None:
    """Ask another target of the same server next."""
    connection.target = targets[next(_numbers) % len(targets)]
