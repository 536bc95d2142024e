"""The catalogue of failures in the control API."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control.answers import FAILURE, LOOK, SEEN_FAILURE, listing, told
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.control.reading import not_found, values_of
from mock_airflow.errors import FailureError
from mock_airflow.failures.catalogue import CATALOGUE, named
from mock_airflow.failures.preview import look, provoke

_NEW_FAILURE = Schema("NewFailure", Field("name", description="a name of the catalogue"), required=("name",))


@operation("GET", "/failures", access=None, answer=FAILURE, listed="failures")
def list_failures(call: ControlCall) -> Answer:
    """List the catalogue, with what each failure is."""
    return listing("failures", [told(FAILURE, each) for each in CATALOGUE.values()])


@operation("POST", "/failures", access=None, body=_NEW_FAILURE, success=204)
def provoke_failure(call: ControlCall) -> None:
    """Put whoever holds the first credential in front of a failure."""
    provoke(call.deployment, values_of(call)["name"])


@operation("GET", "/failures/{name}", access=None, answer=SEEN_FAILURE)
def look_at_failure(call: ControlCall) -> Answer:
    """Tell what a client of this deployment would meet; nothing is changed."""
    try:
        failure = named(call.path["name"])
    except FailureError as error:
        raise not_found(error) from None
    found = look(call.deployment, failure.name)
    return json_answer(told(SEEN_FAILURE, failure, looks=told(LOOK, found, headers=dict(found.headers))))
