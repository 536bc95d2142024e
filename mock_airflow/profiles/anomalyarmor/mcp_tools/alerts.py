"""Tools for alerts, lineage and investigations."""

from __future__ import annotations

from mock_airflow.profiles.anomalyarmor.mcp_tools.tool import Given, ToolProblem, Use, calling, chosen_by, tool, without

tool("get_alerts_summary", "Tell how many alerts there are.", calling("get_alerts_summary"))
tool(
    "list_alerts",
    "List the alerts, the latest first.",
    calling("list_alerts"),
    "",
    "status severity asset_id from_date to_date limit:whole",
)
tool(
    "list_inbox_alerts",
    "List the alerts as an inbox.",
    calling("list_inbox_alerts"),
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
    body = without(given, "alert_id", "status", "duration_hours")
    if given["status"] == "snoozed":
        body["duration_hours"] = given.get("duration_hours", 24)
    return Use(_MOVES[given["status"]], {"alert_id": given["alert_id"]}, body=body)


tool(
    "update_alert",
    "Acknowledge, resolve, dismiss or snooze an alert.",
    _update_alert,
    "alert_id status",
    "notes duration_hours:whole action_category root_cause_category",
    reads=False,
)
tool(
    "list_alert_rules",
    "List the rules that send alerts on.",
    lambda given: Use("list_alert_rules", query={"active_only": given.get("active_only", True)}),
    "",
    "asset_id active_only:flag",
)
tool(
    "create_alert_rule",
    "Make a rule that sends alerts on.",
    lambda given: Use("create_alert_rule", body=without(given, "asset_ids")),
    "name",
    "event_types:texts severities:texts description destination_ids:texts asset_ids:texts",
    reads=False,
)
tool(
    "manage_alert_rule",
    "Tell of, change or delete a rule. action: get, update or delete.",
    chosen_by(
        "action",
        {
            "get": lambda given: Use("get_alert_rule", {"rule_id": given["rule_id"]}),
            "update": calling("update_alert_rule", "rule_id", body=True),
            "delete": lambda given: Use("delete_alert_rule", {"rule_id": given["rule_id"]}),
        },
    ),
    "action rule_id",
    "name event_types:texts severities:texts description is_active:flag",
    reads=False,
    destroys=True,
)
tool("get_alert_trends", "Tell how many alerts each day had.", calling("get_alert_trends"), "", "period")
tool("get_alert_history", "Tell what happened to an alert.", calling("get_alert_history", "alert_id"), "alert_id")
tool(
    "get_lineage",
    "Tell what an asset depends on and what depends on it.",
    lambda given: (
        Use("list_lineage")
        if given.get("list_all")
        else Use("get_lineage", {"asset_id": given["asset_id"]}, {"depth": 2, **without(given, "asset_id", "list_all")})
    ),
    "asset_id",
    "depth:whole direction list_all:flag",
)
tool(
    "investigate_asset",
    "Tell what may be wrong with an asset, with evidence.",
    calling("explain_asset", body=True),
    "asset_id",
    "question event_type",
)
tool(
    "get_investigation",
    "Tell of the investigation of an alert.",
    calling("get_investigation", "investigation_id"),
    "investigation_id",
)
