"""Every operation under inputs that nobody thought of, made by Schemathesis from the document that we serve.

Whatever comes in: no failure besides those that a real Airflow has too, and none at all without ``airflow_bugs``;
answers as the document says; nothing changed by a request that is refused, but the audit log and the login counters.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, openapi
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core import NotSet
from schemathesis.core.result import Ok
from werkzeug.test import Client, TestResponse

from mock_airflow.answers import JSON
from mock_airflow.api.airflow2.schema import Schema
from mock_airflow.api.v1 import API
from mock_airflow.deployment import Deployment
from mock_airflow.domain.records import User
from mock_airflow.journal.journal import Entry
from mock_airflow.settings import Settings
from mock_airflow.storage.tables import Change
from mock_airflow.world.reading import load_worlds

WORLD = Path(__file__).resolve().parents[3] / "fixtures/recordings/airflow-2.11.2/start.json"
EXAMPLES, SEED = 12, int(os.environ.get("FUZZ_SEED", "0"))  # another seed, other requests
NUMBERS = [-1, 0, 1, 1 << 31, 1 << 63, -(1 << 70)]  # where databases and languages have their borders
PEOPLE: Mapping[str, tuple[str, str] | None] = {"admin": ("admin", "admin"), "nobody": None}
# Who calls, whether Airflow's failures are reproduced, and what the caller takes.
CALLS = [("admin", True, "application/json"), ("admin", False, "text/plain"), ("nobody", True, "*/*")]

load_all_checks()
CHECKED = CHECKS.get_by_names(["status_code_conformance", "content_type_conformance", "response_schema_conformance"])


@cache
def deployment(airflow_bugs: bool) -> Deployment:
    """A deployment of the recordings' world; forks of it are cheap."""
    made = Deployment(
        Settings.of(
            runs="manual",
            clock="2026-11-21T12:00:00Z",
            frozen=True,
            airflow_bugs=airflow_bugs,
            expose_config="True",
            test_connection="Enabled",
        )
    )
    load_worlds([str(WORLD)]).apply(made)
    made.begin()
    return made


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
    found = openapi.from_dict(document).get_all_operations()
    usable = [result.ok() for result in found if isinstance(result, Ok)]
    return {each.definition.raw["operationId"]: each for each in usable}


def demanded_of(body: Schema) -> list[str]:
    return sorted({*body.required, *body.demanded})


@cache
def places() -> list[dict[str, Any]]:
    """Names of things that there are and belong together, for paths and bodies: not everything shall be a 404."""
    others = {
        "section": "core",
        "option": "executor",
        "event_log_id": 1,
        "import_error_id": 1,
        "task_try_number": 1,
        "xcom_key": "return_value",
    }
    airflow = deployment(airflow_bugs=True).airflow
    things = {
        "pool_name": [row.name for row in airflow.pools],
        "variable_key": [row.key for row in airflow.variables],
        "connection_id": [row.connection_id for row in airflow.connections],
        "role_name": [row.name for row in airflow.roles],
        "username": [row.username for row in airflow.users],
        "file_token": [row.file_token for row in airflow.dags],
        "uri": [row.uri for row in airflow.assets],
    }
    found = []
    instances = [*airflow.task_instances]
    mapped = [instance for instance in instances if instance.map_index >= 0]
    for number, instance in enumerate([*instances[::3], *mapped]):
        place = {name: names[number % len(names)] for name, names in things.items() if names}
        place |= {"dag_id": instance.dag_id, "dag_run_id": instance.run_id, "task_id": instance.task_id}
        found.append({**others, **place, "map_index": max(instance.map_index, 0)})
    return found


def requests_to(operation_id: str) -> st.SearchStrategy[Any]:
    """Requests that fit the document and requests that do not, most of them to things that there are."""
    operation = operations()[operation_id]
    ours = API.operations[operation_id]
    generated = fitting = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if ours.path_names or ours.query or ours.body:
        generated = fitting | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

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
    more: dict[str, Any] = {"headers": {"Accept": accept}}
    if not isinstance(case.body, NotSet):
        more["data"] = case.body if isinstance(case.body, bytes) else json.dumps(case.body)
        more["content_type"] = case.media_type
    return Client(served.wsgi).open(
        f"/api/v1{case.formatted_path}",
        method=case.method,
        query_string=urlencode(case.query or {}, doseq=True),
        auth=PEOPLE[who],
        **more,
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

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[*HealthCheck],
    )
    @given(case=requests_to(operation_id))
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
                case.validate_response(response, checks=CHECKED)

    each()
