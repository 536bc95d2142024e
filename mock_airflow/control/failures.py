"""The catalogue of failures in the control API."""

from __future__ import annotations

from typing import Any

from mock_airflow.answers import NO_CONTENT, Answer
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control.answers import FAILURE, SEEN_FAILURE
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.control.reading import values_of
from mock_airflow.errors import FailureError
from mock_airflow.failures.catalogue import CATALOGUE, named
from mock_airflow.failures.preview import Look, look, provoke

_NEW_FAILURE = Schema("NewFailure", Field("name", description="a name of the catalogue"), required=("name",))


def _told(found: Look) -> dict[str, Any]:
    return {
        "request": found.request,
        "status": found.status,
        "headers": dict(found.headers),
        "body": found.body,
        "rule": found.rule,
        "reason": found.reason,
    }


@operation("GET", "/failures", "list_failures", access=None, answer=FAILURE, listed="failures")
def list_failures(call: ControlCall) -> Answer:
    """List the catalogue, with what each failure is."""
    told = [{"name": each.name, "kind": each.kind, "title": each.title} for each in CATALOGUE.values()]
    return json_answer({"failures": told, "total_entries": len(told)})


@operation("POST", "/failures", "provoke_failure", access=None, body=_NEW_FAILURE, success=204)
def provoke_failure(call: ControlCall) -> Answer:
    """Put whoever holds the first credential in front of a failure."""
    provoke(call.deployment, values_of(call)["name"])
    return NO_CONTENT


@operation("GET", "/failures/{name}", "look_at_failure", access=None, answer=SEEN_FAILURE)
def look_at_failure(call: ControlCall) -> Answer:
    """Tell what a client of this deployment would meet; nothing is changed."""
    try:
        failure = named(call.path["name"])
    except FailureError as error:
        raise Problem(404, "Not Found", str(error), linked=False) from None
    told = {"name": failure.name, "kind": failure.kind, "title": failure.title}
    return json_answer({**told, "looks": _told(look(call.deployment, failure.name))})
