"""The MCP server's tools: each calls one of the API's operations with what it is given.

Names and arguments are those of armor-mcp 0.9.1 (code); the descriptions are our own. A tool that would fail there,
since it calls what the package of 0.6.0 does not have, works here.
"""

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
    """One tool. ``required`` and ``optional`` are arguments by type; ``actions`` are the words of an argument."""

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


def _tool(
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


def _without(given: Given, *names: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in names}


def _one(operation_id: str, *in_path: str, body: bool = False) -> Callable[[Given], Use]:
    """A tool of one operation: some arguments go into its path, the others into its query or its body."""

    def use(given: Given) -> Use:
        rest = _without(given, *in_path)
        path = {name: given[name] for name in in_path}
        return Use(operation_id, path, body=rest) if body else Use(operation_id, path, rest)

    return use


def _by(argument: str, uses: Mapping[str, Callable[[Given], Use]], *needed: str) -> Callable[[Given], Use]:
    """A tool whose argument says which operation is meant."""

    def use(given: Given) -> Use:
        word = given.get(argument, next(iter(uses)))
        if word not in uses:
            raise ToolProblem(f"{argument} must be one of {', '.join(uses)}.")
        rest = _without(given, argument)
        try:
            return uses[word](rest)
        except KeyError as error:
            raise ToolProblem(f"The argument {error.args[0]} is required for {argument} {word}.") from None

    return use


# ----------------------------------------------------------------------------------------------- health, assets, keys

_tool("health_summary", "Tell at a glance whether the data is well.", _one("get_health_summary"))
_tool("get_todays_briefing", "Tell the day's news about the data.", _one("get_todays_briefing"))
_tool("list_assets", "List data sources and tables with their ids.", _one("list_assets"), "", "asset_type limit:whole")
_tool(
    "manage_asset",
    "Tell of an asset, or test its connection. action: get or test.",
    _by("action", {"get": _one("get_asset", "asset_id"), "test": _one("test_asset_connection", "asset_id", body=True)}),
    "action asset_id",
)
_tool(
    "create_asset",
    "Connect a data source.",
    _one("create_asset", body=True),
    "name source_type connection_config:object",
    "description",
    reads=False,
)
_tool(
    "trigger_asset_discovery",
    "Start to look for an asset's tables and columns.",
    _one("discover_asset", "asset_id", body=True),
    "asset_id",
    reads=False,
)
_tool("job_status", "Tell how far a job is.", _one("get_job", "job_id"), "job_id")
_tool("cancel_job", "Stop a job.", _one("cancel_job", "job_id", body=True), "job_id", reads=False, destroys=True)
_tool(
    "get_api_key_info",
    "Tell of API keys, never their values. view: list, detail or usage.",
    _by(
        "view",
        {
            "list": lambda given: Use("list_api_keys"),
            "detail": _one("get_api_key", "key_id"),
            "usage": lambda given: Use("get_api_key_usage"),
        },
    ),
    "",
    "view key_id",
)

# -------------------------------------------------------------------------------------------------- freshness, schema

_tool("get_freshness_summary", "Tell how many tables are fresh and stale.", _one("get_freshness_summary"))
_tool(
    "check_freshness",
    "Tell how fresh the tables of an asset are.",
    lambda given: Use(
        "list_freshness",
        query={"asset_id": given["asset_id"], "limit": 100, **({"status": "stale"} if given.get("stale_only") else {})},
    ),
    "asset_id",
    "stale_only:flag",
)


def _setup_freshness(given: Given) -> Use:
    rest = _without(given, "asset_id", "table_path", "table_paths")
    interval = rest.pop("check_interval", "1h")
    if "table_paths" in given:
        schedules = [{"table_path": path, "check_interval": interval, **rest} for path in given["table_paths"]]
        return Use("create_freshness_schedules", body={"asset_id": given["asset_id"], "schedules": schedules})
    if "table_path" not in given:
        raise ToolProblem("Either table_path or table_paths is required.")
    whole = {"asset_id": given["asset_id"], "table_path": given["table_path"], "check_interval": interval}
    return Use("create_freshness_schedule", body={**whole, **rest})


_tool(
    "setup_freshness",
    "Have tables checked at an interval.",
    _setup_freshness,
    "asset_id",
    "table_path table_paths:texts check_interval expected_interval_hours:number freshness_column monitoring_mode",
    reads=False,
)
_tool(
    "list_freshness_schedules",
    "List the schedules of checks.",
    _one("list_freshness_schedules"),
    "",
    "asset_id limit:whole",
)
_tool(
    "manage_freshness_schedule",
    "Change or delete a schedule. action: update or delete.",
    _by(
        "action",
        {
            "update": _one("update_freshness_schedule", "schedule_id", body=True),
            "delete": _one("delete_freshness_schedule", "schedule_id"),
        },
    ),
    "action schedule_id",
    "check_interval expected_interval_hours:number freshness_column monitoring_mode is_active:flag",
    reads=False,
    destroys=True,
)
_tool("get_schema_summary", "Tell how many schema changes were found.", _one("get_schema_summary"))
_tool(
    "list_schema_changes",
    "List the schema changes that were found.",
    _one("list_schema_changes"),
    "",
    "asset_id severity unacknowledged_only:flag limit:whole",
)
_tool(
    "create_schema_baseline",
    "Keep an asset's columns of now to compare with.",
    _one("create_schema_baseline", "asset_id", body=True),
    "asset_id",
    "description",
    reads=False,
)
_tool(
    "enable_schema_monitoring",
    "Have an asset's columns looked at on a schedule.",
    _one("enable_schema_monitoring", "asset_id", body=True),
    "asset_id",
    "schedule_type auto_create_baseline:flag",
    reads=False,
)
_tool(
    "disable_schema_monitoring",
    "Have an asset's columns no longer looked at.",
    _one("disable_schema_monitoring", "asset_id"),
    "asset_id",
    reads=False,
    destroys=True,
)
_tool(
    "get_schema_monitoring",
    "Tell of an asset's columns and their monitoring.",
    _one("get_schema", "asset_id"),
    "asset_id",
)
_tool(
    "dry_run_schema",
    "Tell what a look at an asset's columns would find.",
    _one("dry_run_schema", body=True),
    "asset_id",
    "schedule_type",
)

# ---------------------------------------------------------------------------------------------------- alerts, lineage

_tool("get_alerts_summary", "Tell how many alerts there are.", _one("get_alerts_summary"))
_tool(
    "list_alerts",
    "List the alerts, the latest first.",
    _one("list_alerts"),
    "",
    "status severity asset_id from_date to_date limit:whole",
)
_tool(
    "list_inbox_alerts",
    "List the alerts as an inbox.",
    _one("list_inbox_alerts"),
    "",
    "severity asset_id limit:whole",
)
_MOVES = {
    "acknowledged": "acknowledge_alert",
    "resolved": "resolve_alert",
    "dismissed": "dismiss_alert",
    "snoozed": "snooze_alert",
}


def _update_alert(given: Given) -> Use:
    if given["status"] not in _MOVES:
        raise ToolProblem(f"status must be one of {', '.join(_MOVES)}.")
    body = _without(given, "alert_id", "status", "duration_hours")
    if given["status"] == "snoozed":
        body["duration_hours"] = given.get("duration_hours", 24)
    return Use(_MOVES[given["status"]], {"alert_id": given["alert_id"]}, body=body)


_tool(
    "update_alert",
    "Acknowledge, resolve, dismiss or snooze an alert.",
    _update_alert,
    "alert_id status",
    "notes duration_hours:whole action_category root_cause_category",
    reads=False,
)
_tool(
    "list_alert_rules",
    "List the rules that send alerts on.",
    lambda given: Use("list_alert_rules", query={"active_only": given.get("active_only", True)}),
    "",
    "asset_id active_only:flag",
)
_tool(
    "create_alert_rule",
    "Make a rule that sends alerts on.",
    lambda given: Use("create_alert_rule", body=_without(given, "asset_ids")),
    "name",
    "event_types:texts severities:texts description destination_ids:texts asset_ids:texts",
    reads=False,
)
_tool(
    "manage_alert_rule",
    "Tell of, change or delete a rule. action: get, update or delete.",
    _by(
        "action",
        {
            "get": lambda given: Use("get_alert_rule", {"rule_id": given["rule_id"]}),
            "update": _one("update_alert_rule", "rule_id", body=True),
            "delete": lambda given: Use("delete_alert_rule", {"rule_id": given["rule_id"]}),
        },
    ),
    "action rule_id",
    "name event_types:texts severities:texts description is_active:flag",
    reads=False,
    destroys=True,
)
_tool("get_alert_trends", "Tell how many alerts each day had.", _one("get_alert_trends"), "", "period")
_tool("get_alert_history", "Tell what happened to an alert.", _one("get_alert_history", "alert_id"), "alert_id")
_tool(
    "get_lineage",
    "Tell what an asset depends on and what depends on it.",
    lambda given: (
        Use("list_lineage")
        if given.get("list_all")
        else Use(
            "get_lineage", {"asset_id": given["asset_id"]}, {"depth": 2, **_without(given, "asset_id", "list_all")}
        )
    ),
    "asset_id",
    "depth:whole direction list_all:flag",
)
_tool(
    "investigate_asset",
    "Tell what may be wrong with an asset, with evidence.",
    _one("explain_asset", body=True),
    "asset_id",
    "question event_type",
)
_tool(
    "get_investigation",
    "Tell of the investigation of an alert.",
    _one("get_investigation", "investigation_id"),
    "investigation_id",
)

# ---------------------------------------------------------------------------------------- destinations, tags, quality

_tool(
    "list_destinations",
    "List where alerts are sent.",
    _one("list_destinations"),
    "",
    "destination_type active_only:flag",
)


def _setup_destination(given: Given) -> Use:
    kind = given["destination_type"]
    arguments = {"slack": "channel_name", "webhook": "webhook_url", "email": "email"}
    if kind not in arguments:
        raise ToolProblem(f"destination_type must be one of {', '.join(arguments)}.")
    if arguments[kind] not in given:
        raise ToolProblem(f"{arguments[kind]} is required for {kind} destinations.")
    name = given.get("name") or f"{kind.capitalize()} {given[arguments[kind]] if kind != 'webhook' else ''}".strip()
    config = {arguments[kind]: given[arguments[kind]]}
    return Use("create_destination", body={"name": name, "destination_type": kind, "config": config})


_tool(
    "setup_destination",
    "Make a destination for alerts.",
    _setup_destination,
    "destination_type",
    "name channel_name webhook_url email",
    reads=False,
)
_tool(
    "manage_destination",
    "Tell of, change, delete or test a destination. action: get, update, delete or test.",
    _by(
        "action",
        {
            "get": lambda given: Use("get_destination", {"destination_id": given["destination_id"]}),
            "update": _one("update_destination", "destination_id", body=True),
            "delete": lambda given: Use("delete_destination", {"destination_id": given["destination_id"]}),
            "test": lambda given: Use("test_destination", {"destination_id": given["destination_id"]}),
        },
    ),
    "action destination_id",
    "name config:object is_active:flag",
    reads=False,
    destroys=True,
)
_tool(
    "manage_rule_destinations",
    "Tell or change where a rule sends to. action: list, link or unlink.",
    _by(
        "action",
        {
            "list": lambda given: Use("list_rule_destinations", {"rule_id": given["rule_id"]}),
            "link": lambda given: Use(
                "link_rule_destinations",
                {"rule_id": given["rule_id"]},
                body={"destination_ids": given["destination_ids"]},
            ),
            "unlink": _one("unlink_rule_destination", "rule_id", "destination_id"),
        },
    ),
    "action rule_id",
    "destination_ids:texts destination_id",
    reads=False,
    destroys=True,
)
_tool("list_tags", "List an asset's tags.", _one("list_tags"), "asset_id", "object_path")
_tool(
    "apply_tags",
    "Put tags on an object, or one tag on several assets.",
    lambda given: (
        Use("bulk_apply_tag", body={"tag_name": given["tags"][0], "asset_ids": given["asset_ids"]})
        if given.get("asset_ids") and given.get("tags")
        else Use(
            "apply_tags",
            body={
                "asset_id": given["asset_id"],
                "tag_names": given.get("tags"),
                "object_paths": [given["object_path"]] if "object_path" in given else None,
                "object_type": given.get("object_type", "column"),
            },
        )
    ),
    "asset_id",
    "object_path tags:texts object_type asset_ids:texts",
    reads=False,
)
_tool("get_metrics_summary", "Tell how many metrics an asset has.", _one("get_metrics_summary", "asset_id"), "asset_id")
_tool("list_metrics", "List an asset's metrics.", _one("list_metrics", "asset_id"), "asset_id", "limit:whole")
_tool(
    "create_metric",
    "Make a metric.",
    _one("create_metric", "asset_id", body=True),
    "asset_id metric_type table_path",
    "column_name operating_period_mode operating_schedule_id",
    reads=False,
)


def _of(kind: str, word: str, operation_id: str, *, body: bool = False, limit: bool = False) -> Callable[[Given], Use]:
    """A tool's use that names a check of an asset; only some take more than its ids."""

    def use(given: Given) -> Use:
        path = {"asset_id": given["asset_id"], word: given[word]}
        rest = _without(given, "asset_id", word, "limit")
        if limit and "limit" in given:
            return Use(operation_id, path, {"limit": given["limit"]})
        return Use(operation_id, path, body=rest) if body else Use(operation_id, path)

    return use


_tool(
    "manage_metric",
    "Tell of, change, delete or capture a metric, or list its numbers."
    " action: get, update, delete, capture or snapshots.",
    _by(
        "action",
        {
            "get": _of("metric", "metric_id", "get_metric"),
            "update": _of("metric", "metric_id", "update_metric", body=True),
            "delete": _of("metric", "metric_id", "delete_metric"),
            "capture": _of("metric", "metric_id", "capture_metric"),
            "snapshots": _of("metric", "metric_id", "list_metric_snapshots", limit=True),
        },
    ),
    "action asset_id metric_id",
    "is_active:flag capture_interval sensitivity:number operating_period_mode operating_schedule_id limit:whole",
    reads=False,
    destroys=True,
)
_tool("get_validity_summary", "Tell how many rules an asset has.", _one("get_validity_summary", "asset_id"), "asset_id")
_tool(
    "list_validity_rules",
    "List an asset's validity rules.",
    _one("list_validity_rules", "asset_id"),
    "asset_id",
    "limit:whole",
)
_tool(
    "create_validity_rule",
    "Make a validity rule.",
    _one("create_validity_rule", "asset_id", body=True),
    "asset_id table_path column_name rule_type rule_config:object",
    "name severity detection_mode sensitivity:whole operating_period_mode operating_schedule_id",
    reads=False,
)
_tool(
    "manage_validity_rule",
    "Tell of, change, delete or check a validity rule, or list its results."
    " action: get, update, delete, check or results.",
    _by(
        "action",
        {
            "get": _of("rule", "rule_id", "get_validity_rule"),
            "update": _of("rule", "rule_id", "update_validity_rule", body=True),
            "delete": _of("rule", "rule_id", "delete_validity_rule"),
            "check": _of("rule", "rule_id", "check_validity_rule"),
            "results": _of("rule", "rule_id", "list_validity_results", limit=True),
        },
    ),
    "action asset_id rule_id",
    "name severity is_active:flag detection_mode sensitivity:whole operating_period_mode operating_schedule_id"
    " limit:whole",
    reads=False,
    destroys=True,
)
_tool(
    "create_referential_check",
    "Make a check that every row of one table points at a row of another.",
    lambda given: Use(
        "create_referential_check",
        {"asset_id": given["asset_id"]},
        body={
            "child_table_path": given["source_table"],
            "child_column_name": given["source_column"],
            "parent_table_path": given["target_table"],
            "parent_column_name": given["target_column"],
            **{name: given[name] for name in ("name",) if name in given},
        },
    ),
    "asset_id source_table source_column target_table target_column",
    "name severity",
    reads=False,
)
_tool(
    "manage_referential",
    "Tell of, change, delete or run referential checks."
    " action: summary, list, get, update, delete, execute or results.",
    _by(
        "action",
        {
            "summary": lambda given: Use("get_referential_summary", {"asset_id": given["asset_id"]}),
            "list": lambda given: Use("list_referential_checks", {"asset_id": given["asset_id"]}),
            "get": _of("check", "check_id", "get_referential_check"),
            "update": _of("check", "check_id", "update_referential_check", body=True),
            "delete": _of("check", "check_id", "delete_referential_check"),
            "execute": _of("check", "check_id", "execute_referential_check"),
            "results": _of("check", "check_id", "list_referential_results", limit=True),
        },
    ),
    "action asset_id",
    "check_id name severity is_active:flag limit:whole",
    reads=False,
    destroys=True,
)

# ------------------------------------------------------------------------------- coverage, recommendations, questions

_tool(
    "get_coverage",
    "Tell how much is watched. scope: company or asset.",
    _by("scope", {"company": lambda given: Use("get_company_coverage"), "asset": _one("get_coverage", "asset_id")}),
    "",
    "scope asset_id",
)
_tool(
    "manage_coverage",
    "List what is not watched, or have it watched. action: gaps or apply.",
    _by(
        "action",
        {
            "gaps": lambda given: Use(
                "get_coverage_gaps", {"asset_id": given["asset_id"]}, {"limit": given.get("limit", 20)}
            ),
            "apply": lambda given: Use(
                "apply_coverage", {"asset_id": given["asset_id"]}, body=_without(given, "asset_id", "limit")
            ),
        },
    ),
    "action asset_id",
    "limit:whole types:texts table_paths:texts",
    reads=False,
)
_tool(
    "recommend",
    "Tell what to watch. recommendation_type: freshness, metrics, coverage or thresholds.",
    _by(
        "recommendation_type",
        {kind: _one(f"recommend_{kind}") for kind in ("freshness", "metrics", "coverage", "thresholds")},
    ),
    "recommendation_type asset_id",
    "limit:whole min_confidence:number include_monitored:flag table_path days:whole",
)
_tool(
    "ask_question",
    "Answer a question about an asset.",
    lambda given: Use(
        "ask_question",
        body={"asset_id": given["asset_id"], "question": given["question"]},
    ),
    "question asset_id",
    "include_schema:flag include_lineage:flag",
)
_tool(
    "generate_intelligence",
    "Start to gather what questions are answered from.",
    _one("generate_intelligence", body=True),
    "asset_id",
    "force_refresh:flag",
    reads=False,
)
