"""Tools for metrics, rules, coverage, recommendations and questions."""

from __future__ import annotations

from mock_airflow.profiles.anomalyarmor.mcp_tools.tool import Use, calling, chosen_by, of_asset, tool, without

tool("get_metrics_summary", "Tell of an asset's metrics.", calling("get_metrics_summary", "asset_id"), "asset_id")
tool("list_metrics", "List an asset's metrics.", calling("list_metrics", "asset_id"), "asset_id", "limit:whole")
tool(
    "create_metric",
    "Make a metric.",
    calling("create_metric", "asset_id", body=True),
    "asset_id metric_type table_path",
    "column_name operating_period_mode operating_schedule_id",
    reads=False,
)


tool(
    "manage_metric",
    "Tell of, change, delete or capture a metric, or list its numbers."
    " action: get, update, delete, capture or snapshots.",
    chosen_by(
        "action",
        {
            "get": of_asset("metric_id", "get_metric"),
            "update": of_asset("metric_id", "update_metric", body=True),
            "delete": of_asset("metric_id", "delete_metric"),
            "capture": of_asset("metric_id", "capture_metric"),
            "snapshots": of_asset("metric_id", "list_metric_snapshots", limit=True),
        },
    ),
    "action asset_id metric_id",
    "is_active:flag capture_interval sensitivity:number operating_period_mode operating_schedule_id limit:whole",
    reads=False,
    destroys=True,
)
tool("get_validity_summary", "Tell of an asset's rules.", calling("get_validity_summary", "asset_id"), "asset_id")
tool(
    "list_validity_rules",
    "List an asset's validity rules.",
    calling("list_validity_rules", "asset_id"),
    "asset_id",
    "limit:whole",
)
tool(
    "create_validity_rule",
    "Make a validity rule.",
    calling("create_validity_rule", "asset_id", body=True),
    "asset_id table_path column_name rule_type rule_config:object",
    "name severity detection_mode sensitivity:whole operating_period_mode operating_schedule_id",
    reads=False,
)
tool(
    "manage_validity_rule",
    "Tell of, change, delete or check a validity rule, or list its results."
    " action: get, update, delete, check or results.",
    chosen_by(
        "action",
        {
            "get": of_asset("rule_id", "get_validity_rule"),
            "update": of_asset("rule_id", "update_validity_rule", body=True),
            "delete": of_asset("rule_id", "delete_validity_rule"),
            "check": of_asset("rule_id", "check_validity_rule"),
            "results": of_asset("rule_id", "list_validity_results", limit=True),
        },
    ),
    "action asset_id rule_id",
    "name severity is_active:flag detection_mode sensitivity:whole operating_period_mode operating_schedule_id"
    " limit:whole",
    reads=False,
    destroys=True,
)
tool(
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
tool(
    "manage_referential",
    "Tell of, change, delete or run referential checks."
    " action: summary, list, get, update, delete, execute or results.",
    chosen_by(
        "action",
        {
            "summary": lambda given: Use("get_referential_summary", {"asset_id": given["asset_id"]}),
            "list": lambda given: Use("list_referential_checks", {"asset_id": given["asset_id"]}),
            "get": of_asset("check_id", "get_referential_check"),
            "update": of_asset("check_id", "update_referential_check", body=True),
            "delete": of_asset("check_id", "delete_referential_check"),
            "execute": of_asset("check_id", "execute_referential_check"),
            "results": of_asset("check_id", "list_referential_results", limit=True),
        },
    ),
    "action asset_id",
    "check_id name severity is_active:flag limit:whole",
    reads=False,
    destroys=True,
)


tool(
    "get_coverage",
    "Tell how much is watched. scope: company or asset.",
    chosen_by(
        "scope", {"company": lambda given: Use("get_company_coverage"), "asset": calling("get_coverage", "asset_id")}
    ),
    "",
    "scope asset_id",
)
tool(
    "manage_coverage",
    "List what is not watched, or have it watched. action: gaps or apply.",
    chosen_by(
        "action",
        {
            "gaps": lambda given: Use(
                "get_coverage_gaps", {"asset_id": given["asset_id"]}, {"limit": given.get("limit", 20)}
            ),
            "apply": lambda given: Use(
                "apply_coverage", {"asset_id": given["asset_id"]}, body=without(given, "asset_id", "limit")
            ),
        },
    ),
    "action asset_id",
    "limit:whole types:texts table_paths:texts",
    reads=False,
)
tool(
    "recommend",
    "Tell what to watch. recommendation_type: freshness, metrics, coverage or thresholds.",
    chosen_by(
        "recommendation_type",
        {kind: calling(f"recommend_{kind}") for kind in ("freshness", "metrics", "coverage", "thresholds")},
    ),
    "recommendation_type asset_id",
    "limit:whole min_confidence:number include_monitored:flag table_path days:whole",
)
tool(
    "ask_question",
    "Answer a question about an asset.",
    lambda given: Use(
        "ask_question",
        body={"asset_id": given["asset_id"], "question": given["question"]},
    ),
    "question asset_id",
    "include_schema:flag include_lineage:flag",
)
tool(
    "generate_intelligence",
    "Start to gather what questions are answered from.",
    calling("generate_intelligence", body=True),
    "asset_id",
    "force_refresh:flag",
    reads=False,
)
