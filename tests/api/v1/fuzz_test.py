"""Every operation under inputs that nobody thought of, made by Schemathesis from the document that we serve.

Whatever comes in: no failure besides those that a real Airflow has too, and none at all without ``airflow_bugs``;
answers as the document says; nothing changed by a request that is refused, but the audit log and the login counters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from msgspec.structs import replace
from werkzeug.test import Client, TestResponse

from mock_airflow.answers import JSON
from mock_airflow.api.airflow2.schema import Schema
from mock_airflow.api.v1 import API
from mock_airflow.deployment import Deployment
from mock_airflow.domain.records import User
from mock_airflow.journal.journal import Entry
from mock_airflow.storage.tables import Change
from mock_airflow.world.reading import load_worlds
from tests.api import fuzzing
from tests.api.fuzzing import NUMBERS

WORLD = Path(__file__).resolve().parents[3] / "fixtures/recordings/airflow-2.11.2/start.json"
EXAMPLES = 12
PEOPLE: Mapping[str, tuple[str, str] | None] = {"admin": ("admin", "admin"), "nobody": None}
# Who calls, whether Airflow's failures are reproduced, and what the caller takes.
CALLS = [("admin", True, "application/json"), ("admin", False, "text/plain"), ("nobody", True, "*/*")]


@cache
def deployment(airflow_bugs: bool) -> Deployment:
    """A deployment of the recordings' world; forks of it are cheap."""
    return fuzzing.begun(load_worlds([str(WORLD)]), clock="2026-11-21T12:00:00Z", airflow_bugs=airflow_bugs)


@cache
def operations() -> Mapping[str, Any]:
    """Schemathesis's operations, by operation id.

    Its document is the served one, tightened, so that bodies which fit reach further: no members beside those that are
    named, and those required that only the second look at a body demands.
    """
    document = json.loads(Client(deployment(airflow_bugs=True).wsgi).get("/api/v1/openapi.json").data)
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        schema.setdefault("additionalProperties", False)
    for operation in API:
        if operation.body is not None:
            told = document["paths"][operation.path][operation.method.lower()]["requestBody"]["content"][JSON]
            told["schema"] = {**schemas[operation.body.name], "required": demanded_of(operation.body)}
    return fuzzing.operations_of(document)


def demanded_of(body: Schema) -> list[str]:
    return sorted({*body.required, *body.demanded})


@cache
def places() -> list[dict[str, Any]]:
    airflow = deployment(airflow_bugs=True).airflow
    return fuzzing.places(
        airflow,
        role_name=[row.name for row in airflow.roles],
        username=[row.username for row in airflow.users],
        uri=[row.uri for row in airflow.assets],
    )


def requests_to(operation_id: str) -> st.SearchStrategy[Any]:
    """Requests that fit the document and requests that do not, most of them to things that there are."""
    ours = API.operations[operation_id]
    refusable = bool(ours.path_names or ours.query or ours.body)
    generated = fuzzing.cases(operations()[operation_id], refusable=refusable)
    in_query = [query.name for query in ours.query.values() if query.type == "integer"]
    fields = ours.body.fields.values() if ours.body else ()
    in_body = [field.name for field in fields if field.type == "integer" and not field.read_only]

    @st.composite
    def requests(draw: st.DrawFn) -> Any:
        case = draw(generated)
        if draw(st.sampled_from([True, True, False])):
            place = draw(st.sampled_from(places()))
            case.path_parameters = {**case.path_parameters, **{name: place[name] for name in ours.path_names}}
            if isinstance(case.body, dict):
                names = {**place, "key": place["variable_key"], "task_ids": [place["task_id"]]}
                case.body |= {name: names[name] for name in case.body if name in names}
        number = draw(st.none() | st.sampled_from(NUMBERS))
        if number is not None:
            case.query = {**(case.query or {}), **{name: number for name in in_query if draw(st.booleans())}}
            if isinstance(case.body, dict):
                case.body |= {name: number for name in in_body if draw(st.booleans())}
        return case

    return requests()


def send(case: Any, served: Deployment, who: str, accept: str) -> TestResponse:
    """Call in process, with the credential of ``who`` and no other."""
    return Client(served.wsgi).open(
        f"/api/v1{case.formatted_path}", auth=PEOPLE[who], headers={"Accept": accept}, **fuzzing.content(case)
    )


def beyond_bookkeeping(changes: tuple[Change, ...]) -> Iterator[Change]:
    """The changes that a refused request may not make: all but the audit log's and a user's login counters."""
    for change in changes:
        counted = isinstance(change.before, User) and isinstance(change.after, User)
        if counted and without_counters(change.before) == without_counters(change.after):
            continue
        if change.table != "event_logs":
            yield change


def without_counters(user: User) -> User:
    return replace(user, login_count=0, fail_login_count=0, last_login=None)


def is_airflows_failure(entry: Entry) -> bool:
    """Whether a 5xx is one that a real Airflow answers too: the journal says so, or it is its own check of answers."""
    return entry.reason.startswith("A real Airflow fails here") or "does not conform to spec" in entry.response_body


@pytest.mark.parametrize("operation_id", API.operations)
def test_any_request(operation_id: str, caplog: pytest.LogCaptureFixture) -> None:
    forks = {bugs: deployment(bugs).fork() for bugs in (True, False)}
    starts = {bugs: fork.snapshot() for bugs, fork in forks.items()}
    conforms = fuzzing.conformity()

    def each(case: Any) -> None:
        for who, airflow_bugs, accept in CALLS:
            served = forks[airflow_bugs]
            served.restore(starts[airflow_bugs])
            response = send(case, served, who, accept)
            entry = [*served.journal][-1]
            assert not caplog.records
            if response.status_code >= 500:
                assert airflow_bugs
                assert is_airflows_failure(entry)
            if 400 <= response.status_code < 500:
                assert not [*beyond_bookkeeping(entry.changes)]
            if entry.operation_id == operation_id:  # a slash in a path may lead to another one
                conforms(case, response)

    fuzzing.with_each(requests_to(operation_id), EXAMPLES, each)
