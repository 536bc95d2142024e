"""The deployment as a whole in the control API: whether it is up, and back to its start."""

from __future__ import annotations

from mock_airflow._version import __version__
from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.api.operation import json_answer
from mock_airflow.control import answers
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.server.connection import STOPPING


@operation("GET", "/health", access=None, answer=answers.HEALTH)
def health(call: ControlCall) -> Answer:
    """Tell that the server is up, and what it imitates."""
    return json_answer({"status": "ok", "version": __version__, "profile": call.settings.profile})


@operation("GET", "/ready", access=None, answer=answers.READY)
def readiness(call: ControlCall) -> Answer:
    """Tell that requests may be sent here; 503 where the server is about to stop or its database is away."""
    stopping = call.request.environ.get(STOPPING)
    if stopping is not None and stopping():
        raise Problem(
            503, "Not Ready", "The server is about to stop.", linked=False, headers={"Retry-After": "1"}
        )  # what the database is like was found out before
    return json_answer({"status": "ready"})


@operation("POST", "/reset", access=None, success=204)
def reset(call: ControlCall) -> None:
    """Go back to the starting state and empty the journal."""
    call.deployment.reset()
