"""Every answer of a real Airflow that was recorded fits the document that we serve.

Stricter than the document itself: an answer may not have a member that the document does not name. Where Airflow's own
document says otherwise than its answers, the table of operations flags the field; the recordings decide on the flags.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import jsonschema
import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.test import Client

from mock_airflow.corridor.app import create_app
from mock_airflow.deployment import Deployment

RECORDINGS = Path(__file__).resolve().parents[3] / "fixtures" / "recordings"
FILES = sorted(RECORDINGS.glob("airflow-2*/answers/*.json"))
APIS = {"v1": "/api/v1", "fab": "/auth/fab/v1"}

Document = Mapping[str, Any]


class Recorded(NamedTuple):
    """One recorded answer and what the document says of its operation."""

    step: str
    api: str
    told: Mapping[str, Any]
    answer: Mapping[str, Any]

    @property
    def status(self) -> str:
        return str(self.answer["status"])

    @property
    def content_type(self) -> str:
        kind: str = self.answer["headers"].get("content-type", "")
        return kind


@cache
def document(api: str) -> Document:
    """The document that is served, in JSON Schema's words."""
    found: Document = json.loads(Client(Deployment().wsgi).get(f"{APIS[api]}/openapi.json").data)
    in_json_schema: Document = as_json_schema(found)
    return in_json_schema


def as_json_schema(value: Any) -> Any:
    """OpenAPI 3.0 in the words of JSON Schema: ``nullable`` becomes a type, and nothing unnamed may be added."""
    if isinstance(value, list):
        return [as_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    told = {key: as_json_schema(item) for key, item in value.items()}
    if isinstance(told.get("properties"), dict) and told.get("type") == "object":
        told.setdefault("additionalProperties", False)
    if told.pop("nullable", False) is True:
        if isinstance(told.get("type"), str):
            told["type"] = [told["type"], "null"]
        if isinstance(told.get("anyOf"), list):
            told["anyOf"] = [*told["anyOf"], {"type": "null"}]
        if isinstance(told.get("enum"), list):
            told["enum"] = list(dict.fromkeys([*told["enum"], None]))
    return told


@cache
def answers(file: Path) -> tuple[Recorded, ...]:
    """The answers of a file that one of our operations would have given."""
    return tuple(_answers(file))


def _answers(file: Path) -> Iterator[Recorded]:
    routes = create_app().routes.url_map.bind("localhost")
    for step in json.loads(file.read_text("utf-8"))["steps"]:
        sent = step["sent"]
        path = unquote(sent["path"].partition("?")[0])
        try:
            endpoint, _ = routes.match(path, "GET" if sent["method"] == "HEAD" else sent["method"])
        except HTTPException:
            continue
        api, _, operation_id = endpoint.partition(".")
        if api in APIS and sent["method"] != "OPTIONS":
            for item in document(api)["paths"].values():
                for told in item.values():
                    if told["operationId"] == operation_id:
                        yield Recorded(f"{file.stem} {step['id']} {operation_id}", api, told, step)


def referred(schema: Mapping[str, Any], api: str) -> Mapping[str, Any]:
    """What a reference refers to, or the schema itself."""
    found: Any = schema
    while "$ref" in found:
        name, found = found["$ref"], document(api)
        for part in name.removeprefix("#/").split("/"):
            found = found[part]
    return found  # type: ignore[no-any-return]


def complaint(recorded: Recorded) -> str | None:
    """Why an answer does not fit the document, or None."""
    told = recorded.told["responses"].get(recorded.status)
    if told is None:
        return f"{recorded.status} is not in the document"
    content = referred(told, recorded.api).get("content", {})
    if not content or "json" not in recorded.answer:
        known = not content or recorded.content_type in content or "text" not in recorded.answer
        return None if known else f"{recorded.content_type} is not in the document"
    kind = recorded.content_type
    if kind not in content:
        return f"{kind} is not in the document"
    return misfit(recorded.api, json.dumps(content[kind]["schema"]), json.dumps(recorded.answer["json"]))


@cache
def misfit(api: str, schema: str, answer: str) -> str | None:
    """Why a value does not fit, or None; both as JSON, as two of three answers are equal to another one."""
    whole = {**json.loads(schema), "components": document(api)["components"]}
    error = jsonschema.exceptions.best_match(jsonschema.Draft7Validator(whole).iter_errors(json.loads(answer)))
    return f"{error.json_path}: {error.message[:200]}" if error is not None else None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_answers_fit_the_document(file: Path) -> None:
    found = {recorded.step: why for recorded in answers(file) if (why := complaint(recorded)) is not None}

    assert not found


def members(value: Any, schema: Mapping[str, Any], api: str) -> Iterator[tuple[str, str]]:
    """Component and name of every member that an answer has, as deep as the document follows it."""
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = referred(schema, api)
    if isinstance(value, list):
        for item in value:
            yield from members(item, schema.get("items", {}), api)
    elif isinstance(value, dict):
        for form in schema.get("anyOf", ()):
            whole = {**form, "components": document(api)["components"]}
            if jsonschema.Draft7Validator(whole).is_valid(value):
                yield from members(value, form, api)
        for key, member in value.items():
            yield name, key
            yield from members(member, schema.get("properties", {}).get(key, {}), api)


def test_flags_say_what_the_recordings_say() -> None:
    """A field that only answers have was seen in one, and one that only Airflow's document has in none."""
    seen = {
        member
        for file in FILES
        for recorded in answers(file)
        if recorded.status == "200" and "json" in recorded.answer
        for content in [recorded.told["responses"]["200"].get("content", {}).get("application/json")]
        if content
        for member in members(recorded.answer["json"], content["schema"], recorded.api)
    }
    answered = {name for name, _ in seen}  # not those of bodies
    flagged = {
        flag: {
            (name, field)
            for name, schema in document("v1")["components"]["schemas"].items()
            if name in answered
            for field in schema.get(flag, ())
        }
        for flag in ("x-undocumented", "x-never-answered")
    }

    assert flagged["x-undocumented"]  # the flags are read
    assert not flagged["x-undocumented"] - seen
    assert not flagged["x-never-answered"] & seen
