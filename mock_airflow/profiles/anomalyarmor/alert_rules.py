"""Alert rules: which alerts are sent on, and where to."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import flag, page
from mock_airflow.profiles.anomalyarmor.api import estate_of, fields_of, item_named, one_of, resource
from mock_airflow.profiles.anomalyarmor.destinations import destination_view
from mock_airflow.profiles.anomalyarmor.records import Item

operation = resource("Alert rules")

_CHANGEABLE = {
    "name": "text",
    "description": "text",
    "is_active": "yes or no",
    "event_types": "list",
    "severities": "list",
    "tag_filter_mode": "text",
    "tag_filter_tags": "list",
    "is_notify_code_authors": "yes or no",
    "code_author_min_confidence": "number",
}


def rule_view(rule: Item) -> dict[str, Any]:
    """A rule; whether it is on has two names."""
    facts = rule.facts
    kinds = facts.get("event_types") or []
    severities = facts.get("severities") or []
    return {
        "id": rule.id,
        "name": facts["name"],
        "description": facts.get("description"),
        "rule_type": kinds[0] if len(kinds) == 1 else "all" if not kinds else "several",
        "severity": facts.get("severity") or (severities[0] if severities else "info"),
        "enabled": facts["is_active"],
        "is_active": facts["is_active"],
        "event_types": kinds,
        "severities": severities,
        "tag_filter_mode": facts.get("tag_filter_mode"),
        "tag_filter_tags": facts.get("tag_filter_tags") or [],
        "destination_ids": facts["destination_ids"],
        "is_notify_code_authors": facts.get("is_notify_code_authors", False),
        "code_author_min_confidence": facts.get("code_author_min_confidence"),
        "created_at": rule.created_at,
        "updated_at": rule.updated_at,
    }


def _checked(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    one_of(call.settings, "tag_filter_mode", fields.get("tag_filter_mode"), ("any", "all"))
    if not 0 <= fields.get("code_author_min_confidence", 0) <= 1:
        raise answers.invalid(call.settings, "code_author_min_confidence must be between 0 and 1")
    for wanted in fields.get("destination_ids", ()):
        if not isinstance(wanted, str) or estate_of(call).item("destination", wanted) is None:
            raise answers.not_found(call.settings, "destination", str(wanted))
    return fields


@operation("GET", "/alerts/rules", "list_alert_rules", documented=True)
def list_alert_rules(call: Call) -> Any:
    """List the rules."""
    only = flag(call.query, "enabled_only") or flag(call.query, "active_only")
    rules = [rule for rule in estate_of(call).items("rule") if not only or rule.facts["is_active"]]
    return page(rules, rule_view, call.query, call.settings)


@operation("POST", "/alerts/rules", "create_alert_rule", success=201)
def create_alert_rule(call: Call) -> Any:
    """Make a rule."""
    fields = _checked(
        call, fields_of(call, required={"name": "text"}, optional={"destination_ids": "list", **_CHANGEABLE})
    )
    whole = {"destination_ids": [], "is_active": True, **fields}
    return rule_view(estate_of(call).add("rule", **whole))


@operation("GET", "/alerts/rules/{rule_id}", "get_alert_rule")
def get_alert_rule(call: Call) -> Any:
    """Tell of a rule."""
    return rule_view(item_named(call, "rule", "rule_id"))


@operation("PUT", "/alerts/rules/{rule_id}", "update_alert_rule")
def update_alert_rule(call: Call) -> Any:
    """Change a rule; what is left out stays."""
    rule = item_named(call, "rule", "rule_id")
    fields = _checked(call, fields_of(call, required={}, optional=_CHANGEABLE))
    return rule_view(estate_of(call).change(rule, **fields))


@operation("DELETE", "/alerts/rules/{rule_id}", "delete_alert_rule")
def delete_alert_rule(call: Call) -> Any:
    """Forget a rule."""
    rule = item_named(call, "rule", "rule_id")
    estate_of(call).remove([rule])
    return {"id": rule.id, "deleted": True}


@operation("GET", "/alerts/rules/{rule_id}/destinations", "list_rule_destinations")
def list_rule_destinations(call: Call) -> Any:
    """List where a rule sends to."""
    rule, estate = item_named(call, "rule", "rule_id"), estate_of(call)
    found = [estate.item("destination", wanted) for wanted in rule.facts["destination_ids"]]
    return {"destinations": [destination_view(one) for one in found if one is not None]}


@operation("POST", "/alerts/rules/{rule_id}/destinations", "link_rule_destinations")
def link_rule_destinations(call: Call) -> Any:
    """Have a rule send to further destinations."""
    rule = item_named(call, "rule", "rule_id")
    fields = _checked(call, fields_of(call, required={"destination_ids": "list"}))
    linked = list(dict.fromkeys([*rule.facts["destination_ids"], *fields["destination_ids"]]))
    estate_of(call).change(rule, destination_ids=linked)
    return {"rule_id": rule.id, "linked": len(fields["destination_ids"]), "destination_ids": linked}


@operation("DELETE", "/alerts/rules/{rule_id}/destinations/{destination_id}", "unlink_rule_destination")
def unlink_rule_destination(call: Call) -> Any:
    """Have a rule no longer send to a destination."""
    rule, wanted = item_named(call, "rule", "rule_id"), call.path["destination_id"]
    if wanted not in rule.facts["destination_ids"]:
        raise answers.not_found(call.settings, "destination", wanted)
    left = [one for one in rule.facts["destination_ids"] if one != wanted]
    estate_of(call).change(rule, destination_ids=left)
    return {"rule_id": rule.id, "destination_ids": left}
