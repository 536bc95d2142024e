"""What a tool of the MCP server is: a name, arguments, and which of the API's operations it calls with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Use(NamedTuple):
    """Which operation a tool calls, and with what."""

    operation_id: str
    path: Mapping[str, str] = {}
    query: Mapping[str, Any] = {}
    body: Mapping[str, Any] | None = None


Given = Mapping[str, Any]


class ToolProblem(Exception):
    """Arguments that make no sense; the sentence goes to the model."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool. ``required`` and ``optional`` are arguments by type."""

    name: str
    description: str
    use: Callable[[Given], Use]
    required: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    reads: bool = True
    destroys: bool = False

    def told(self) -> dict[str, Any]:
        """The tool as ``tools/list`` tells it."""
        hints: dict[str, Any] = {"readOnlyHint": self.reads}
        if self.reads:
            hints["idempotentHint"] = True
        if self.destroys:
            hints["destructiveHint"] = True
        return {
            "name": self.name,
            "description": self.description,
            "inputSchema": {
                "type": "object",
                "properties": {name: _SCHEMAS[kind] for name, kind in {**self.required, **self.optional}.items()},
                "required": list(self.required),
                "additionalProperties": False,
            },
            "annotations": hints,
        }

    def checked(self, given: Any) -> Given:
        """The arguments. Raises ToolProblem for one that is missing, unknown, or of a wrong type."""
        if not isinstance(given, dict):
            raise ToolProblem("The arguments must be an object.")
        known = {**self.required, **self.optional}
        for name in self.required:
            if given.get(name) is None:
                raise ToolProblem(f"The argument {name} is missing.")
        for name, value in given.items():
            if name not in known:
                raise ToolProblem(f"There is no argument {name}.")
            if value is not None and not _fits(known[name], value):
                raise ToolProblem(f"The argument {name} must be of the type {known[name]}.")
        return {name: value for name, value in given.items() if value is not None}


_SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "flag": {"type": "boolean"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "object": {"type": "object"},
}


def _fits(kind: str, value: Any) -> bool:
    if kind == "flag":
        return isinstance(value, bool)
    if kind in ("whole", "number"):
        return isinstance(value, int if kind == "whole" else (int, float)) and not isinstance(value, bool)
    if kind == "texts":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, dict if kind == "object" else str)


TOOLS: dict[str, Tool] = {}


def tool(
    name: str,
    description: str,
    use: Callable[[Given], Use],
    required: str = "",
    optional: str = "",
    *,
    reads: bool = True,
    destroys: bool = False,
) -> None:
    """Declare a tool; arguments are written ``name`` or ``name:type``, with spaces between."""

    def arguments(text: str) -> dict[str, str]:
        return {part.partition(":")[0]: part.partition(":")[2] or "text" for part in text.split()}

    TOOLS[name] = Tool(
        name=name,
        description=description,
        use=use,
        required=arguments(required),
        optional=arguments(optional),
        reads=reads,
        destroys=destroys,
    )


def without(given: Given, *names: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in names}


def calling(operation_id: str, *in_path: str, body: bool = False) -> Callable[[Given], Use]:
    """A tool of one operation: some arguments go into its path, the others into its query or its body."""

    def use(given: Given) -> Use:
        rest = without(given, *in_path)
        path = {name: given[name] for name in in_path}
        return Use(operation_id, path, body=rest) if body else Use(operation_id, path, rest)

    return use


def chosen_by(argument: str, uses: Mapping[str, Callable[[Given], Use]], *needed: str) -> Callable[[Given], Use]:
    """A tool whose argument says which operation is meant."""

    def use(given: Given) -> Use:
        word = given.get(argument, next(iter(uses)))
        if word not in uses:
            raise ToolProblem(f"{argument} must be one of {', '.join(uses)}.")
        rest = without(given, argument)
        try:
            return uses[word](rest)
        except KeyError as error:
            raise ToolProblem(f"The argument {error.args[0]} is required for {argument} {word}.") from None

    return use


def of_asset(word: str, operation_id: str, *, body: bool = False, limit: bool = False) -> Callable[[Given], Use]:
    """A tool's use that names a check of an asset; only some take more than its ids."""

    def use(given: Given) -> Use:
        path = {"asset_id": given["asset_id"], word: given[word]}
        rest = without(given, "asset_id", word, "limit")
        if limit and "limit" in given:
            return Use(operation_id, path, {"limit": given["limit"]})
        return Use(operation_id, path, body=rest) if body else Use(operation_id, path)

    return use
