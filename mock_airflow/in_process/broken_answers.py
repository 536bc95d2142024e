"""What urllib3 meets where an answer does not come whole, for answers that no socket carries."""

from __future__ import annotations

import errno
import http.client
import os
from collections.abc import Iterator
from io import BytesIO, RawIOBase
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import urlsplit

from urllib3.exceptions import ProtocolError, ReadTimeoutError

if TYPE_CHECKING:
    from mock_airflow.in_process.wsgi_call import Reply


def _reset() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))


def mishap(reply: Reply, url: str, patience: float | None) -> ProtocolError | ReadTimeoutError | None:
    """What urllib3 raises instead of answering; None where at least the answer's head comes."""
    delivery = reply.delivery
    if delivery is None:
        return None
    if delivery.late:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        pool = f"{parts.scheme.upper()}ConnectionPool(host={parts.hostname!r}, port={port})"
        return ReadTimeoutError(pool, url, f"Read timed out. (read timeout={patience})")  # type: ignore[arg-type]
    if delivery.head:
        return None
    if delivery.ending == "reset":
        return ProtocolError("Connection aborted.", _reset())
    gone = http.client.RemoteDisconnected("Remote end closed connection without response")
    return ProtocolError("Connection aborted.", gone)


def what_comes(reply: Reply, patience: float | None) -> IO[bytes]:
    """The file from which urllib3 reads the body."""
    return BytesIO(reply.body) if reply.delivery is None else cast("IO[bytes]", _Broken(reply, patience))


class _Broken(RawIOBase):
    """A body that comes in pieces, and may break off; pauses pass on the deployment's clock as it is read.

    A client whose patience is shorter than a pause reads no further than the first piece.
    """

    def __init__(self, reply: Reply, patience: float | None) -> None:
        assert reply.delivery is not None
        self._pieces: Iterator[bytes] = reply.delivery.pieces(reply.body)
        self._tires = patience is not None and reply.delivery.pause >= patience
        self._begun = False
        self._resets = reply.delivery.ending == "reset"
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """The next piece, or as much of it as fits; nothing at the end. Raises ConnectionResetError or TimeoutError."""
        if not self._rest:
            if self._tires and self._begun:
                raise TimeoutError("timed out")
            self._rest, self._begun = next(self._pieces, b""), True
        if not self._rest and self._resets:
            raise _reset()
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
