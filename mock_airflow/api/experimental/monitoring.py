"""Whether the API is there, and what it runs on."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.api.experimental.answers import told
from mock_airflow.api.experimental.api import API
from mock_airflow.api.operation import Call

operation = API.tagged("Monitoring")


@operation("GET", "/test", access=None)
def test(call: Call) -> Answer:
    """Tell that the credentials are good."""
    return told({"status": "OK"})


@operation("GET", "/info", access=None)
def info(call: Call) -> Answer:
    """Tell the version."""
    return told({"version": call.settings.airflow_version})
