"""The metrics of a server in the control API."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.control.api import API, DEPLOYMENTS
from mock_airflow.control.call import ControlCall
from mock_airflow.server.hub import KEY, Hub

_METRICS = Schema("Metrics", Field("text", description="as Prometheus reads it"))


@API.tagged(DEPLOYMENTS)("GET", "/metrics", "metrics", access=None, answer=_METRICS, media=("text/plain",))
def metrics(call: ControlCall) -> Answer:
    """Tell what Prometheus scrapes: requests, times, limits, rows, writes, of all deployments together."""
    hub: Hub | None = call.request.environ.get(KEY)
    if hub is None or hub.metrics is None:
        raise Problem(
            404,
            "Not Found",
            "Nothing is measured here; `mock-airflow serve --metrics` does, and tells it at its own /__mock__/metrics.",
            linked=False,
        )
    body, content_type = hub.metrics.told(hub, call.headers.get("Accept", ""))
    return Answer(body, content_type=content_type)
