"""The OpenAPI document of an API, made from its table of operations and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_airflow.answers import HTML, JSON
from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.problems import PROBLEM_JSON
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.api import Api
from mock_airflow.api.openapi.schemas import Components
from mock_airflow.api.operation import Operation

_ERROR = Schema(
    "Error",
    Field("type", description="What kind of error this is; about:blank for those of the router."),
    Field("title", nullable=True),
    Field("status", "integer"),
    Field("detail", nullable=True),
    required=("type", "title", "status", "detail"),
)
_PATH_TOLD = {
    "dag_id": "The DAG; a list also takes ~ for all DAGs.",
    "dag_run_id": "The run; a list also takes ~ for all runs.",
    "task_id": "The task; a list of XComs also takes ~ for all tasks.",
    "map_index": "Which instance of a mapped task, from 0.",
    "task_try_number": "Which try, from 1.",
    "xcom_key": "The XCom's key; slashes are part of it.",
    "variable_key": "The variable's key; slashes are part of it.",
    "uri": "The dataset's URI; slashes are part of it, encoded or not.",
    "file_token": "What a DAG's or import error's answer says of its file.",
    "connection_id": "The connection.",
    "pool_name": "The pool.",
    "role_name": "The role.",
    "username": "The user's name, with which one logs in.",
    "event_log_id": "The event log's entry.",
    "import_error_id": "The import error.",
    "section": "The section of the configuration.",
    "option": "The option's name.",
    "id": "The key's number, or its first eight characters.",
}
_CONVERTED: dict[str, dict[str, Any]] = {
    "int": {"type": "integer"},
    "path": {"type": "string", "format": "path"},
}


def _refusal(description: str, *media: str) -> dict[str, Any]:
    error = {"$ref": "#/components/schemas/Error"}
    content = {kind: {"schema": error if kind == PROBLEM_JSON else {"type": "string"}} for kind in media}
    return {"description": description, "content": content}


# By status: the name that Airflow gives it, and what it says. A vendor's gate may word its own.
_REFUSALS: dict[str, tuple[str, dict[str, Any]]] = {
    "400": ("BadRequest", _refusal("The body or a query parameter is not what it should be.", PROBLEM_JSON)),
    "401": ("Unauthenticated", _refusal("No valid credential, where the public may do nothing.", PROBLEM_JSON)),
    "403": (
        "PermissionDenied",
        _refusal("The permission is missing, or the feature is switched off.", PROBLEM_JSON, HTML),
    ),
    "404": ("NotFound", _refusal("There is no such thing.", PROBLEM_JSON)),
    "406": ("NotAcceptable", _refusal("The Accept header takes nothing that there is.", PROBLEM_JSON, HTML)),
    "409": ("AlreadyExists", _refusal("It exists already, or is in use.", PROBLEM_JSON)),
    "415": ("UnsupportedMediaType", _refusal("The body is not sent as JSON.", PROBLEM_JSON)),
    "429": ("TooManyRequests", _refusal("The limit that was set for this server is exceeded.", PROBLEM_JSON)),
    "500": (
        "Unknown",
        _refusal(
            "A real Airflow fails here, so this does too while airflow_bugs is on.", PROBLEM_JSON, HTML, "text/html"
        ),
    ),
}
_BY_THE_GATE = (
    "RefusedByTheGate",
    _refusal(
        "No valid credential: the gate before it refuses, in its own words.", JSON, PROBLEM_JSON, HTML, "text/html"
    ),
)


def document(
    api: Api,
    *,
    title: str,
    version: str,
    server: str,
    security: Mapping[str, Mapping[str, Any]],
    all_secured: bool = False,
) -> dict[str, Any]:
    """The document of ``api`` in OpenAPI 3.0.3.

    ``security`` holds the security schemes, each of which suffices; with ``all_secured`` even operations that are open
    to everybody need one, as behind a vendor's gate.
    """
    components = Components()
    components.refer(_ERROR)
    paths: dict[str, dict[str, Any]] = {}
    for operation in api:
        told = _operation(operation, components, gated=all_secured)
        if operation.access is None and not all_secured:
            told["security"] = []
        paths.setdefault(operation.path, {})[operation.method.lower()] = told
    return {
        "openapi": "3.0.3",
        "info": {
            "title": title,
            "version": version,
            "description": "Made by mock-airflow, an emulator, from the operations that it serves.",
        },
        "servers": [{"url": server}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in api)],
        "paths": paths,
        "security": [{name: []} for name in security],
        "components": {
            "schemas": components.schemas,
            "responses": dict(_REFUSALS.values()) | (dict([_BY_THE_GATE]) if all_secured else {}),
            "securitySchemes": {name: dict(scheme) for name, scheme in security.items()},
        },
    }


def _operation(operation: Operation, components: Components, *, gated: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.operation_id,
        "summary": operation.summary.removesuffix(".").replace("``", "`"),
        "tags": [operation.tag],
        "x-permissions": permissions(operation),
    }
    parameters = [_in_path(name, operation) for name in operation.path_names]
    parameters += [_in_query(query) for query in operation.query.values()]
    if parameters:
        told["parameters"] = parameters
    if operation.body is not None:
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": components.refer(operation.body)}}}
    told["responses"] = {
        str(operation.success): _success(operation, components),
        **{status: {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"} for status in refusals(operation)},
    }
    if gated:
        told["responses"]["401"] = {"$ref": f"#/components/responses/{_BY_THE_GATE[0]}"}
        told["responses"].setdefault("429", {"$ref": f"#/components/responses/{_REFUSALS['429'][0]}"})
    return told


def permissions(operation: Operation) -> list[str]:
    """Every permission that an operation demands."""
    return [str(each) for each in operation.access.needed()] if operation.access else []


def refusals(operation: Operation) -> list[str]:
    """The statuses of the refusals that an operation knows."""
    known = {
        "400": operation.strict or operation.body is not None,
        "401": operation.access is not None,
        "403": operation.access is not None,
        "404": bool(operation.path_names or operation.body or operation.query),
        "406": len(operation.media) > 1,
        "409": operation.conflicts,
        "415": operation.body is not None,
        "429": operation.access is not None,
        "500": operation.access is not None,
    }
    return [status for status, possible in known.items() if possible]


def _in_path(name: str, operation: Operation) -> dict[str, Any]:
    schema = _CONVERTED.get(operation.converters.get(name, ""), {"type": "string"})
    return {"name": name, "in": "path", "required": True, "description": _PATH_TOLD.get(name, ""), "schema": schema}


def _in_query(query: Query) -> dict[str, Any]:
    told: dict[str, Any] = {"name": query.name, "in": "query", "required": query.required, "schema": query.schema()}
    if query.description:
        told["description"] = query.description
    if query.type == "array":
        told |= {"style": "form", "explode": query.explode}
    return told


def _success(operation: Operation, components: Components) -> dict[str, Any]:
    answer, other = operation.answer, operation.or_answer
    told: dict[str, Any] = {"description": "Done." if answer is None else "The answer."}
    if answer is None:
        return told
    assert isinstance(answer, Schema)
    if operation.listed is not None:
        schema = components.refer_to_list(answer, operation.listed)
    else:
        schema = components.refer(answer)
    if isinstance(other, Schema):
        schema = {"anyOf": [schema, components.refer(other)]}
    told["content"] = {kind: {"schema": schema if kind == JSON else {"type": "string"}} for kind in operation.media}
    return told
