"""Referential checks: whether every row of one table points at a row of another."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.api import asset_named, estate_of, fields_of, one_of, resource
from mock_airflow.profiles.anomalyarmor.checks import INTERVALS, check_named, chosen, latest, listed, table_of
from mock_airflow.profiles.anomalyarmor.records import Item

operation = resource("Referential checks")

_CHANGEABLE = {
    "is_active": "yes or no",
    "name": "text",
    "description": "text",
    "capture_interval": "text",
    "max_orphan_count": "number",
    "max_orphan_percent": "number",
    "min_child_count": "number",
    "max_child_count": "number",
}
_REQUIRED = dict.fromkeys(("child_table_path", "child_column_name", "parent_table_path", "parent_column_name"), "text")


def check_view(call: Call, check: Item) -> dict[str, Any]:
    """A check."""
    result = latest(call, "referential_result", check)
    known = {name: check.facts.get(name) for name in (*_REQUIRED, *_CHANGEABLE)}
    return {
        "id": check.id,
        "internal_id": check.number,
        "asset_id": check.asset_id,
        **known,
        "last_checked_at": None if result is None else result.created_at,
        "created_at": check.created_at,
    }


def result_view(check: Item, result: Item) -> dict[str, Any]:
    """How a check came out."""
    told = {"id": result.number, "referential_check_id": check.number, **result.facts}
    times = {"checked_at": result.created_at, "created_at": result.created_at}
    return {**told, "cardinality_sample": None, "error_message": None, **times}


def _checked(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    one_of(call.settings, "capture_interval", fields.get("capture_interval"), INTERVALS)
    return fields


@operation("GET", "/referential/{asset_id}/summary", "get_referential_summary")
def get_referential_summary(call: Call) -> Any:
    """Tell how many checks an asset has, and how many fail."""
    checks = chosen(call, "referential_check")
    results = [found for check in checks if (found := latest(call, "referential_result", check)) is not None]
    statuses = [result.facts["status"] for result in results]
    return {
        "total_checks": len(checks),
        "active_checks": sum(check.facts["is_active"] for check in checks),
        "passing_checks": statuses.count("pass"),
        "failing_checks": statuses.count("fail"),
        "last_check_at": max((result.created_at for result in results), default=None),
    }


@operation("GET", "/referential/{asset_id}", "list_referential_checks")
def list_referential_checks(call: Call) -> Any:
    """List an asset's checks."""
    return listed(call, (check_view(call, check) for check in chosen(call, "referential_check")))


@operation("POST", "/referential/{asset_id}", "create_referential_check", success=201)
def create_referential_check(call: Call) -> Any:
    """Make a check."""
    fields = _checked(call, fields_of(call, required=_REQUIRED, optional=_CHANGEABLE))
    whole = {"capture_interval": "daily", "is_active": True, **fields}
    return check_view(call, estate_of(call).add("referential_check", asset_id=asset_named(call).id, **whole))


@operation("GET", "/referential/{asset_id}/{check_id}", "get_referential_check")
def get_referential_check(call: Call) -> Any:
    """Tell of a check."""
    return check_view(call, check_named(call, "referential_check", "check_id"))


@operation("PATCH", "/referential/{asset_id}/{check_id}", "update_referential_check")
def update_referential_check(call: Call) -> Any:
    """Change a check; what is left out stays."""
    check = check_named(call, "referential_check", "check_id")
    fields = _checked(call, fields_of(call, required={}, optional=_CHANGEABLE))
    return check_view(call, estate_of(call).change(check, **fields))


@operation("DELETE", "/referential/{asset_id}/{check_id}", "delete_referential_check")
def delete_referential_check(call: Call) -> Any:
    """Forget a check and its results."""
    check, estate = check_named(call, "referential_check", "check_id"), estate_of(call)
    estate.remove([check, *estate.children("referential_result", check.id)])
    return {"id": check.id, "deleted": True}


@operation("POST", "/referential/{asset_id}/{check_id}/execute", "execute_referential_check")
def execute_referential_check(call: Call) -> Any:
    """Look now. How many rows point nowhere belongs to the check; half of all checks find none."""
    check = check_named(call, "referential_check", "check_id")
    if not check.facts["is_active"]:
        raise answers.invalid(call.settings, "The check is not active", check_id=check.id)
    table = table_of(call, asset_named(call), check.facts["child_table_path"])
    rows = 1000 if table is None else table.row_count
    orphans = round(rows * max(0.0, estate_of(call).share(f"referential {check.id}") - 0.5) / 100)
    percent = round(100 * orphans / rows, 2) if rows else 0.0
    most, most_percent = check.facts.get("max_orphan_count") or 0, check.facts.get("max_orphan_percent")
    failed = percent > most_percent if most_percent is not None else orphans > most
    result = estate_of(call).add(
        "referential_result",
        parent_id=check.id,
        status="fail" if failed else "pass",
        orphan_count=orphans,
        orphan_percent=percent,
        total_child_rows=rows,
        orphan_sample=list(range(1, min(orphans, 5) + 1)),
        parents_below_min=0,
        parents_above_max=0,
        query_duration_ms=80,
    )
    return result_view(check, result)


@operation("GET", "/referential/{asset_id}/{check_id}/results", "list_referential_results")
def list_referential_results(call: Call) -> Any:
    """List how a check came out, the latest first."""
    check = check_named(call, "referential_check", "check_id")
    results = reversed(estate_of(call).children("referential_result", check.id))
    return listed(call, (result_view(check, result) for result in results), default=100)
