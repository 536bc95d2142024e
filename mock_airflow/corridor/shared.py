"""The walk of a request to a deployment that is kept in a database: in one turn, and again if that turn was lost."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from mock_airflow.api.operation import json_answer
from mock_airflow.control.api import API as CONTROL
from mock_airflow.corridor.answers import response_of
from mock_airflow.errors import DatabaseError
from mock_airflow.server.request_id import HEADER, request_id

if TYPE_CHECKING:
    from mock_airflow.access.routed import RoutedRequest
    from mock_airflow.corridor.exchange import Exchange
    from mock_airflow.deployment import Deployment

_RETRY_AFTER = 2  # seconds
_READ_AHEAD = 16 << 20
_READS = ("GET", "HEAD", "OPTIONS")


def walk_in_turn(current: RoutedRequest, walk: Callable[[RoutedRequest], Response]) -> Response:
    """The answer, with everything that the request changed written before it goes out; 503 where it cannot be."""
    deployment: Deployment = current.environ["mock_airflow.deployment"]
    replica = deployment.replica
    assert replica is not None
    current.waits()
    _read_ahead(current)

    def lost() -> None:
        """Nothing of the walk counts; what was in flight is not."""
        exchange: Exchange | None = current.environ.pop("mock_airflow.exchange", None)
        if exchange is not None:
            exchange.give_place_up()
            if exchange.standing is not None and exchange.standing.held:
                deployment.limits.release(exchange.standing.who)

    try:
        hoping = not current.path.startswith(CONTROL.prefix)  # whose requests may write beside the rows
        return replica.walk(lambda: walk(current), lost, lightly=_only_reads(current, deployment), hoping=hoping)
    except DatabaseError as error:
        lost()
        response = unavailable(str(error))
        if deployment.settings.request_id_header:
            response.headers[HEADER] = request_id(current.environ)
        return response


def _only_reads(current: RoutedRequest, deployment: Deployment) -> bool:
    """Whether a request likely changes nothing, so that others need not wait for it."""
    unnoted = current.path.startswith(CONTROL.prefix) or not deployment.settings.journal_size
    return current.method in _READS and unnoted and not deployment.faults.rules


def _read_ahead(current: RoutedRequest) -> None:
    """Read the body before the turn, as its client may take its time."""
    environ: dict[str, Any] = current.environ
    if "CONTENT_LENGTH" in environ and (current.content_length or 0) <= _READ_AHEAD:
        try:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(current.content_length or 0))
        except OSError:  # the client has left
            environ["wsgi.input"] = BytesIO()


def unavailable(reason: str) -> Response:
    """The answer while the database is away: ours, not Airflow's."""
    response = response_of(json_answer({"title": "Service Unavailable", "status": 503, "detail": reason}, 503))
    response.headers["Retry-After"] = str(_RETRY_AFTER)
    response.headers["X-Mock-Airflow-Reason"] = reason.encode("ascii", "backslashreplace").decode()
    return response
