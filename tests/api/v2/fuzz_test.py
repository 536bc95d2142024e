"""Every operation under inputs that nobody thought of, made by Schemathesis from the document that we serve.

Whatever comes in: no failure besides those that a real Airflow has too, and none at all without ``airflow_bugs``;
answers as the document says; nothing changed by a request that is refused, but the audit log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from mock_airflow.api.v2 import API
from mock_airflow.deployment import Deployment
from mock_airflow.world.reading import SECTIONS, world_of
from tests.api import fuzzing
from tests.api.fuzzing import CHECKED, NUMBERS

START = Path(__file__).resolve().parents[3] / "fixtures/recordings/airflow-3.3.2/start.json"
EXAMPLES = 8
CALLS = [("admin", True), ("admin", False), ("viewer", True), (None, True)]  # who, and with Airflow's failures or not

RANGES = [
    {"from_date": "2025-01-01T00:00:00Z", "to_date": "2025-01-03T00:00:00Z"},
    {"from_date": "2025-01-03T00:00:00Z", "to_date": "2025-01-01T00:00:00Z"},
    {"from_date": "2025-01-01T00:00:00Z", "to_date": "9999-01-01T00:00:00Z"},  # more runs than one request makes
]


@cache
def deployment(airflow_bugs: bool) -> Deployment:
    """A deployment of the recordings' world; forks of it are cheap."""
    start = json.loads(START.read_text("utf-8"))
    world = world_of({name: content for name, content in start.items() if name in SECTIONS})
    return fuzzing.begun(world, airflow_version="3.3.2", clock="2026-11-29T12:00:00Z", airflow_bugs=airflow_bugs)


@cache
def operations() -> Mapping[str, Any]:
    """Schemathesis's operations, by operation id, of the document that is served."""
    return fuzzing.operations_of(Client(deployment(airflow_bugs=True).wsgi).get("/openapi.json").json)


@cache
def places() -> list[dict[str, Any]]:
    airflow = deployment(airflow_bugs=True).airflow
    found = fuzzing.places(
        airflow,
        asset_id=[row.id for row in airflow.assets],
        backfill_id=[row.id for row in airflow.backfills],
        try_number=[1],
        version_number=[1],
        key=["cursor"],
        asset_alias_id=[1],
    )
    return [{**place, "group_id": place["task_id"].rpartition(".")[0] or "parts"} for place in found]


def requests_to(operation_id: str) -> st.SearchStrategy[Any]:
    """Requests that fit the document and requests that do not, most of them to things that there are."""
    ours = API.operations[operation_id]
    refusable = bool(ours.path_names or ours.query or ours.body is not None)
    generated = fuzzing.cases(operations()[operation_id], refusable=refusable)
    numbers = [name for name, parameter in ours.query.items() if "int" in str(parameter.type)]

    @st.composite
    def requests(draw: st.DrawFn) -> Any:
        case = draw(generated)
        if draw(st.sampled_from([True, True, False])):
            place = draw(st.sampled_from(places()))
            case.path_parameters = {
                **case.path_parameters,
                **{name: place[name] for name in ours.path_names if name in place and name not in ours.in_path},
            }
            if isinstance(case.body, dict):
                names = {**place, "task_ids": [place["task_id"]]}
                case.body |= {name: names[name] for name in case.body if name in names}
                if isinstance(case.body.get("from_date"), str) and isinstance(case.body.get("to_date"), str):
                    case.body |= draw(st.sampled_from(RANGES))  # of centuries it would make runs for hours
        number = draw(st.none() | st.sampled_from(NUMBERS))
        if number is not None:
            case.query = {**(case.query or {}), **{name: number for name in numbers if draw(st.booleans())}}
        return case

    return requests()


@cache
def token(who: str) -> str:
    served = deployment(airflow_bugs=True)
    answer = Client(served.wsgi).post("/auth/token", json={"username": who, "password": who})
    found: str = answer.json["access_token"]
    return found


def send(case: Any, served: Deployment, who: str | None) -> TestResponse:
    """Call in process, with the token of ``who`` and no other."""
    headers = {} if who is None else {"Authorization": f"Bearer {token(who)}"}
    if case.operation.definition.raw["operationId"] == "get_connection_test":
        headers |= {name: str(value) for name, value in (case.headers or {}).items() if str(value).isascii()}
    return Client(served.wsgi, use_cookies=False).open(case.formatted_path, headers=headers, **fuzzing.content(case))


@pytest.mark.parametrize("operation_id", API.operations)
def test_any_request(operation_id: str, caplog: pytest.LogCaptureFixture) -> None:
    token("admin"), token("viewer")  # before the forks are made, which have them then
    forks = {bugs: deployment(bugs).fork() for bugs in (True, False)}
    starts = {bugs: fork.snapshot() for bugs, fork in forks.items()}
    conforms = fuzzing.conformity()

    def each(case: Any) -> None:
        for who, airflow_bugs in CALLS:
            served = forks[airflow_bugs]
            served.restore(starts[airflow_bugs])
            response = send(case, served, who)
            entry = [*served.journal][-1]
            assert not caplog.records
            if response.status_code >= 500:
                assert airflow_bugs
                assert entry.why.reason.startswith("A real Airflow fails here") or "Database error" in response.text
                continue
            if response.status_code >= 400:
                assert not [change for change in entry.changes if change.table != "event_logs"]
            if entry.operation_id == operation_id:  # a slash in a path may lead to another one
                told = bool(response.content_type)  # a redirect and what is told line by line have none (recorded)
                conforms(case, response, CHECKED if told else CHECKED[:1])

    fuzzing.with_each(requests_to(operation_id), EXAMPLES, each)
