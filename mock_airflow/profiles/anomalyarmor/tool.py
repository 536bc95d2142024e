"""What a tool of the MCP server is: a name, arguments, and which of the API's operations it calls with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_airflow.answers import RaisedAnswer
from mock_airflow.profiles.anomalyarmor.api import API
from mock_airflow.profiles.anomalyarmor.declared import KINDS, declared


class Use(NamedTuple):
    """Which operation a tool calls, and with what."""

    operation_id: str
    path: Mapping[str, str] = {}
    query: Mapping[str, Any] = {}
    body: Mapping[str, Any] | None = None


Given = Mapping[str, Any]


class ToolProblem(RaisedAnswer):
    """Arguments that make no sense; the sentence goes to the model."""


class Tool(NamedTuple):
    """One tool. ``arguments`` are declared as the fields of a body are; ``effect`` is reads, writes or destroys."""

    name: str
    description: str
    use: Callable[[Given], Use]
    arguments: str = ""
    effect: str = "reads"

    def told(self) -> dict[str, Any]:
        """The tool as ``tools/list`` shows it."""
        hints = {"readOnlyHint": self.effect == "reads"}
        if self.effect != "writes":
            hints["idempotentHint" if self.effect == "reads" else "destructiveHint"] = True
        arguments = declared(self.arguments)
        schema = {
            "type": "object",
            "properties": {one.name: KINDS[one.kind].schema for one in arguments},
            "required": [one.name for one in arguments if one.required],
            "additionalProperties": False,
        }
        return {"name": self.name, "description": self.description, "inputSchema": schema, "annotations": hints}

    def checked(self, given: Any) -> Given:
        """The arguments. Raises ToolProblem for one that is missing, unknown, or of a wrong type."""
        if not isinstance(given, dict):
            raise ToolProblem("The arguments must be an object.")
        known = {one.name: one for one in declared(self.arguments)}
        for name, one in known.items():
            if one.required and given.get(name) is None:
                raise ToolProblem(f"The argument {name} is missing.")
        for name, value in given.items():
            if name not in known:
                raise ToolProblem(f"There is no argument {name}.")
            if value is not None and not known[name].fits(value):
                raise ToolProblem(f"The argument {name} must be of the type {known[name].kind}.")
        return {name: value for name, value in given.items() if value is not None}


def without(given: Given, *names: str) -> dict[str, Any]:
    """The other arguments."""
    return {name: value for name, value in given.items() if name not in names}


def calling(operation_id: str, given: Given) -> Use:
    """The call of an operation: some arguments go into its path, the others into its query or its body."""
    operation = API.operations[operation_id]
    path = {name: given[name] for name in operation.path_names}
    rest = without(given, *path)
    takes_body = operation.method in ("POST", "PUT", "PATCH")
    return Use(operation_id, path, body=rest) if takes_body else Use(operation_id, path, rest)


def choosing(argument: str, calls: Mapping[str, str], given: Given) -> Use:
    """The call of the operation that an argument chooses; after its id may stand the only arguments that it takes."""
    word = given.get(argument, next(iter(calls)))
    if word not in calls:
        raise ToolProblem(f"{argument} must be one of {', '.join(calls)}.")
    operation_id, *only = calls[word].split()
    try:
        return calling(operation_id, {name: given[name] for name in only} if only else without(given, argument))
    except KeyError as error:
        raise ToolProblem(f"The argument {error.args[0]} is required for {argument} {word}.") from None
