"""How an answer reaches its client, where that is not whole and at once.

The corridor leaves it in the WSGI environ as ``mock_airflow.delivery``. Each transport carries it out in its own way:
on a socket, or as the exception that a client library would raise. A WSGI host that knows nothing of it sends the
answer whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct


class Delivery(Struct, frozen=True, kw_only=True):
    """One answer's way to its client.

    ``head`` tells whether status and headers go out, ``body`` how many bytes of the body do (None: all of it). At the
    ``ending`` the connection closes or is reset; without one it lives on. The body goes out in pieces of ``piece``
    bytes, with ``pause`` seconds between them, which ``sleep`` lets pass. ``late`` is for a client in this process that
    has given up: it hears nothing.
    """

    head: bool = True
    body: int | None = None
    ending: Literal["close", "reset"] | None = None
    piece: int | None = None
    pause: float = 0.0
    sleep: Callable[[float], object] | None = None
    late: bool = False

    def pieces(self, body: bytes) -> Iterator[bytes]:
        """What goes out of the body, piece by piece; the pauses pass between them."""
        out = body if self.body is None else body[: self.body]
        size = self.piece or len(out) or 1
        for start in range(0, len(out), size):
            if start and self.sleep is not None:
                self.sleep(self.pause)
            yield out[start : start + size]
