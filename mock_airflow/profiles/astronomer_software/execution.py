"""A GraphQL request as Apollo's server takes it: parsed, checked and carried out by graphql-core.

Imported with the first such request, since graphql-core takes tens of milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationType,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from mock_airflow.profiles.astronomer_software.problems import HoustonProblem
from mock_airflow.profiles.astronomer_software.resolvers import Root
from mock_airflow.profiles.astronomer_software.schema import SCHEMA

if TYPE_CHECKING:
    from mock_airflow.access.site import Site
    from mock_airflow.profiles.astronomer_software.identity import HoustonActor

_MOST_TOKENS = 10_000  # of a document; a longer or deeper one is no query that a person or a tool wrote
_DEEPEST = 30  # levels; an introspection query has about 13


class Carried(NamedTuple):
    """What a document came to: its answer, the first refusal in it, and a login that was made."""

    status: int
    told: dict[str, Any]
    problem: HoustonProblem | None
    token: str | None


@cache
def _schema() -> GraphQLSchema:
    return build_schema(SCHEMA)


def carry_out(
    deployment: Site, actor: HoustonActor | None, url: str, request: Any, *, reading: bool = False
) -> Carried:
    """Parse, check and carry out one request: its ``query``, ``variables`` and ``operationName``.

    What goes wrong before anything was carried out is a 400 (code: Apollo's server). ``reading`` allows no mutation.
    """
    query = request.get("query") if isinstance(request, Mapping) else None
    if not isinstance(query, str) or not query.strip():
        return Carried(400, _errors([GraphQLError("Must provide query string.")], "BAD_REQUEST"), None, None)
    variables, name = request.get("variables"), request.get("operationName")
    if not isinstance(variables, (dict, type(None))) or not isinstance(name, (str, type(None))):
        return Carried(400, _errors([GraphQLError("Variables are an object.")], "BAD_USER_INPUT"), None, None)
    try:
        document = parse(query, max_tokens=_MOST_TOKENS)
    except GraphQLError as error:
        return Carried(400, _errors([error], "GRAPHQL_PARSE_FAILED"), None, None)
    except RecursionError:
        return Carried(400, _errors([GraphQLError("The document is too deep.")], "GRAPHQL_PARSE_FAILED"), None, None)
    if _depth(query) > _DEEPEST:
        said = f"The document is nested deeper than {_DEEPEST} levels."
        return Carried(400, _errors([GraphQLError(said)], "GRAPHQL_VALIDATION_FAILED"), None, None)
    wrong = validate(_schema(), document)
    if wrong:
        return Carried(400, _errors(wrong, "GRAPHQL_VALIDATION_FAILED"), None, None)
    operation = get_operation_ast(document, name)
    if reading and (operation is None or operation.operation is not OperationType.QUERY):
        return Carried(405, _errors([GraphQLError("GET supports only query operation")], "BAD_REQUEST"), None, None)
    root = Root(deployment, actor, url)
    result = execute_sync(
        _schema(),
        document,
        root_value=root,
        variable_values=variables,
        operation_name=name,
        field_resolver=_resolve,
    )
    errors = result.errors or []
    if not errors:
        return Carried(200, {"data": result.data}, None, root.token)
    begun = result.data is not None or any(error.path for error in errors)
    told = _errors(errors, "BAD_USER_INPUT")
    if begun:
        told["data"] = result.data
    problems = [error.original_error for error in errors if isinstance(error.original_error, HoustonProblem)]
    return Carried(200 if begun else 400, told, problems[0] if problems else None, root.token)


def _errors(errors: list[GraphQLError], code: str) -> dict[str, Any]:
    told = []
    for error in errors:
        problem = error.original_error
        if problem is not None and not isinstance(problem, HoustonProblem) and not isinstance(problem, GraphQLError):
            raise problem  # a fault of ours
        # The library says as the one that Apollo's server uses, but for its quotation marks.
        message = error.message if problem is not None else re.sub(r"'([^']*)'", r'"\1"', error.message)
        said: dict[str, Any] = {"message": message}
        if error.locations:
            said["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
        if error.path:
            said["path"] = error.path
        said["extensions"] = {"code": problem.code if isinstance(problem, HoustonProblem) else code}
        told.append(said)
    return {"errors": told}


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    """A field of the root is a method of its name in Python's spelling; any other is the value of that name."""
    if isinstance(source, Root):
        return getattr(source, _spelled(info.field_name))(**{_spelled(key): value for key, value in arguments.items()})
    value = source.get(info.field_name)
    return value() if callable(value) else value


def _depth(query: str) -> int:
    """How deep braces are nested; those in texts and comments count too, which no harm comes from."""
    depth = deepest = 0
    for each in query:
        if each == "{":
            depth += 1
            deepest = max(deepest, depth)
        elif each == "}":
            depth -= 1
    return deepest


def _spelled(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
