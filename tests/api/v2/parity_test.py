"""The operations of `/api/v2`, held against Airflow's own OpenAPI file.

The file comes out of `apache-airflow-core` at test time and is never stored. It is compared with the document that we
serve: paths, parameters, bodies, answers and the statuses of refusals. What it says of refusals themselves is less than
what a real Airflow answers (tests/api/v2/document_test.py), so there ours says more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from mock_airflow.api.v2 import API
from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings
from tests.api.official import Document, document_of, of_success, operations_of

AIRFLOW = "apache-airflow-core==3.3.2"
MEMBER = "airflow/api_fastapi/core_api/openapi/v2-rest-api-generated.yaml"
WORDS = {"title", "description", "example", "examples", "discriminator"}  # for people, and for code that is generated

# Where the two differ, and why ours stays as it is.
SAID_OTHERWISE = {
    # a null that no query and no path can hold, or that is left out where nothing can be known of the value
    "get_dag_runs: conf_contains",
    "get_dag_versions: bundle_name",
    "get_dag_versions: version_number",
    "get_hitl_detail_try_detail: try_number",
    "patch_task_instance_by_map_index: map_index",
    "patch_task_instance_dry_run_by_map_index: map_index",
    # a number in Airflow's document, whose answer to a text is not that of a number elsewhere (recorded)
    "get_event_log: event_log_id",
    # a name in a path that Airflow's document gives no type
    "trigger_dag_run: dag_id",
    "get_task: task_id",
    # a 200 in Airflow's document, a 204 in its answers (recorded)
    "delete_dag: 200",
    "delete_dag: 204",
}

pytestmark = pytest.mark.network


@pytest.fixture(scope="session")
def official(published: Callable[[str], Path]) -> Document:
    """Airflow's own document."""
    return document_of(published(AIRFLOW), MEMBER)


@pytest.fixture(scope="session")
def ours() -> Document:
    """The document that we serve."""
    document: Document = Client(Deployment(Settings.of(airflow_version="3.3.2")).wsgi).get("/openapi.json").json
    return document


def whole(value: Any, document: Document, within: tuple[str, ...] = ()) -> Any:
    """A schema with its references followed and its words left out."""
    if isinstance(value, list):
        return [whole(each, document, within) for each in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        if name in within:
            return name
        found = whole(document["components"]["schemas"][name], document, (*within, name))
        return found | {key: each for key, each in value.items() if key != "$ref" and key not in WORDS}
    told = {}
    for key, each in value.items():
        if key == "properties":
            told[key] = {name: whole(field, document, within) for name, field in each.items()}
        elif key == "required" and isinstance(each, list):
            told[key] = sorted(each)
        elif key == "oneOf":
            told["anyOf"] = whole(each, document, within)
        elif key not in WORDS and not (key == "additionalProperties" and each is False):
            told[key] = whole(each, document, within)
    return told


def differences(want: Any, have: Any, at: str) -> Iterator[str]:
    """Everything in which two schemas differ."""
    if isinstance(want, dict) and isinstance(have, dict):
        for key in sorted({*want, *have}):
            if key not in want or key not in have:
                yield f"{at}.{key} is in {'Airflow' if key in want else 'ours'} only"
            else:
                yield from differences(want[key], have[key], f"{at}.{key}")
    elif isinstance(want, list) and isinstance(have, list) and len(want) == len(have):
        for number, pair in enumerate(zip(want, have, strict=True)):
            yield from differences(*pair, f"{at}[{number}]")
    elif want != have:
        yield f"{at} is {want!r} in Airflow's document, {have!r} in ours"


def operations(document: Document) -> dict[str, tuple[str, str, Mapping[str, Any]]]:
    """Method, path and description of every operation, by its id."""
    return {each[2]["operationId"]: each for each in operations_of(document)}


EACH = pytest.mark.parametrize("operation_id", API.operations)


def test_operations_are_airflows_and_no_others(official: Document, ours: Document) -> None:
    theirs, own = operations(official), operations(ours)

    assert {name: each[:2] for name, each in own.items()} == {name: each[:2] for name, each in theirs.items()}
    assert {name: each[2]["tags"][0] for name, each in own.items()} == {
        name: each[2]["tags"][0] for name, each in theirs.items()
    }


def test_who_may_come_in(official: Document, ours: Document) -> None:
    theirs, own = operations(official), operations(ours)

    differing = [name for name in own if own[name][2].get("security") != theirs[name][2].get("security")]
    assert differing == ["logout"]  # a real one lets everybody log out (recorded)


def test_components_have_airflows_names(official: Document, ours: Document) -> None:
    theirs, own = (set(document["components"]["schemas"]) for document in (official, ours))

    assert own == theirs


@EACH
def test_parameters(operation_id: str, official: Document, ours: Document) -> None:
    theirs, own = (
        {each["name"]: each for each in operations(document)[operation_id][2].get("parameters", ())}
        for document in (official, ours)
    )

    assert set(own) == set(theirs)
    for name, want in theirs.items():
        if f"{operation_id}: {name}" not in SAID_OTHERWISE:
            assert not [*differences(whole(want, official), whole(own[name], ours), name)]


@EACH
def test_body(operation_id: str, official: Document, ours: Document) -> None:
    theirs, own = (
        whole(operations(document)[operation_id][2].get("requestBody"), document) for document in (official, ours)
    )

    assert not [*differences(theirs, own, operation_id)]


@EACH
def test_answer(operation_id: str, official: Document, ours: Document) -> None:
    theirs, own = (
        {
            status: whole(told.get("content"), document)
            for status, told in of_success(operations(document)[operation_id][2]).items()
            if f"{operation_id}: {status}" not in SAID_OTHERWISE
        }
        for document in (official, ours)
    )

    assert not [*differences(theirs, own, operation_id)]


@EACH
def test_refusals_are_told_of(operation_id: str, official: Document, ours: Document) -> None:
    theirs, own = (set(operations(document)[operation_id][2]["responses"]) for document in (official, ours))

    missing = {status for status in theirs - own if f"{operation_id}: {status}" not in SAID_OTHERWISE}
    assert missing == set()


def test_every_difference_is_one(official: Document, ours: Document) -> None:
    theirs, own = operations(official), operations(ours)
    for each in SAID_OTHERWISE:
        operation_id, _, name = each.partition(": ")
        want, have = (
            whole(
                [p for p in told[operation_id][2].get("parameters", ()) if p["name"] == name]
                or told[operation_id][2]["responses"].get(name),
                document,
            )
            for told, document in ((theirs, official), (own, ours))
        )
        assert want != have, each
