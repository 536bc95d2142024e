"""InvokeRestApi: a call to Airflow's own API inside of one to the control plane."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

from werkzeug.test import EnvironBuilder
from werkzeug.wsgi import ClosingIterator

from mock_airflow.access.admission import INSIDE
from mock_airflow.access.passwords import user_principal
from mock_airflow.answers import DELIVERY, Answer
from mock_airflow.api.operation import Call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.dialect import SIGNED_IN
from mock_airflow.profiles.mwaa.control_plane import (
    demand_roles,
    environment_named,
    key_of,
    operation,
    told,
    with_airflow,
)
from mock_airflow.profiles.mwaa.iam import principal_of
from mock_airflow.profiles.mwaa.identity import signed_in
from mock_airflow.profiles.mwaa.problems import constraint, invalid, refused

if TYPE_CHECKING:
    from mock_airflow.access.principals import Principal
    from mock_airflow.access.site import Site

_METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE")
_LONGEST_PATH = 64  # code: the service's model


class InnerCall(NamedTuple):
    """What Airflow is asked inside."""

    method: str
    path: str
    query: str
    body: Any


@operation("POST", "/restapi/{name}", "InvokeRestApi", access=SIGNED_IN, confidential=True)
def invoke_rest_api(call: Call) -> Answer:
    """Ask Airflow's API, with the roles that IAM allows, and hand its answer through.

    What Airflow refuses is an exception of AWS's that carries Airflow's status and answer.
    """
    name, estate = environment_named(call)
    asked = _asked(call)
    roles = demand_roles(call, "airflow:InvokeRestApi", name)
    with_airflow(call, name, estate)
    user = signed_in(principal_of(key_of(call), call.settings).name, roles, call.deployment)
    status, answered = _answer(call.deployment, asked, user_principal(call.deployment, user))
    body = {"RestApiStatusCode": status, "RestApiResponse": _read(answered)}
    if status < 400:
        return told(body)
    code = "RestApiClientException" if status < 500 else "RestApiServerException"
    why = Why(f"Airflow answered {asked.method} {asked.path} with {status}.", code)
    raise refused(code, "", why, body=body, changes_stay=True)


def _answer(deployment: Site, asked: InnerCall, who: Principal) -> tuple[int, bytes]:
    """The status and the body of Airflow's answer; it has a journal entry of its own.

    Raises Refusal where a fault has no whole answer come (assumed: what MWAA says then).
    """
    more = {INSIDE: who, "REMOTE_ADDR": "127.0.0.1"}
    inner = EnvironBuilder(
        asked.path, method=asked.method, query_string=asked.query, json=asked.body, environ_overrides=more
    )
    environ, started = inner.get_environ(), []

    def start_response(line: str, *_: Any) -> Callable[[bytes], object]:
        started.append(int(line.partition(" ")[0]))
        return lambda _: None

    coming = ClosingIterator(deployment.wsgi(environ, start_response))
    with closing(coming):
        answered = b"".join(coming)
    if environ.get(DELIVERY) is not None and environ[DELIVERY].ending is not None:
        said = "The connection to Airflow ended before its answer had come."
        raise refused("InternalServerException", "Internal server error", Why(said, "no answer"), changes_stay=True)
    return started[-1], answered


def _asked(call: Call) -> InnerCall:
    """What the body asks for. Raises Refusal."""
    body = call.body
    if not isinstance(body, Mapping):
        raise invalid("1 validation error detected: a JSON object with Path and Method is expected")
    path, method = body.get("Path"), body.get("Method")
    for member, value in (("path", path), ("method", method)):
        if not isinstance(value, str) or not value:
            raise constraint(member, value, "Member must not be null")
    assert isinstance(path, str)
    if len(path) > _LONGEST_PATH:
        raise constraint("path", path, f"Member must have length less than or equal to {_LONGEST_PATH}")
    if method not in _METHODS:
        raise constraint("method", method, f"Member must satisfy enum value set: [{', '.join(_METHODS)}]")
    named = body.get("QueryParameters")
    if not isinstance(named or {}, Mapping):
        raise invalid("QueryParameters must be a JSON object")
    parameters = [
        (name, text)
        for name, value in (named or {}).items()
        for text in map(_text, value if isinstance(value, list) else [value])
        if text is not None
    ]
    path, _, written = path.partition("?")  # assumed: a query that is written into the path counts too
    try:
        query = "&".join(filter(None, (written, urlencode(parameters))))
        inner = quote(f"{call.deployment.api_path}/{path.lstrip('/')}", safe="/%!$&'()*+,:;=@~")
    except UnicodeEncodeError:  # half of a pair, which JSON can name and no URL can hold
        raise invalid("Path and QueryParameters must be texts that a URL can hold") from None
    return InnerCall(method, inner, query, body.get("Body"))


def _text(value: Any) -> str | None:
    """A parameter's value as it stands in a query; None for one that is left out."""
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _read(answered: bytes) -> Any:
    """Airflow's answer as a document: its JSON, or the text of what is none; an empty one is an empty object."""
    if not answered:
        return {}
    try:
        return json.loads(answered)
    except ValueError:
        return answered.decode("utf-8", "replace")
