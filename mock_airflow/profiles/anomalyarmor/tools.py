"""The MCP server's tools: each calls operations of the API with what it is given.

``tools.json`` has them. A tool calls the operation of its own name, another that it names, or one of several, which an
argument chooses, as its description then says; what is made otherwise is a function here, of the tool's name. Names and
arguments are those of armor-mcp 0.9.1 (code); the descriptions are our own. A tool that would fail there, since it
calls what the package of 0.6.0 does not have, works here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from importlib import resources
from typing import Any, NamedTuple

from mock_airflow.answers import RaisedAnswer
from mock_airflow.profiles.anomalyarmor.api import API
from mock_airflow.profiles.anomalyarmor.declared import KINDS, declared, defaults

Given = Mapping[str, Any]


class Use(NamedTuple):
    """Which operation a tool calls, and with what: what its path names, and its query or its body."""

    operation_id: str
    given: Mapping[str, Any] = {}


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
        """The arguments and their defaults. Raises ToolProblem for one that is missing, unknown, or of a wrong type."""
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
        return defaults(known.values()) | {name: value for name, value in given.items() if value is not None}


# ------------------------------------------------------------------------------------------- how operations are called


def _without(given: Given, *names: str) -> dict[str, Any]:
    """The other arguments."""
    return {name: value for name, value in given.items() if name not in names}


def _choosing(argument: str, calls: Mapping[str, str], given: Given) -> Use:
    """The call of the operation that an argument chooses; after its id may stand the only arguments that it takes."""
    operation_id, *only = _one_of(calls, argument, given[argument]).split()
    for name in only or API.operations[operation_id].path_names:
        if name not in given:
            raise ToolProblem(f"The argument {name} is required for {argument} {given[argument]}.")
    return Use(operation_id, {name: given[name] for name in only} if only else _without(given, argument))


def _one_of(choices: Mapping[str, str], argument: str, word: str) -> str:
    if word not in choices:
        raise ToolProblem(f"{argument} must be one of {', '.join(choices)}.")
    return choices[word]


# --------------------------------------------------------------------------------------------------- what is made here

_MOVES = {"acknowledged": "acknowledge", "resolved": "resolve", "dismissed": "dismiss", "snoozed": "snooze"}
_CONFIGURED = {"slack": "channel_name", "webhook": "webhook_url", "email": "email"}
_SIDES = {"table_path": "table", "column_name": "column"}
_MADE: dict[str, Callable[[Given], Use]] = {}


def _made(use: Callable[[Given], Use]) -> Callable[[Given], Use]:
    _MADE[use.__name__] = use
    return use


@_made
def check_freshness(given: Given) -> Use:
    """All of an asset's tables, or those that are stale."""
    stale = {"status": "stale"} if given.get("stale_only") else {}
    return Use("list_freshness", {"asset_id": given["asset_id"], "limit": 100, **stale})


@_made
def setup_freshness(given: Given) -> Use:
    """One schedule, or one for each of several tables."""
    if "table_paths" in given:
        rest = _without(given, "asset_id", "table_path", "table_paths")
        schedules = [{"table_path": path, **rest} for path in given["table_paths"]]
        return Use("create_freshness_schedules", {"asset_id": given["asset_id"], "schedules": schedules})
    if "table_path" not in given:
        raise ToolProblem("Either table_path or table_paths is required.")
    return Use("create_freshness_schedule", given)


@_made
def update_alert(given: Given) -> Use:
    """What brings an alert into another status."""
    move = _one_of(_MOVES, "status", given["status"])
    rest = _without(given, "status", *(() if move == "snooze" else ("duration_hours",)))
    return Use(f"{move}_alert", rest)


@_made
def get_lineage(given: Given) -> Use:
    """Everything that is linked, or what is near an asset."""
    return Use("list_lineage") if given.get("list_all") else Use("get_lineage", _without(given, "list_all"))


@_made
def setup_destination(given: Given) -> Use:
    """A destination, whose configuration is one argument."""
    kind = given["destination_type"]
    argument = _one_of(_CONFIGURED, "destination_type", kind)
    if argument not in given:
        raise ToolProblem(f"{argument} is required for {kind} destinations.")
    name = given.get("name") or f"{kind.capitalize()} {given[argument] if kind != 'webhook' else ''}".strip()
    body = {"name": name, "destination_type": kind, "config": {argument: given[argument]}}
    return Use("create_destination", body)


@_made
def apply_tags(given: Given) -> Use:
    """Tags on an object, or one on several assets."""
    if given.get("asset_ids") and given.get("tags"):
        return Use("bulk_apply_tag", {"tag_name": given["tags"][0], "asset_ids": given["asset_ids"]})
    paths = [given["object_path"]] if "object_path" in given else None
    renamed = {"tag_names": given.get("tags"), "object_paths": paths}
    return Use("apply_tags", {**_without(given, "tags", "object_path", "asset_ids"), **renamed})


@_made
def create_referential_check(given: Given) -> Use:
    """A check, whose sides have other names here."""
    renamed = {f"child_{name}": given[f"source_{word}"] for name, word in _SIDES.items()}
    renamed |= {f"parent_{name}": given[f"target_{word}"] for name, word in _SIDES.items()}
    return Use("create_referential_check", {**given, **renamed})


def _tool(name: str, description: str, calls: Any = "", by: str = "action", arguments: Any = "", **told: str) -> Tool:
    use = _MADE.get(name) or partial(Use, calls or name)
    if isinstance(calls, dict):
        use = partial(_choosing, by, calls)
        *words, last = calls
        description += f" {by}: {', '.join(words)} or {last}."
    return Tool(name, description, use, arguments if isinstance(arguments, str) else " ".join(arguments), **told)


_FILE = resources.files("mock_airflow.profiles.anomalyarmor") / "tools.json"
TOOLS = {name: _tool(name, **facts) for name, facts in json.loads(_FILE.read_text(encoding="utf-8")).items()}
