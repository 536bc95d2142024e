"""A body that is read off the connection only when the application asks for it."""

from __future__ import annotations

from io import BufferedIOBase, BytesIO

from mock_airflow.errors import DisconnectedError
from mock_airflow.server.connection import Stream


class LateBody(BufferedIOBase):
    """The body of a request as a file, for one too large to be read unasked or that the client holds back.

    A client that sent ``Expect: 100-continue`` is told to go on when the application reads, so it sends nothing to one
    that answers without.
    """

    def __init__(self, stream: Stream, length: int, *, awaited: bool) -> None:
        self._stream, self._length, self._awaited = stream, length, awaited
        self._read: BytesIO | None = None

    @property
    def pending(self) -> bool:
        """Whether it has not been asked for, so that what arrives next on the connection is no request."""
        return self._read is None

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._arrived().read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._arrived().readline(size)

    def _arrived(self) -> BytesIO:
        if self._read is None:
            try:
                if self._awaited and not self._stream.buffer:
                    self._stream.send(b"HTTP/1.1 100 Continue\r\n\r\n")
                self._stream.await_body()
                self._read = BytesIO(self._stream.take(self._length))
            except DisconnectedError:
                raise ConnectionAbortedError("The client left before its body had arrived.") from None
        return self._read
