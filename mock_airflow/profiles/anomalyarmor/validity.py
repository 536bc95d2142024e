"""Validity rules: what a column's values have to be, and how many are not."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.api import asset_named, estate_of, fields_of, one_of, resource
from mock_airflow.profiles.anomalyarmor.checks import INTERVALS, check_named, chosen, latest, listed, table_of
from mock_airflow.profiles.anomalyarmor.records import Item

operation = resource("Validity")

_SEVERITIES = ("info", "warning", "error", "critical")
_CHANGEABLE = {
    "is_active": "yes or no",
    "severity": "text",
    "name": "text",
    "description": "text",
    "alert_threshold_percent": "number",
    "treat_null_as_valid": "yes or no",
    "check_interval": "text",
}


def rule_view(call: Call, rule: Item) -> dict[str, Any]:
    """A rule, with how its latest check came out."""
    facts, result = rule.facts, latest(call, "validity_result", rule)
    return {
        "id": rule.number,
        "uuid": rule.id,
        "asset_id": rule.asset_id,
        "table_path": facts["table_path"],
        "column_name": facts.get("column_name"),
        "rule_type": facts["rule_type"],
        "rule_config": facts.get("rule_config") or {},
        "name": facts.get("name"),
        "description": facts.get("description"),
        "error_message": facts.get("error_message"),
        "severity": facts["severity"],
        "is_active": facts["is_active"],
        "alert_threshold_percent": facts.get("alert_threshold_percent"),
        "treat_null_as_valid": facts["treat_null_as_valid"],
        "check_interval": facts["check_interval"],
        "created_at": rule.created_at,
        "latest_status": None if result is None else result.facts["status"],
    }


def result_view(rule: Item, result: Item) -> dict[str, Any]:
    """How a check came out."""
    told = {"id": result.number, "validity_rule_id": rule.number, **result.facts}
    return {**told, "error_message": None, "checked_at": result.created_at, "created_at": result.created_at}


def _checked(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    one_of(call.settings, "severity", fields.get("severity"), _SEVERITIES)
    one_of(call.settings, "check_interval", fields.get("check_interval"), INTERVALS)
    return fields


@operation("GET", "/validity/{asset_id}/summary", "get_validity_summary")
def get_validity_summary(call: Call) -> Any:
    """Tell how many rules an asset has, and how many fail."""
    rules = chosen(call, "validity_rule")
    statuses = [
        None if (found := latest(call, "validity_result", rule)) is None else found.facts["status"] for rule in rules
    ]
    told = {"passing": statuses.count("pass"), "failing": statuses.count("fail"), "error": statuses.count("error")}
    return {"total_rules": len(rules), **told}


@operation("GET", "/validity/{asset_id}", "list_validity_rules")
def list_validity_rules(call: Call) -> Any:
    """List an asset's rules."""
    return listed(call, (rule_view(call, rule) for rule in chosen(call, "validity_rule", "rule_type")))


@operation("POST", "/validity/{asset_id}", "create_validity_rule", success=201)
def create_validity_rule(call: Call) -> Any:
    """Make a rule."""
    fields = _checked(
        call,
        fields_of(
            call,
            required={"rule_type": "text", "table_path": "text"},
            optional={**_CHANGEABLE, "column_name": "text", "rule_config": "object", "error_message": "text"},
        ),
    )
    defaults = {"severity": "warning", "treat_null_as_valid": False, "check_interval": "daily", "is_active": True}
    rule = estate_of(call).add("validity_rule", asset_id=asset_named(call).id, **{**defaults, **fields})
    return rule_view(call, rule)


@operation("GET", "/validity/{asset_id}/{rule_id}", "get_validity_rule")
def get_validity_rule(call: Call) -> Any:
    """Tell of a rule."""
    return rule_view(call, check_named(call, "validity_rule", "rule_id"))


@operation("PATCH", "/validity/{asset_id}/{rule_id}", "update_validity_rule")
def update_validity_rule(call: Call) -> Any:
    """Change a rule; what is left out stays."""
    rule = check_named(call, "validity_rule", "rule_id")
    fields = _checked(call, fields_of(call, required={}, optional=_CHANGEABLE))
    return rule_view(call, estate_of(call).change(rule, **fields))


@operation("DELETE", "/validity/{asset_id}/{rule_id}", "delete_validity_rule")
def delete_validity_rule(call: Call) -> Any:
    """Forget a rule and its results."""
    rule, estate = check_named(call, "validity_rule", "rule_id"), estate_of(call)
    estate.remove([rule, *estate.children("validity_result", rule.id)])
    return {"uuid": rule.id, "deleted": True}


@operation("POST", "/validity/{asset_id}/{rule_id}/check", "check_validity_rule")
def check_validity_rule(call: Call) -> Any:
    """Look now. What is wrong is a share of the rows that belongs to the rule; half of all rules find nothing."""
    rule = check_named(call, "validity_rule", "rule_id")
    limit = fields_of(call, required={}, optional={"sample_limit": "number"}).get("sample_limit", 10)
    if not rule.facts["is_active"]:
        raise answers.invalid(call.settings, "The rule is not active", rule_id=rule.id)
    table = table_of(call, asset_named(call), rule.facts["table_path"])
    rows = 1000 if table is None else table.row_count
    share = max(0.0, estate_of(call).share(f"validity {rule.id}") - 0.5) / 10
    wrong = round(rows * share)
    percent = round(100 * wrong / rows, 2) if rows else 0.0
    allowed = rule.facts.get("alert_threshold_percent") or 0.0
    result = estate_of(call).add(
        "validity_result",
        parent_id=rule.id,
        status="fail" if percent > allowed else "pass",
        total_rows=rows,
        invalid_count=wrong,
        invalid_percent=percent,
        invalid_samples={"rows": list(range(1, min(wrong, int(limit)) + 1))} if wrong else None,
        execution_duration_ms=120,
    )
    return result_view(rule, result)


@operation("GET", "/validity/{asset_id}/{rule_id}/results", "list_validity_results")
def list_validity_results(call: Call) -> Any:
    """List how a rule's checks came out, the latest first."""
    rule = check_named(call, "validity_rule", "rule_id")
    results = reversed(estate_of(call).children("validity_result", rule.id))
    return listed(call, (result_view(rule, result) for result in results), default=100)
