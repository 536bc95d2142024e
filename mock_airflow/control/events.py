"""What moves, as server-sent events: that something did, and where the clock stands; what it was is to be asked for.

A stream looks at the deployment several times a second and tells what is new in one event, however much that is. So it
costs a request nothing, and another process's doing shows like this one's.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.deployment import Deployment
from mock_airflow.errors import DatabaseError
from mock_airflow.server.hub import KEPT

STREAMS = 32  # of a deployment, at once
_LOOKS = 0.25, 1.0  # seconds between two looks: at memory, at a database
_HEARTBEAT = 10.0  # seconds after which something is said in any case
_LASTS = 300.0  # seconds; then the client comes back by itself
_COMES_BACK = 1000  # after as many milliseconds
_EVENTS = "text/event-stream"
_MOVED = Schema(
    "Moved",
    Field("calls", "integer", description="the number of the latest call"),
    Field("now", format="date-time"),
    Field("frozen", "boolean"),
    Field("speed", "number"),
)


class _Seen(NamedTuple):
    """What of a deployment was looked at; another one tells that something moved."""

    calls: int
    state: tuple[int, ...]
    clock: tuple[Any, ...]
    due: bool


@operation("GET", "/events", access=None, answer=_MOVED, media=(_EVENTS,))
def events(call: ControlCall) -> Answer:
    """Follow what moves, as server-sent events, until one of both leaves."""
    deployment = call.deployment
    connection = call.request.environ.get("mock_airflow.connection")
    if deployment.streams >= STREAMS:
        refused = {
            "detail": f"{STREAMS} streams of events are open; close one, or come again later.",
            "status": 503,
        }
        return Answer(json_answer(refused).body, 503, headers={"Retry-After": "5"})
    left: Callable[[], bool] = connection.has_left if connection is not None else lambda: True
    kept: Callable[[], bool] = call.request.environ.get(KEPT, lambda: True)
    headers = {"X-Accel-Buffering": "no"}  # or a proxy in between would keep events for itself
    return Answer(content_type=_EVENTS, headers=headers, lines=_told(deployment, left, kept))


def _told(deployment: Deployment, left: Callable[[], bool], kept: Callable[[], bool]) -> Iterator[str]:
    """The events; one alone for who is gone, or takes a whole answer only."""
    deployment.streams += 1
    pause = threading.Event()
    seconds = _LOOKS[deployment.replica is not None]
    try:
        yield f"retry: {_COMES_BACK}\n\n"
        before, silent, lasted = None, 0.0, 0.0
        while True:
            if not kept():
                yield _event("away", {"detail": "It does not have this deployment any more."})
                return
            try:
                seen = _look(deployment)
            except DatabaseError as error:
                yield _event("away", {"detail": str(error)})
                return
            if seen != before or silent >= _HEARTBEAT:
                yield _event("change" if seen != before else "beat", _clock(deployment, seen))
                before, silent = seen, 0.0
            if left() or lasted >= _LASTS:
                return
            pause.wait(seconds)
            silent, lasted = silent + seconds, lasted + seconds
    finally:
        deployment.streams -= 1


def _look(deployment: Deployment) -> _Seen:
    if deployment.replica is None:
        with deployment.lock:
            return _seen(deployment)
    return deployment.replica.walk(lambda: _seen(deployment), lambda: None, lightly=True, hoping=False)


def _seen(deployment: Deployment) -> _Seen:
    airflow = deployment.airflow
    next_look = airflow.next_moment()
    return _Seen(
        deployment.journal.latest,
        tuple(table.version for table in airflow.tables.values()),
        airflow.clock.setting,
        next_look is not None and next_look <= airflow.now(),
    )


def _clock(deployment: Deployment, seen: _Seen) -> dict[str, Any]:
    clock = deployment.clock
    return {"calls": seen.calls, "now": clock.now().isoformat(), "frozen": clock.frozen, "speed": clock.speed}


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
