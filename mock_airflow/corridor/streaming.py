"""An answer that goes out line by line while what it tells of goes on, such as waiting for a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from mock_airflow.control.api import API as CONTROL

if TYPE_CHECKING:
    from mock_airflow.corridor.exchange import Exchange


def may_be_streamed(exchange: Exchange) -> bool:
    """Whether an answer goes out piece by piece: over a socket only, and not where rules look at all of it first.

    What a database keeps is done in one turn, and so in one piece. The control API's own are no part of either.
    """
    deployment = exchange.deployment
    if CONTROL.covers(exchange.request.path):
        return True
    over_socket = "mock_airflow.connection" in exchange.request.environ
    return over_socket and not deployment.faults.rules and deployment.replica is None


def written_when_over(exchange: Exchange, response: Response) -> Response:
    """The answer, whose entry in the journal is made once all of it is out, or its client has left."""
    sent: list[bytes] = []
    lines = response.iter_encoded()

    def out() -> Iterator[bytes]:
        try:
            for line in lines:
                sent.append(line)
                yield line
        finally:
            close = getattr(lines, "close", None)
            if close is not None:
                close()
            whole = Response(b"".join(sent), response.status, response.headers)
            whole.headers.pop("Content-Length", None)
            exchange.write(whole)

    response.response = out()
    return response
