"""The MCP server's tools: each calls operations of the API with what it is given.

Names and arguments are those of armor-mcp 0.9.1 (code); the descriptions are our own. A tool that would fail there,
since it calls what the package of 0.6.0 does not have, works here.
"""

from __future__ import annotations

from mock_airflow.profiles.anomalyarmor.tool import Given, ToolProblem, Use, calling, tool, without


def _check_freshness(given: Given) -> Use:
    stale = {"status": "stale"} if given.get("stale_only") else {}
    return Use("list_freshness", query={"asset_id": given["asset_id"], "limit": 100, **stale})


def _setup_freshness(given: Given) -> Use:
    rest = {"check_interval": "1h", **without(given, "asset_id", "table_path", "table_paths")}
    if "table_paths" in given:
        schedules = [{"table_path": path, **rest} for path in given["table_paths"]]
        return Use("create_freshness_schedules", body={"asset_id": given["asset_id"], "schedules": schedules})
    if "table_path" not in given:
        raise ToolProblem("Either table_path or table_paths is required.")
    return Use("create_freshness_schedule", body={**rest, **without(given, "table_paths")})


_MOVES = {"acknowledged": "acknowledge", "resolved": "resolve", "dismissed": "dismiss", "snoozed": "snooze"}


def _update_alert(given: Given) -> Use:
    if given["status"] not in _MOVES:
        raise ToolProblem(f"status must be one of {', '.join(_MOVES)}.")
    body = without(given, "alert_id", "status", "duration_hours")
    if given["status"] == "snoozed":
        body["duration_hours"] = given.get("duration_hours", 24)
    return Use(f"{_MOVES[given['status']]}_alert", {"alert_id": given["alert_id"]}, body=body)


def _list_alert_rules(given: Given) -> Use:
    return Use("list_alert_rules", query={"active_only": given.get("active_only", True)})


def _get_lineage(given: Given) -> Use:
    if given.get("list_all"):
        return Use("list_lineage")
    return calling("get_lineage", {"depth": 2, **without(given, "list_all")})


def _setup_destination(given: Given) -> Use:
    kind, arguments = given["destination_type"], {"slack": "channel_name", "webhook": "webhook_url", "email": "email"}
    if kind not in arguments:
        raise ToolProblem(f"destination_type must be one of {', '.join(arguments)}.")
    if arguments[kind] not in given:
        raise ToolProblem(f"{arguments[kind]} is required for {kind} destinations.")
    value = given[arguments[kind]]
    name = given.get("name") or f"{kind.capitalize()} {value if kind != 'webhook' else ''}".strip()
    return Use("create_destination", body={"name": name, "destination_type": kind, "config": {arguments[kind]: value}})


def _apply_tags(given: Given) -> Use:
    if given.get("asset_ids") and given.get("tags"):
        return Use("bulk_apply_tag", body={"tag_name": given["tags"][0], "asset_ids": given["asset_ids"]})
    paths = [given["object_path"]] if "object_path" in given else None
    body = {"asset_id": given["asset_id"], "tag_names": given.get("tags"), "object_paths": paths}
    return Use("apply_tags", body={**body, "object_type": given.get("object_type", "column")})


def _create_referential_check(given: Given) -> Use:
    sides = {"child": "source", "parent": "target"}
    body = {f"{side}_table_path": given[f"{word}_table"] for side, word in sides.items()}
    body |= {f"{side}_column_name": given[f"{word}_column"] for side, word in sides.items()}
    name = {"name": given["name"]} if "name" in given else {}
    return Use("create_referential_check", {"asset_id": given["asset_id"]}, body={**body, **name})


# ------------------------------------------------------------------------------------- alerts, lineage, investigations

