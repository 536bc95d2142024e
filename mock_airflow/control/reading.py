"""Reading what the control API is sent, and saying in a sentence what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.api.airflow2.schema import PYTHON_TYPES, Field, Schema, parse_datetime
from mock_airflow.control.call import ControlCall
from mock_airflow.settings.spelling import hint, nearest

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

_KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
}
_TIME = "a time such as 2025-01-01T06:00:00Z"


def read_body(schema: Schema, request: Request) -> Any:
    """The parsed body, each of its members of the type that the schema says. Raises Problem (400 or 415)."""
    data = request.get_data(cache=True)
    if not data.strip():
        raise refused(f"The body is empty; send {_example(schema)}.")
    if not request.is_json:
        sent = request.headers.get("Content-Type")
        said = f"The body comes with the content type {sent!r}" if sent else "The body comes without a content type"
        raise Problem(415, "Unsupported Media Type", f"{said}; send it as application/json.", linked=False)
    try:
        body = json.loads(data)
    except ValueError as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise refused(f"The body is not JSON{where}; send {_example(schema)}.") from None
    except RecursionError:
        raise refused("The body is nested too deep to be read.") from None
    return checked(schema, body)


def checked(schema: Schema, body: Any) -> Any:
    """A parsed body, if each of its members is of the type that the schema says. Raises Problem."""
    if not isinstance(body, dict):
        raise refused(f"The body is {_kind(body)}; send {_example(schema)}.")
    for name in schema.required:
        if name not in body:
            near = nearest(name, body.keys() - schema.fields.keys())
            raise refused(
                f"There is no member {near!r}; did you mean {name!r}?" if near else f"The body lacks {name!r}."
            )
    for name, field in schema.fields.items():
        if name in body:
            _see_that_it_fits(field, body[name], f"{name!r}")
    return body


def values_of(call: ControlCall) -> dict[str, Any]:
    """The members of the body, with its times read. Raises Problem for one that the operation does not have."""
    schema = call.operation.body_schema
    for name in call.body:
        if name not in schema.fields:
            raise refused(f"There is no member {name!r}; {hint(name, schema.fields, 'it may have')}")
    return call.load()


def read_query(declared: Mapping[str, Query], sent: Mapping[str, list[str]]) -> dict[str, Any]:
    """The values of the query's parameters. Raises Problem."""
    for name in sent:
        if name not in declared:
            way_out = hint(name, declared, "there are") if declared else "this operation has none."
            raise refused(f"There is no query parameter {name!r}; {way_out}")
    values: dict[str, Any] = {}
    for name, parameter in declared.items():
        if name in sent:
            try:
                values[name] = parameter.read(sent[name])
            except Problem:
                expected = _TIME if parameter.format == "date-time" else _KINDS[parameter.type]
                least = f" from {parameter.minimum} on" if parameter.minimum is not None else ""
                raise refused(
                    f"The query parameter {name!r} must be {expected}{least}, not {sent[name][-1]!r}."
                ) from None
        elif parameter.default is not None:
            values[name] = parameter.default
    return values


def _see_that_it_fits(field: Field, value: Any, name: str) -> None:
    if value is None and field.nullable:
        return
    if not PYTHON_TYPES[field.type](value):
        raise refused(f"{name} must be {_KINDS[field.type]}, not {_kind(value)}.")
    if field.enum is not None and value not in field.enum:
        near = nearest(value, map(str, field.enum))
        meant = f"; did you mean {near!r}?" if near is not None else "."
        raise refused(f"{name} must be one of {', '.join(map(str, field.enum))}, not {value!r}{meant}")
    if field.format == "date-time" and parse_datetime(value) is None:
        raise refused(f"{name} must be {_TIME}, not {value!r}.")
    if field.minimum is not None and not value >= field.minimum:
        raise refused(f"{name} must be {_KINDS[field.type]} from {field.minimum} on, not {value}.")


def _kind(value: Any) -> str:
    """What a value is, without telling a text, which may be a secret."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return f"the number {value}"
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"


def _example(schema: Schema) -> str:
    names = schema.required or tuple(schema.fields)[:1]
    return f"a JSON object with {', '.join(map(repr, names))}" if names else "a JSON object"


def refused(sentence: str) -> Problem:
    """A 400 of our own: nothing in Airflow's reference tells of it."""
    return Problem(400, "Bad Request", sentence, linked=False)


def not_found(sentence: object) -> Problem:
    """A 404 of our own."""
    return Problem(404, "Not Found", str(sentence), linked=False)


def number_of(call: ControlCall, name: str, what: str) -> int:
    """The number that a path names something by; ``what`` that is. Raises Problem."""
    text: str = call.path[name]
    if not (text.isascii() and text.isdigit()):
        raise not_found(f"There is no {what} {text!r}; a {what} is named by a number.")
    return int(text)
