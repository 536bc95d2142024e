"""Tools for destinations and tags."""

from __future__ import annotations

from mock_airflow.profiles.anomalyarmor.mcp_tools.tool import Given, ToolProblem, Use, calling, chosen_by, tool

tool(
    "list_destinations",
    "List where alerts are sent.",
    calling("list_destinations"),
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


tool(
    "setup_destination",
    "Make a destination for alerts.",
    _setup_destination,
    "destination_type",
    "name channel_name webhook_url email",
    reads=False,
)
tool(
    "manage_destination",
    "Tell of, change, delete or test a destination. action: get, update, delete or test.",
    chosen_by(
        "action",
        {
            "get": lambda given: Use("get_destination", {"destination_id": given["destination_id"]}),
            "update": calling("update_destination", "destination_id", body=True),
            "delete": lambda given: Use("delete_destination", {"destination_id": given["destination_id"]}),
            "test": lambda given: Use("test_destination", {"destination_id": given["destination_id"]}),
        },
    ),
    "action destination_id",
    "name config:object is_active:flag",
    reads=False,
    destroys=True,
)
tool(
    "manage_rule_destinations",
    "Tell or change where a rule sends to. action: list, link or unlink.",
    chosen_by(
        "action",
        {
            "list": lambda given: Use("list_rule_destinations", {"rule_id": given["rule_id"]}),
            "link": lambda given: Use(
                "link_rule_destinations",
                {"rule_id": given["rule_id"]},
                body={"destination_ids": given["destination_ids"]},
            ),
            "unlink": calling("unlink_rule_destination", "rule_id", "destination_id"),
        },
    ),
    "action rule_id",
    "destination_ids:texts destination_id",
    reads=False,
    destroys=True,
)
tool("list_tags", "List an asset's tags.", calling("list_tags"), "asset_id", "object_path")
tool(
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
