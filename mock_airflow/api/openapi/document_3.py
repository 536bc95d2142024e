"""The OpenAPI document of an API of Airflow 3, made from its table of operations and from the models of its bodies.

It is laid out as FastAPI lays out a real one's: OpenAPI 3.1, schemas by pydantic, null as a form beside the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from mock_airflow.answers import JSON
from mock_airflow.api.airflow3.parameters import Parameter, path_parameter
from mock_airflow.api.api import Api
from mock_airflow.api.openapi.document import permissions
from mock_airflow.api.openapi.errors_3 import HTTPExceptionResponse, HTTPValidationError
from mock_airflow.api.operation import Operation
from mock_airflow.api.v2 import answers

_REFERENCE = "#/components/schemas/{model}"
_STATUSES = {
    307: "Temporary Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    406: "Not Acceptable",
    409: "Conflict",
    415: "Unsupported Media Type",
    422: "Validation Error",
    429: "Too Many Requests",
    503: "Service Unavailable",
}


class _Schemas:
    """The schemas of a document: each is asked for by its type, and all are made at once."""

    def __init__(self) -> None:
        self._adapters: dict[Any, TypeAdapter[Any]] = {}
        self._made: Mapping[Any, Any] = {}
        self.components: dict[str, Any] = {}

    def want(self, kind: Any) -> Any:
        """Have the type among them; gives the key that finds it."""
        key = repr(kind) if isinstance(kind, str) else kind
        if key not in self._adapters:
            self._adapters[key] = TypeAdapter(answers.named(kind) if isinstance(kind, str) else kind)
        return key

    def make(self) -> None:
        """Make them."""
        keys = [*self._adapters]
        asked: Any = [(str(number), "validation", self._adapters[key]) for number, key in enumerate(keys)]
        made, whole = TypeAdapter.json_schemas(asked, ref_template=_REFERENCE)
        self._made = {key: _without_null(made[str(number), "validation"]) for number, key in enumerate(keys)}
        self.components = _without_null(dict(sorted(whole.get("$defs", {}).items())))

    def __getitem__(self, key: Any) -> Any:
        return dict(self._made[key])


def _without_null(schema: Any) -> Any:
    """A schema without defaults that are null, which FastAPI leaves out."""
    if isinstance(schema, dict):
        return {key: _without_null(value) for key, value in schema.items() if not (key == "default" and value is None)}
    return [_without_null(each) for each in schema] if isinstance(schema, list) else schema


def document_3(
    api: Api,
    *,
    title: str,
    version: str,
    root: str,
    security: Mapping[str, Mapping[str, Any]],
    gated: bool = False,
) -> dict[str, Any]:
    """The document of ``api`` in OpenAPI 3.1.

    ``root`` is the path below which the API lies, ``security`` holds the security schemes, each of which suffices;
    ``gated`` tells that a vendor's gate demands one for every operation.
    """
    schemas = _Schemas()
    refusal, invalid = schemas.want(HTTPExceptionResponse), schemas.want(HTTPValidationError)
    for operation in api:
        for kind in _kinds(operation):
            schemas.want(kind)
    schemas.make()
    errors = {"refusal": schemas[refusal], "invalid": schemas[invalid]}
    paths: dict[str, dict[str, Any]] = {}
    for operation in api:
        secured = gated or operation.access is not None
        told = _operation(operation, schemas, errors, list(security) if secured else [], gated)
        paths.setdefault(f"{api.prefix}{operation.path}", {})[operation.method.lower()] = told
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "description": "Made by mock-airflow, an emulator, from the operations that it serves.",
            "version": version,
        },
    }
    if root:
        document["servers"] = [{"url": root}]
    return {
        **document,
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {name: dict(scheme) for name, scheme in security.items()},
        },
    }


def _kinds(operation: Operation) -> list[Any]:
    """The types that its document speaks of."""
    kinds = [parameter.shape for parameter in _parameters(operation)]
    kinds += [kind for kind in (operation.body, operation.answer, operation.or_answer) if kind is not None]
    return kinds


def _parameters(operation: Operation) -> list[Parameter]:
    in_path = [path_parameter(name, operation.in_path) for name in operation.path_names]
    return [*in_path, *operation.query.values(), *operation.headers]


def _operation(
    operation: Operation, schemas: _Schemas, errors: Mapping[str, Any], security: Sequence[str], gated: bool
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "tags": [operation.tag],
        "summary": operation.operation_id.replace("_", " ").title(),
        "description": (operation.handler.__doc__ or "").strip().replace("``", "`"),
        "operationId": operation.operation_id,
        "x-permissions": permissions(operation),
    }
    if security:
        told["security"] = [{name: []} for name in security]
    parameters = [_parameter(path_parameter(name, operation.in_path), "path", schemas) for name in operation.path_names]
    parameters += [_parameter(each, "query", schemas) for each in operation.query.values()]
    parameters += [_parameter(each, "header", schemas) for each in operation.headers]
    if parameters:
        told["parameters"] = parameters
    if operation.body is not None:
        schema, optional = schemas[operation.body], getattr(operation.body, "optional", False)
        content = {JSON: {"schema": {"anyOf": [schema, {"type": "null"}]} if optional else schema}}
        told["requestBody"] = {"content": content} if optional else {"required": True, "content": content}
    redirects = operation.success == 307
    told["responses"] = {"200" if redirects else str(operation.success): _success(operation, schemas)}
    missing = (404,) if operation.path_names else ()
    own = missing if operation.refuses is None else operation.refuses
    refused = [
        *own,
        *((307,) if redirects else ()),
        *((401, 403) if security else ()),
        *((429,) if gated else ()),
    ]
    if parameters or operation.body is not None:
        refused.append(400)  # for what handlers and the reader of bodies refuse; a real document tells of some only
    for status in sorted(set(refused)):
        told["responses"][str(status)] = _refusal(status, errors["refusal"])
    if (parameters or operation.body is not None) and 422 not in own:
        told["responses"]["422"] = _refusal(422, errors["invalid"])
    return told


def _refusal(status: int, schema: Any) -> dict[str, Any]:
    return {"description": _STATUSES[status], "content": {JSON: {"schema": schema}}}


def _parameter(parameter: Parameter, place: str, schemas: _Schemas) -> dict[str, Any]:
    schema = schemas[parameter.shape]
    default = parameter.documented if parameter.documented is not None else parameter.default
    if default not in (None, ()) and place != "path":
        schema["default"] = default
    required = place == "path" or parameter.required
    return {"name": parameter.name, "in": place, "required": required, "schema": schema}


def _success(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    told: dict[str, Any] = {"description": "Successful Response"}
    if operation.success == 204:
        return told
    schema: dict[str, Any] = {}
    if operation.answer is not None:
        schema = schemas[schemas.want(operation.answer)]
    if operation.or_answer is not None:
        schema = {"anyOf": [schema, schemas[schemas.want(operation.or_answer)]]}
    told["content"] = {kind: {"schema": schema if kind == JSON else {"type": "string"}} for kind in operation.media}
    return told
