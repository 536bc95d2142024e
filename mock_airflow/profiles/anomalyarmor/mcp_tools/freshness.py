"""Tools for freshness and schema."""

from __future__ import annotations

from mock_airflow.profiles.anomalyarmor.mcp_tools.tool import Given, ToolProblem, Use, calling, chosen_by, tool, without

tool("get_freshness_summary", "Tell how many tables are fresh and stale.", calling("get_freshness_summary"))
tool(
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
    rest = without(given, "asset_id", "table_path", "table_paths")
    interval = rest.pop("check_interval", "1h")
    if "table_paths" in given:
        schedules = [{"table_path": path, "check_interval": interval, **rest} for path in given["table_paths"]]
        return Use("create_freshness_schedules", body={"asset_id": given["asset_id"], "schedules": schedules})
    if "table_path" not in given:
        raise ToolProblem("Either table_path or table_paths is required.")
    whole = {"asset_id": given["asset_id"], "table_path": given["table_path"], "check_interval": interval}
    return Use("create_freshness_schedule", body={**whole, **rest})


tool(
    "setup_freshness",
    "Have tables checked at an interval.",
    _setup_freshness,
    "asset_id",
    "table_path table_paths:texts check_interval expected_interval_hours:number freshness_column monitoring_mode",
    reads=False,
)
tool(
    "list_freshness_schedules",
    "List the schedules of checks.",
    calling("list_freshness_schedules"),
    "",
    "asset_id limit:whole",
)
tool(
    "manage_freshness_schedule",
    "Change or delete a schedule. action: update or delete.",
    chosen_by(
        "action",
        {
            "update": calling("update_freshness_schedule", "schedule_id", body=True),
            "delete": calling("delete_freshness_schedule", "schedule_id"),
        },
    ),
    "action schedule_id",
    "check_interval expected_interval_hours:number freshness_column monitoring_mode is_active:flag",
    reads=False,
    destroys=True,
)
tool("get_schema_summary", "Tell how many schema changes were found.", calling("get_schema_summary"))
tool(
    "list_schema_changes",
    "List the schema changes that were found.",
    calling("list_schema_changes"),
    "",
    "asset_id severity unacknowledged_only:flag limit:whole",
)
tool(
    "create_schema_baseline",
    "Keep an asset's columns of now to compare with.",
    calling("create_schema_baseline", "asset_id", body=True),
    "asset_id",
    "description",
    reads=False,
)
tool(
    "enable_schema_monitoring",
    "Have an asset's columns looked at on a schedule.",
    calling("enable_schema_monitoring", "asset_id", body=True),
    "asset_id",
    "schedule_type auto_create_baseline:flag",
    reads=False,
)
tool(
    "disable_schema_monitoring",
    "Have an asset's columns no longer looked at.",
    calling("disable_schema_monitoring", "asset_id"),
    "asset_id",
    reads=False,
    destroys=True,
)
tool(
    "get_schema_monitoring",
    "Tell of an asset's columns and their monitoring.",
    calling("get_schema", "asset_id"),
    "asset_id",
)
tool(
    "dry_run_schema",
    "Tell what a look at an asset's columns would find.",
    calling("dry_run_schema", body=True),
    "asset_id",
    "schedule_type",
)
