"""Schemas as an OpenAPI document describes them."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.airflow2.schema import Field, Schema

# How the document calls what a field's description calls otherwise.
_KEYWORDS = (
    ("nullable", "nullable"),
    ("read_only", "readOnly"),
    ("write_only", "writeOnly"),
    ("deprecated", "deprecated"),
    ("format", "format"),
    ("minimum", "minimum"),
    ("min_items", "minItems"),
    ("min_length", "minLength"),
    ("pattern", "pattern"),
    ("default", "default"),
    ("description", "description"),
)

TOTAL_ENTRIES = {"type": "integer", "description": "How many there are, whatever the limit and offset."}


class Components:
    """The named schemas of one document: those that something refers to, and what they refer to in turn."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}
        self._described: dict[str, Schema] = {}

    def refer(self, schema: Schema) -> dict[str, Any]:
        """A reference to the schema, which becomes part of the document. Two of one name must be the same."""
        known = self._described.setdefault(schema.name, schema)
        assert known is schema, f"two schemas are called {schema.name}"
        if schema.name not in self.schemas:
            self.schemas[schema.name] = {}  # its place; one that holds itself stops here
            self.schemas[schema.name] = self._object(schema)
        return {"$ref": f"#/components/schemas/{schema.name}"}

    def refer_to_list(self, schema: Schema, list_name: str) -> dict[str, Any]:
        """A reference to a page of such objects under ``list_name``, with ``total_entries``."""
        name = schema.name.removesuffix("Item").removesuffix("Collection") + "Collection"
        item = self.refer(schema)
        self.schemas[name] = {
            "type": "object",
            "properties": {list_name: {"type": "array", "items": item}, "total_entries": TOTAL_ENTRIES},
        }
        return {"$ref": f"#/components/schemas/{name}"}

    def of(self, field: Field) -> dict[str, Any]:
        """The field's schema."""
        told: dict[str, Any]
        if field.schema is not None:
            told = self.refer(field.schema)
        elif len(field.shapes) == 1:
            told = self.refer(field.shapes[0])
        elif field.shapes:
            told = {"anyOf": [self.refer(shape) for shape in field.shapes], **_keywords(field)}
        else:
            told = {} if field.type == "any" else {"type": field.type}
            told |= _keywords(field)
            if field.enum is not None:
                told["enum"] = [*field.enum]
            if field.type == "array":
                told["items"] = self.of(field.items) if field.items else {}
        return told

    def _object(self, schema: Schema) -> dict[str, Any]:
        properties = {name: self.of(field) for name, field in schema.fields.items()}
        told: dict[str, Any] = {"type": "object", "properties": properties}
        if schema.nullable:
            told["nullable"] = True
        if schema.required:
            told["required"] = list(schema.required)
        if schema.more is not None:
            told["additionalProperties"] = self.of(schema.more)
        for flag, key in (("documented", "x-undocumented"), ("answered", "x-never-answered")):
            names = [name for name, field in schema.fields.items() if not getattr(field, flag)]
            if names:
                told[key] = names
        return told


def _keywords(field: Field) -> dict[str, Any]:
    found = ((key, getattr(field, name)) for name, key in _KEYWORDS)
    told = {key: value for key, value in found if value is not None and value != ""}
    return {key: value for key, value in told.items() if value is not False or key == "default"}
