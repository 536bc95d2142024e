"""The MCP server's tools: each calls operations of the API with what it is given.

``tools.json`` has them. A tool calls the operation of its own name, another that it names, or one of several, which an
argument chooses, as its description then says; what is made otherwise is a function here, of the tool's name. Names and
arguments are those of armor-mcp 0.9.1 (code); the descriptions are our own. A tool that would fail there, since it
calls what the package of 0.6.0 does not have, works here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from importlib import resources
from typing import Any

from mock_airflow.profiles.anomalyarmor.tool import Given, Tool, ToolProblem, Use, calling, choosing, without

_MADE: dict[str, Callable[[Given], Use]] = {}
_MOVES = {"acknowledged": "acknowledge", "resolved": "resolve", "dismissed": "dismiss", "snoozed": "snooze"}
_CONFIGURED = {"slack": "channel_name", "webhook": "webhook_url", "email": "email"}


def _by_hand(use: Callable[[Given], Use]) -> Callable[[Given], Use]:
    _MADE[use.__name__] = use
    return use


@_by_hand
def check_freshness(given: Given) -> Use:
    """All of an asset's tables, or those that are stale."""
    stale = {"status": "stale"} if given.get("stale_only") else {}
    return Use("list_freshness", query={"asset_id": given["asset_id"], "limit": 100, **stale})


@_by_hand
def setup_freshness(given: Given) -> Use:
    """One schedule, or one for each of several tables."""
    rest = {"check_interval": "1h", **without(given, "asset_id", "table_path", "table_paths")}
    if "table_paths" in given:
        schedules = [{"table_path": path, **rest} for path in given["table_paths"]]
        return Use("create_freshness_schedules", body={"asset_id": given["asset_id"], "schedules": schedules})
    if "table_path" not in given:
        raise ToolProblem("Either table_path or table_paths is required.")
    return Use("create_freshness_schedule", body={**rest, **without(given, "table_paths")})


@_by_hand
def update_alert(given: Given) -> Use:
    """What brings an alert into another status."""
    if given["status"] not in _MOVES:
        raise ToolProblem(f"status must be one of {', '.join(_MOVES)}.")
    body = without(given, "alert_id", "status", "duration_hours")
    if given["status"] == "snoozed":
        body["duration_hours"] = given.get("duration_hours", 24)
    return Use(f"{_MOVES[given['status']]}_alert", {"alert_id": given["alert_id"]}, body=body)


@_by_hand
def list_alert_rules(given: Given) -> Use:
    """Active rules, unless all are asked for."""
    return Use("list_alert_rules", query={"active_only": given.get("active_only", True)})


@_by_hand
def get_lineage(given: Given) -> Use:
    """Everything that is linked, or what is near an asset."""
    if given.get("list_all"):
        return Use("list_lineage")
    return calling("get_lineage", {"depth": 2, **without(given, "list_all")})


@_by_hand
def setup_destination(given: Given) -> Use:
    """A destination, whose configuration is one argument."""
    kind = given["destination_type"]
    if kind not in _CONFIGURED:
        raise ToolProblem(f"destination_type must be one of {', '.join(_CONFIGURED)}.")
    if _CONFIGURED[kind] not in given:
        raise ToolProblem(f"{_CONFIGURED[kind]} is required for {kind} destinations.")
    value = given[_CONFIGURED[kind]]
    name = given.get("name") or f"{kind.capitalize()} {value if kind != 'webhook' else ''}".strip()
    return Use(
        "create_destination", body={"name": name, "destination_type": kind, "config": {_CONFIGURED[kind]: value}}
    )


@_by_hand
def apply_tags(given: Given) -> Use:
    """Tags on an object, or one on several assets."""
    if given.get("asset_ids") and given.get("tags"):
        return Use("bulk_apply_tag", body={"tag_name": given["tags"][0], "asset_ids": given["asset_ids"]})
    paths = [given["object_path"]] if "object_path" in given else None
    body = {"asset_id": given["asset_id"], "tag_names": given.get("tags"), "object_paths": paths}
    return Use("apply_tags", body={**body, "object_type": given.get("object_type", "column")})


@_by_hand
def create_referential_check(given: Given) -> Use:
    """A check, whose sides have other names here."""
    sides = {"child": "source", "parent": "target"}
    body = {f"{side}_table_path": given[f"{word}_table"] for side, word in sides.items()}
    body |= {f"{side}_column_name": given[f"{word}_column"] for side, word in sides.items()}
    name = {"name": given["name"]} if "name" in given else {}
    return Use("create_referential_check", {"asset_id": given["asset_id"]}, body={**body, **name})


def _tool(name: str, description: str, calls: Any = "", by: str = "action", arguments: Any = "", **told: Any) -> Tool:
    use: Callable[[Given], Use] = _MADE.get(name) or partial(calling, calls or name)
    if isinstance(calls, dict):
        use = partial(choosing, by, calls)
        *words, last = calls
        description += f" {by}: {', '.join(words)} or {last}."
    return Tool(name, description, use, arguments if isinstance(arguments, str) else " ".join(arguments), **told)


_FILE = resources.files("mock_airflow.profiles.anomalyarmor") / "tools.json"
TOOLS = {one["name"]: _tool(**one) for one in json.loads(_FILE.read_text(encoding="utf-8"))}
