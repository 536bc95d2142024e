"""The deployments of a hub in the control API: made, listed, deleted. A server in a test has its one, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control.answers import listing
from mock_airflow.control.api import API, DEPLOYMENTS
from mock_airflow.control.call import ControlCall
from mock_airflow.control.reading import not_found, values_of
from mock_airflow.errors import HubError
from mock_airflow.server.hub import KEY, Hosted, Hub

operation = API.tagged(DEPLOYMENTS)
_NEW = Schema(
    "NewDeployment",
    Field("name", description="a part of a host name; without one it gets one"),
    Field("settings", "object", description="as the command line has them, by name"),
    Field("world", "object", description="the content of a world file"),
)
_DEPLOYMENT = Schema(
    "Deployment",
    Field("name"),
    Field("url"),
    Field("api_url"),
    Field("profile"),
    Field("airflow_version"),
    Field("credentials", "object", description="a working credential, as a client holds it"),
    Field("headers", "object", description="the headers that carry it"),
    Field("env", "object", description="the variables that the vendor's pages and tools name"),
)
_METRICS = Schema("Metrics", Field("text", description="as Prometheus reads it"))
_NAMED = Schema("NamedDeployment", Field("name"), Field("url"))


def _hub(call: ControlCall) -> Hub:
    found: Hub | None = call.request.environ.get(KEY)
    if found is None:
        said = "This server has one deployment and no others; `mock-airflow serve` is a hub, at its own /__mock__."
        raise not_found(said)
    return found


def _url(call: ControlCall, name: str) -> str:
    return f"{call.request.host_url}d/{name}"


def _told(call: ControlCall, hosted: Hosted) -> dict[str, Any]:
    deployment, url = hosted.deployment, _url(call, hosted.name)
    profile, credentials = deployment.profile, deployment.credentials
    with deployment.lock:
        headers = profile.headers(credentials, deployment)
    return {
        "name": hosted.name,
        "url": url,
        "api_url": f"{url}{deployment.mount}{deployment.api_path}",
        "profile": profile.name,
        "airflow_version": deployment.settings.airflow_version,
        "credentials": credentials,
        "headers": headers,
        "env": profile.environment(url, credentials, deployment.settings),
    }


@contextmanager
def _worded() -> Iterator[None]:
    """Answer with what the hub refuses."""
    try:
        yield
    except HubError as error:
        raise Problem(error.status, "Refused", str(error), linked=False) from None


@operation("POST", "/deployments", access=None, body=_NEW, answer=_DEPLOYMENT, confidential=True)
def create_deployment(call: ControlCall) -> Answer:
    """Make a deployment beside the others, with settings and a world of its own."""
    values = values_of(call)
    with _worded():
        hosted = _hub(call).create(values.get("name"), values.get("settings") or {}, values.get("world") or {})
    return json_answer(_told(call, hosted))


@operation("GET", "/deployments", access=None, answer=_NAMED, listed="deployments")
def list_deployments(call: ControlCall) -> Answer:
    """List the deployments of this server, but for the one that it was started with."""
    names = _hub(call).names() if KEY in call.request.environ else []
    found = [{"name": name, "url": _url(call, name)} for name in names]
    return listing("deployments", found)


@operation("GET", "/deployments/{id}", access=None, answer=_DEPLOYMENT, confidential=True)
def get_deployment(call: ControlCall) -> Answer:
    """Tell how a deployment is reached, and with which credential."""
    with _worded():
        return json_answer(_told(call, _hub(call).get(call.path["id"])))


@operation("DELETE", "/deployments/{id}", access=None, success=204)
def delete_deployment(call: ControlCall) -> None:
    """Forget a deployment and all that it has."""
    with _worded():
        _hub(call).delete(call.path["id"])


@operation("GET", "/metrics", access=None, answer=_METRICS, media=("text/plain",))
def metrics(call: ControlCall) -> Answer:
    """Tell what Prometheus scrapes: requests, times, limits, rows, writes, of all deployments together."""
    hub: Hub | None = call.request.environ.get(KEY)
    if hub is None or hub.metrics is None:
        said = (
            "Nothing is measured here; `mock-airflow serve --metrics` does, and tells it at its own /__mock__/metrics."
        )
        raise not_found(said)
    body, content_type = hub.metrics.told(hub, call.headers.get("Accept", ""))
    return Answer(body, content_type=content_type)
