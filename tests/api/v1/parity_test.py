"""The operations that are served, held against Airflow's own OpenAPI file.

The file comes out of the `apache-airflow` package at test time and is never stored. It is compared with the document
that we serve, which is made from the table of operations and from nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from werkzeug.test import Client

from mock_airflow.api.operation import Operation
from mock_airflow.api.v1 import API
from mock_airflow.deployment import Deployment
from tests.api.official import Document, document_of, of_success, operations_of

AIRFLOW = "apache-airflow==2.11.2"
MEMBER = "airflow/api_connexion/openapi/v1.yaml"
# What a value may be; words for people are left out, and so is what only we say (x-..., maxLength).
KEYWORDS = (
    "type",
    "format",
    "nullable",
    "readOnly",
    "writeOnly",
    "deprecated",
    "enum",
    "minimum",
    "minItems",
    "minLength",
    "pattern",
    "default",
)

EVERY_TYPE = {"string", "number", "integer", "boolean", "array", "object"}  # one after the other: anything at all

pytestmark = pytest.mark.network


@pytest.fixture(scope="session")
def official(published: Callable[[str], Path]) -> Document:
    """Airflow's own document."""
    return document_of(published(AIRFLOW), MEMBER)


@pytest.fixture(scope="session")
def ours() -> Document:
    """The document that we serve."""
    document: Document = yaml.safe_load(Client(Deployment().wsgi).get("/api/v1/openapi.yaml").text)  # fields in order
    return document


def found(value: Any, document: Document) -> Any:
    """What a reference refers to, or the value itself."""
    while isinstance(value, dict) and "$ref" in value:
        name = value["$ref"]
        value = document
        for part in name.removeprefix("#/").split("/"):
            value = value[part]
    return value


def merged(schema: Any, document: Document) -> dict[str, Any]:
    """A schema without references and ``allOf``: keywords, ``required``, ``properties`` in order."""
    schema = found(schema, document)
    whole: dict[str, Any] = {"properties": {}, "required": set(), "extra": set()}
    for part in schema.get("allOf", ()):
        inner = merged(part, document)
        for key in ("properties", "required", "extra"):
            whole[key] |= inner.pop(key)
        whole |= inner
    whole |= {key: schema[key] for key in KEYWORDS if schema.get(key) not in (None, False)}
    if schema.get("default") is False:
        whole["default"] = False
    whole["properties"] |= schema.get("properties", {})
    whole["required"] |= set(schema.get("required", ()))
    whole["extra"] |= set(schema.get("x-undocumented", ()))
    if "items" in schema:
        whole["items"] = schema["items"]
    if {form.get("type") for form in schema.get("anyOf", ())} == EVERY_TYPE:
        whole["nullable"] = any(form.get("nullable") for form in schema["anyOf"])
    elif "anyOf" in schema:
        whole["anyOf"] = schema["anyOf"]
    if whole["properties"] or "anyOf" in whole:
        whole.setdefault("type", "object")
    return whole


def differences(theirs: Any, official: Document, own: Any, ours: Document, at: str, depth: int = 0) -> Iterator[str]:
    """Everything in which two schemas differ, but for what ours flags as a known difference."""
    want, have = merged(theirs, official), merged(own, ours)
    for key in (*KEYWORDS, "required"):
        if want.get(key) != have.get(key):
            yield f"{at}: {key} is {want.get(key)!r} in Airflow's document, {have.get(key)!r} in ours"
    listed = [name for name in have["properties"] if name not in have["extra"]]
    if list(want["properties"]) != listed:
        missing = [name for name in want["properties"] if name not in listed]
        extra = [name for name in listed if name not in want["properties"]]
        yield f"{at}: lacks {missing}, adds {extra}" if missing or extra else f"{at}: order is {listed}"
    if depth > 4:
        return
    for name in want["properties"].keys() & set(listed):
        yield from differences(
            want["properties"][name], official, have["properties"][name], ours, f"{at}.{name}", depth + 1
        )
    if want.get("items") or have.get("items"):
        yield from differences(want.get("items", {}), official, have.get("items", {}), ours, f"{at}[]", depth + 1)
    forms = want.get("anyOf", []), have.get("anyOf", [])
    if len(forms[0]) != len(forms[1]):
        yield f"{at}: {len(forms[0])} forms in Airflow's document, {len(forms[1])} in ours"
    else:
        for number, (one, other) in enumerate(zip(*forms, strict=True)):
            yield from differences(one, official, other, ours, f"{at}(form {number})", depth + 1)


def described(operation: Operation, document: Document) -> dict[str, Any]:
    """A document's words on an operation, with the parameters of its path."""
    item = document["paths"][operation.path]
    told: dict[str, Any] = item[operation.method.lower()]
    parameters = [found(each, document) for each in (*item.get("parameters", ()), *told.get("parameters", ()))]
    return {**told, "parameters": {each["name"]: each for each in parameters}}


def methods(document: Document) -> set[tuple[str, str, str]]:
    """Every method, path and operation id."""
    return {(method, path, told["operationId"]) for method, path, told in operations_of(document)}


EACH = pytest.mark.parametrize("operation", [*API], ids=lambda operation: operation.operation_id)


def test_operations_are_airflows_and_no_others(official: Document, ours: Document) -> None:
    assert methods(ours) == methods(official)


@EACH
def test_tags(operation: Operation, official: Document, ours: Document) -> None:
    assert described(operation, ours)["tags"][0] == described(operation, official)["tags"][0]


@EACH
def test_parameters(operation: Operation, official: Document, ours: Document) -> None:
    theirs, own = described(operation, official)["parameters"], described(operation, ours)["parameters"]

    assert set(own) == set(theirs)
    for name, want in theirs.items():
        have = own[name]
        assert have["in"] == want["in"]
        assert have["required"] == want.get("required", False)
        assert not [*differences(want["schema"], official, have["schema"], ours, name)]
        if want["schema"]["type"] == "array":
            assert (have["style"], have["explode"]) == (want.get("style", "form"), want.get("explode", True))


@EACH
def test_body(operation: Operation, official: Document, ours: Document) -> None:
    theirs, own = (described(operation, document).get("requestBody") for document in (official, ours))

    assert (own is None) == (theirs is None)
    if own and theirs:
        (want,), (have,) = theirs["content"].values(), own["content"].values()
        assert not [*differences(want["schema"], official, have["schema"], ours, operation.operation_id)]


@EACH
def test_answer(operation: Operation, official: Document, ours: Document) -> None:
    theirs, own = (
        {
            status: found(told, document).get("content", {})
            for status, told in of_success(described(operation, document)).items()
        }
        for document in (official, ours)
    )

    assert set(own) == set(theirs)
    for status, content in theirs.items():
        assert set(own[status]) == set(content)
        for kind, want in content.items():
            have = own[status][kind]
            assert not [*differences(want["schema"], official, have["schema"], ours, operation.operation_id)]