tool("get_alerts_summary", "Tell how many alerts there are.")
_ALERT_FILTERS = "status? severity? asset_id? from_date? to_date? limit:whole?"
tool("list_alerts", "List the alerts, the latest first.", _ALERT_FILTERS)
tool("list_inbox_alerts", "List the alerts as an inbox.", "severity? asset_id? limit:whole?")
tool(
    "update_alert",
    "Acknowledge, resolve, dismiss or snooze an alert.",
    "alert_id status notes? duration_hours:whole? action_category? root_cause_category?",
    _update_alert,
    "writes",
)
_RULES = "List the rules that send alerts on."
tool("list_alert_rules", _RULES, "asset_id? active_only:flag?", _list_alert_rules)
tool(
    "create_alert_rule",
    "Make a rule that sends alerts on.",
    "name event_types:texts? severities:texts? description? destination_ids:texts? asset_ids:texts?",
    effect="writes",
)
tool(
    "manage_alert_rule",
    "Tell of, change or delete a rule. action: get, update or delete.",
    "action rule_id name? event_types:texts? severities:texts? description? is_active:flag?",
    {"get": "get_alert_rule", "update": "update_alert_rule", "delete": "delete_alert_rule"},
    "destroys",
)
tool("get_alert_trends", "Tell how many alerts each day had.", "period?")
tool("get_alert_history", "Tell what happened to an alert.", "alert_id")
_LINEAGE = "Tell what an asset depends on and what depends on it."
tool("get_lineage", _LINEAGE, "asset_id depth:whole? direction? list_all:flag?", _get_lineage)
_EXPLAIN = "Tell what may be wrong with an asset, with evidence."
tool("investigate_asset", _EXPLAIN, "asset_id question? event_type?", "explain_asset")
tool("get_investigation", "Tell of the investigation of an alert.", "investigation_id")

# ------------------------------------------------------------------------------------------- health, assets, jobs, keys

tool("health_summary", "Tell at a glance whether the data is well.", use="get_health_summary")
tool("get_todays_briefing", "Tell the day's news about the data.")
tool("list_assets", "List data sources and tables with their ids.", "asset_type? limit:whole?")
tool(
    "manage_asset",
    "Tell of an asset, or test its connection. action: get or test.",
    "action asset_id",
    {"get": "get_asset", "test": "test_asset_connection"},
)
_NEW_ASSET = "name source_type connection_config:object description?"
tool("create_asset", "Connect a data source.", _NEW_ASSET, effect="writes")
_DISCOVERY = "Start to look for an asset's tables and columns."
tool("trigger_asset_discovery", _DISCOVERY, "asset_id", "discover_asset", "writes")
tool("job_status", "Tell how far a job is.", "job_id", "get_job")
tool("cancel_job", "Stop a job.", "job_id", effect="destroys")
tool(
    "get_api_key_info",
    "Tell of API keys, never their values. view: list, detail or usage.",
    "view? key_id?",
    {"list": "list_api_keys", "detail": "get_api_key", "usage": "get_api_key_usage"},
    by="view",
)

# --------------------------------------------------------------------------------------------------- destinations, tags

tool("list_destinations", "List where alerts are sent.", "destination_type? active_only:flag?")
tool(
    "setup_destination",
    "Make a destination for alerts.",
    "destination_type name? channel_name? webhook_url? email?",
    _setup_destination,
    "writes",
)
tool(
    "manage_destination",
    "Tell of, change, delete or test a destination. action: get, update, delete or test.",
    "action destination_id name? config:object? is_active:flag?",
    {verb: f"{verb}_destination" for verb in ("get", "update", "delete", "test")},
    "destroys",
)
tool(
    "manage_rule_destinations",
    "Tell or change where a rule sends to. action: list, link or unlink.",
    "action rule_id destination_ids:texts? destination_id?",
    {
        "list": "list_rule_destinations",
        "link": "link_rule_destinations rule_id destination_ids",
        "unlink": "unlink_rule_destination",
    },
    "destroys",
)
tool("list_tags", "List an asset's tags.", "asset_id object_path?")
_TAGGING = "asset_id object_path? tags:texts? object_type? asset_ids:texts?"
tool("apply_tags", "Put tags on an object, or one tag on several assets.", _TAGGING, _apply_tags, "writes")

# ---------------------------------------------------------------------------------------------------- freshness, schema

tool("get_freshness_summary", "Tell how many tables are fresh and stale.")
_FRESHNESS = "Tell how fresh the tables of an asset are."
tool("check_freshness", _FRESHNESS, "asset_id stale_only:flag?", _check_freshness)
tool(
    "setup_freshness",
    "Have tables checked at an interval.",
    "asset_id table_path? table_paths:texts? check_interval? expected_interval_hours:number? freshness_column?"
    " monitoring_mode?",
    _setup_freshness,
    "writes",
)
tool("list_freshness_schedules", "List the schedules of checks.", "asset_id? limit:whole?")
tool(
    "manage_freshness_schedule",
    "Change or delete a schedule. action: update or delete.",
    "action schedule_id check_interval? expected_interval_hours:number? freshness_column? monitoring_mode?"
    " is_active:flag?",
    {"update": "update_freshness_schedule", "delete": "delete_freshness_schedule"},
    "destroys",
)
tool("get_schema_summary", "Tell how many schema changes were found.")
_CHANGE_FILTERS = "asset_id? severity? unacknowledged_only:flag? limit:whole?"
tool("list_schema_changes", "List the schema changes that were found.", _CHANGE_FILTERS)
_BASELINE = "Keep an asset's columns of now to compare with."
tool("create_schema_baseline", _BASELINE, "asset_id description?", effect="writes")
_MONITORING = "asset_id schedule_type? auto_create_baseline:flag?"
tool("enable_schema_monitoring", "Have an asset's columns looked at on a schedule.", _MONITORING, effect="writes")
tool("disable_schema_monitoring", "Have an asset's columns no longer looked at.", "asset_id", effect="destroys")
tool("get_schema_monitoring", "Tell of an asset's columns and their monitoring.", "asset_id", "get_schema")
tool("dry_run_schema", "Tell what a look at an asset's columns would find.", "asset_id schedule_type?")

