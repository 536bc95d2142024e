"""Tools for health, assets, jobs and keys."""

from __future__ import annotations

from mock_airflow.profiles.anomalyarmor.mcp_tools.tool import Use, calling, chosen_by, tool

tool("health_summary", "Tell at a glance whether the data is well.", calling("get_health_summary"))
tool("get_todays_briefing", "Tell the day's news about the data.", calling("get_todays_briefing"))
tool(
    "list_assets", "List data sources and tables with their ids.", calling("list_assets"), "", "asset_type limit:whole"
)
tool(
    "manage_asset",
    "Tell of an asset, or test its connection. action: get or test.",
    chosen_by(
        "action",
        {"get": calling("get_asset", "asset_id"), "test": calling("test_asset_connection", "asset_id", body=True)},
    ),
    "action asset_id",
)
tool(
    "create_asset",
    "Connect a data source.",
    calling("create_asset", body=True),
    "name source_type connection_config:object",
    "description",
    reads=False,
)
tool(
    "trigger_asset_discovery",
    "Start to look for an asset's tables and columns.",
    calling("discover_asset", "asset_id", body=True),
    "asset_id",
    reads=False,
)
tool("job_status", "Tell how far a job is.", calling("get_job", "job_id"), "job_id")
tool("cancel_job", "Stop a job.", calling("cancel_job", "job_id", body=True), "job_id", reads=False, destroys=True)
tool(
    "get_api_key_info",
    "Tell of API keys, never their values. view: list, detail or usage.",
    chosen_by(
        "view",
        {
            "list": lambda given: Use("list_api_keys"),
            "detail": calling("get_api_key", "key_id"),
            "usage": lambda given: Use("get_api_key_usage"),
        },
    ),
    "",
    "view key_id",
)
