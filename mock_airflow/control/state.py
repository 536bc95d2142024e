"""The deployment as a whole in the control API: whether it is up, and back to its start."""

from __future__ import annotations

from mock_airflow._version import __version__
from mock_airflow.answers import NO_CONTENT, Answer
from mock_airflow.api.operation import json_answer
from mock_airflow.control import answers
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall


@operation("GET", "/health", "health", access=None, answer=answers.HEALTH)
def health(call: ControlCall) -> Answer:
    """Tell that the server is up, and what it imitates."""
    return json_answer({"status": "ok", "version": __version__, "profile": call.settings.profile})


@operation("POST", "/reset", "reset", access=None, success=204)
def reset(call: ControlCall) -> Answer:
    """Go back to the starting state and empty the journal."""
    call.deployment.reset()
    return NO_CONTENT