# ----------------------------------------------------------------------------- checks, coverage, what to watch, answers

tool("get_metrics_summary", "Tell of an asset's metrics.", "asset_id")
tool("list_metrics", "List an asset's metrics.", "asset_id limit:whole?")
tool(
    "create_metric",
    "Make a metric.",
    "asset_id metric_type table_path column_name? operating_period_mode? operating_schedule_id?",
    effect="writes",
)
tool(
    "manage_metric",
    "Tell of, change, delete or capture a metric, or list its numbers."
    " action: get, update, delete, capture or snapshots.",
    "action asset_id metric_id is_active:flag? capture_interval? sensitivity:number? operating_period_mode?"
    " operating_schedule_id? limit:whole?",
    {verb: f"{verb}_metric" for verb in ("get", "update", "delete", "capture")}
    | {"snapshots": "list_metric_snapshots"},
    "destroys",
)
tool("get_validity_summary", "Tell of an asset's rules.", "asset_id")
tool("list_validity_rules", "List an asset's validity rules.", "asset_id limit:whole?")
tool(
    "create_validity_rule",
    "Make a validity rule.",
    "asset_id table_path column_name rule_type rule_config:object name? severity? detection_mode? sensitivity:whole?"
    " operating_period_mode? operating_schedule_id?",
    effect="writes",
)
tool(
    "manage_validity_rule",
    "Tell of, change, delete or check a validity rule, or list its results."
    " action: get, update, delete, check or results.",
    "action asset_id rule_id name? severity? is_active:flag? detection_mode? sensitivity:whole? operating_period_mode?"
    " operating_schedule_id? limit:whole?",
    {verb: f"{verb}_validity_rule" for verb in ("get", "update", "delete", "check")}
    | {"results": "list_validity_results"},
    "destroys",
)
tool(
    "create_referential_check",
    "Make a check that every row of one table points at a row of another.",
    "asset_id source_table source_column target_table target_column name? severity?",
    _create_referential_check,
    "writes",
)
tool(
    "manage_referential",
    "Tell of, change, delete or run referential checks."
    " action: summary, list, get, update, delete, execute or results.",
    "action asset_id check_id? name? severity? is_active:flag? limit:whole?",
    {"summary": "get_referential_summary asset_id", "list": "list_referential_checks asset_id"}
    | {verb: f"{verb}_referential_check" for verb in ("get", "update", "delete", "execute")}
    | {"results": "list_referential_results"},
    "destroys",
)
tool(
    "get_coverage",
    "Tell how much is watched. scope: company or asset.",
    "scope? asset_id?",
    {"company": "get_company_coverage", "asset": "get_coverage"},
    by="scope",
)
tool(
    "manage_coverage",
    "List what is not watched, or have it watched. action: gaps or apply.",
    "action asset_id limit:whole? types:texts? table_paths:texts?",
    {"gaps": "get_coverage_gaps", "apply": "apply_coverage"},
    "writes",
)
tool(
    "recommend",
    "Tell what to watch. recommendation_type: freshness, metrics, coverage or thresholds.",
    "recommendation_type asset_id limit:whole? min_confidence:number? include_monitored:flag? table_path? days:whole?",
    {kind: f"recommend_{kind}" for kind in ("freshness", "metrics", "coverage", "thresholds")},
    by="recommendation_type",
)
_QUESTION = "question asset_id include_schema:flag? include_lineage:flag?"
tool("ask_question", "Answer a question about an asset.", _QUESTION)
_GENERATE = "Start to gather what questions are answered from."
tool("generate_intelligence", _GENERATE, "asset_id force_refresh:flag?", effect="writes")
