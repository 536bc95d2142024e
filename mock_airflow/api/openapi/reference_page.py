"""The reference page of an API, for people: its document as one page that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_airflow.answers import JSON

if TYPE_CHECKING:
    from jinja2 import Template

_DEEPEST = 4
_NOTES = (
    ("nullable", "may be null"),
    ("readOnly", "read-only"),
    ("writeOnly", "never answered"),
    ("deprecated", "deprecated"),
)
_BOUNDS = (
    ("default", "default"),
    ("minimum", "at least"),
    ("minItems", "items at least"),
    ("minLength", "characters at least"),
    ("pattern", "like"),
)


class ReferenceRow(NamedTuple):
    """One line of a table of parameters or fields; ``depth`` is how deep the field stands inside of others."""

    name: str
    depth: int
    kind: str
    notes: tuple[str, ...]
    told: str


class ReferenceEntry(NamedTuple):
    """One operation on the page. ``answers`` are the forms that its answer may have."""

    anchor: str
    method: str
    path: str
    summary: str
    permissions: tuple[str, ...]
    parameters: tuple[ReferenceRow, ...]
    body: tuple[ReferenceRow, ...]
    answers: tuple[tuple[ReferenceRow, ...], ...]
    media: tuple[str, ...]
    statuses: tuple[tuple[str, str], ...]


def reference_page(document: Mapping[str, Any]) -> str:
    """The page of a document: operations by tag, with permission, parameters, body, answer and refusals."""
    groups: dict[str, list[ReferenceEntry]] = {tag["name"]: [] for tag in document.get("tags", ())}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(reference_entry(method, path, operation, document))
    return _template().render(
        info=document["info"],
        server=document.get("servers", [{"url": ""}])[0]["url"],
        groups=groups,
        count=sum(map(len, groups.values())),
    )


@cache
def _template() -> Template:
    from jinja2 import Environment

    text = files("mock_airflow.api.openapi").joinpath("reference_page.html").read_text("utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text)


def reference_entry(
    method: str, path: str, operation: Mapping[str, Any], document: Mapping[str, Any]
) -> ReferenceEntry:
    """What a document tells of one operation, in rows for people."""
    success, *refusals = operation["responses"].items()
    content = success[1].get("content", {})
    answer = content[JSON]["schema"] if JSON in content else {}
    forms = answer.get("anyOf", [answer])
    body = operation.get("requestBody")
    return ReferenceEntry(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        permissions=tuple(operation["x-permissions"]),
        parameters=tuple(_parameter(each, document) for each in operation.get("parameters", ())),
        body=_rows(next(iter(body["content"].values()))["schema"], document) if body else (),
        answers=tuple(rows for form in forms if (rows := _rows(form, document))),
        media=tuple(content),
        statuses=tuple((status, _found(told, document)["description"]) for status, told in (success, *refusals)),
    )


def _found(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference refers to, or the thing itself; what is something or null (OpenAPI 3.1) as what may be null."""
    if "$ref" not in schema:
        forms = [form for form in schema.get("anyOf", ()) if form != {"type": "null"}]
        if len(forms) != 1:
            return schema
        return {**_found(forms[0], document), **{k: v for k, v in schema.items() if k != "anyOf"}, "nullable": True}
    found: Mapping[str, Any] = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return _found(found, document)


def _parameter(told: Mapping[str, Any], document: Mapping[str, Any]) -> ReferenceRow:
    schema = _found(told["schema"], document)
    notes = [
        f"in the {told['in']}",
        *(["required"] if told["in"] == "query" and told["required"] else []),
        *_notes(schema),
    ]
    return ReferenceRow(told["name"], 0, _kind(schema), tuple(notes), told.get("description", ""))


def _rows(schema: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[ReferenceRow, ...]:
    return tuple(_fields(_found(schema, document), document, 0))


def _fields(schema: Mapping[str, Any], document: Mapping[str, Any], depth: int) -> Iterator[ReferenceRow]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        found = _found(field, document)
        inner = _found(found.get("items", found), document)
        notes = ["required"] if name in required else []
        notes += _notes(found)
        if name in schema.get("x-undocumented", ()):
            notes.append("not in Airflow's own document")
        if name in schema.get("x-never-answered", ()):
            notes.append("in Airflow's document only")
        yield ReferenceRow(name, depth, _kind(found, inner), tuple(notes), found.get("description", ""))
        if depth < _DEEPEST:
            for form in (inner, *(_found(one, document) for one in inner.get("anyOf", ()))):
                yield from _fields(form, document, depth + 1)


def _kind(schema: Mapping[str, Any], items: Mapping[str, Any] | None = None) -> str:
    kind: str = schema.get("type", "object" if "anyOf" in schema else "any")
    if kind == "array":
        inner = items or schema.get("items", {})
        return f"array of {inner.get('type', 'anything')}s" if inner.get("type") else "array"
    return f"{kind}, {schema['format']}" if schema.get("format") else kind


def _notes(schema: Mapping[str, Any]) -> list[str]:
    notes = [note for key, note in _NOTES if schema.get(key)]
    notes += [
        f"{note} {schema[key]}".replace("True", "true").replace("False", "false")
        for key, note in _BOUNDS
        if key in schema
    ]
    if "enum" in schema:
        notes.append("one of " + ", ".join("null" if value is None else str(value) for value in schema["enum"]))
    return notes
