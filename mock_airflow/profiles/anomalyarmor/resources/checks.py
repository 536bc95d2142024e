"""Checks of an asset's data: metrics that are captured, validity rules of columns, and referential checks.

What a check finds belongs to it and is the same for the same seed: of all validity rules and referential checks, half
find nothing wrong.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mock_airflow.profiles.anomalyarmor.api import Ask, Shape, resource
from mock_airflow.profiles.anomalyarmor.collection import ItemCollection
from mock_airflow.profiles.anomalyarmor.estate import Item

metrics = resource("Metrics")
validity = resource("Validity")
referential = resource("Referential checks")

INTERVALS = ("hourly", "daily", "weekly")


def _number(ask: Ask, result: Item) -> int:
    """What the vendor's database calls the check of a result."""
    check = ask.estate.get(result.parent_id or "")
    return 0 if check is None else check.number


def _rows(ask: Ask, path: str) -> int:
    """How many rows a table has; a thousand if nobody discovered it."""
    table = ask.estate.table(ask.asset(), path)
    return 1000 if table is None else table.row_count


# ------------------------------------------------------------------------------------------------------------ metrics

METRICS = ItemCollection(
    tag="Metrics",
    kind="metric",
    noun="metric",
    path="/metrics/{asset_id}",
    one="metric_id",
    view=Shape(  # the package reads the sensitivity as a whole number
        "id internal_id=number asset_id table_path column_name metric_type capture_interval sensitivity is_active"
        " group_by_columns percentile_value created_at",
        sensitivity=lambda ask, metric: max(1, round(metric.facts["sensitivity"])),
    ),
    required="metric_type table_path",
    changeable="is_active:flag capture_interval sensitivity:number",
    settable="column_name group_by_columns:list percentile_value:number",
    defaults={"capture_interval": "daily", "sensitivity": 1.0, "is_active": True},
    choices={"capture_interval": INTERVALS},
    filtered="is_active:flag metric_type",
    name="items",
    maximum=1000,
    verbs="list create update delete",
    results="metric_snapshot",
    result_list=("snapshots", "list_metric_snapshots"),
    result_view=Shape(
        "id=number metric_definition_id value group_values is_anomaly z_score status captured_at=created_at",
        metric_definition_id=_number,
        group_values=None,
        is_anomaly=False,
        z_score=0.0,
        status="pass",
    ),
)


@metrics("GET", "/metrics/{asset_id}/summary")
def get_metrics_summary(ask: Ask) -> Any:
    """Count an asset's metrics."""
    active = [metric.facts["is_active"] for metric in METRICS.chosen(ask, "is_active:flag")]
    told = {"total_metrics": len(active), "active_metrics": sum(active), "total_checks": sum(active)}
    return {**told, "passing": sum(active), "failing": 0, "warning": 0, "error": 0, "health_percentage": 100.0}


@metrics("POST", "/metrics/dry-run")
def dry_run_metric(ask: Ask) -> Any:
    """Show what a metric would have measured each day, and when it would have alerted."""
    fields = ask.fields("asset_id table_path metric_type column_name? sensitivity:number? lookback_days:number?")
    table = ask.table(ask.asset(fields["asset_id"]), fields["table_path"])
    days = int(fields.get("lookback_days", 30))
    return {
        "metric_id": "dry-run",
        "metric_type": fields["metric_type"],
        "threshold_type": "anomaly",
        "threshold_value": float(fields.get("sensitivity", 1.0)),
        "lookback_days": days,
        "total_snapshots": days,
        "would_alert_count": 0,
        "alert_rate_percent": 0.0,
        **dict.fromkeys(
            ("avg_value", "min_value", "max_value"),
            float(table.row_count) if fields["metric_type"] == "row_count" else 2.5,
        ),
        "sample_alerts": [],
        "recommendation": "The metric would have been quiet.",
    }


@metrics("GET", "/metrics/{asset_id}/{metric_id}")
def get_metric(ask: Ask) -> Any:
    """Show a metric, with its latest numbers."""
    metric = ask.item("metric")
    view = METRICS.view(ask, metric)
    if ask.flag("include_snapshots") is not False:
        limit = ask.number("snapshot_limit", 30, 1, 1000)
        latest = list(reversed(ask.estate.children("metric_snapshot", metric.id)))[:limit]
        view["snapshots"] = [METRICS.shown_result(ask, snapshot) for snapshot in latest]
    return view


@metrics("POST", "/metrics/{asset_id}/{metric_id}/capture")
def capture_metric(ask: Ask) -> Any:
    """Measure now: the rows of the table, or a share of them."""
    metric = ask.item("metric")
    value = float(_rows(ask, metric.facts["table_path"]))
    if metric.facts["metric_type"] != "row_count":
        value = round(5 * ask.estate.share(f"{metric.facts['metric_type']} {metric.id}"), 3)
    snapshot = ask.estate.add("metric_snapshot", parent_id=metric.id, value=value)
    told = {"metric_id": metric.id, "snapshot_count": 1, "captured_at": snapshot.created_at}
    return {**told, "snapshots": [METRICS.shown_result(ask, snapshot)]}


# ----------------------------------------------------------------------------------------------------- validity rules


def _latest_status(ask: Ask, rule: Item) -> str | None:
    result = VALIDITY.latest(ask, rule)
    return None if result is None else str(result.facts["status"])


VALIDITY = ItemCollection(
    tag="Validity",
    kind="validity_rule",
    noun="validity_rule",
    path="/validity/{asset_id}",
    one="rule_id",
    view=Shape(
        "id=number uuid=id asset_id table_path column_name rule_type rule_config name description error_message"
        " severity is_active alert_threshold_percent treat_null_as_valid check_interval created_at latest_status",
        rule_config=lambda ask, rule: rule.facts.get("rule_config") or {},
        latest_status=_latest_status,
    ),
    required="rule_type table_path",
    changeable="is_active:flag severity name description alert_threshold_percent:number treat_null_as_valid:flag"
    " check_interval",
    settable="column_name rule_config:object error_message",
    defaults={"severity": "warning", "treat_null_as_valid": False, "check_interval": "daily", "is_active": True},
    choices={"severity": ("info", "warning", "error", "critical"), "check_interval": INTERVALS},
    filtered="is_active:flag rule_type",
    name="items",
    maximum=1000,
    told_id="uuid",
    results="validity_result",
    result_list=("results", "list_validity_results"),
    result_view=Shape(
        "id=number validity_rule_id status total_rows invalid_count invalid_percent invalid_samples"
        " execution_duration_ms error_message checked_at=created_at created_at",
        validity_rule_id=_number,
    ),
)


@validity("GET", "/validity/{asset_id}/summary")
def get_validity_summary(ask: Ask) -> Any:
    """Count an asset's rules, and those that fail."""
    statuses = [_latest_status(ask, rule) for rule in VALIDITY.chosen(ask, "is_active:flag")]
    told = {"passing": statuses.count("pass"), "failing": statuses.count("fail"), "error": statuses.count("error")}
    return {"total_rules": len(statuses), **told}


@validity("POST", "/validity/{asset_id}/{rule_id}/check")
def check_validity_rule(ask: Ask) -> Any:
    """Look now how many rows are wrong."""
    rule = ask.item("validity_rule")
    limit = ask.fields("sample_limit:number?").get("sample_limit", 10)
    if not rule.facts["is_active"]:
        raise ask.invalid("The rule is not active", rule_id=rule.id)
    rows = _rows(ask, rule.facts["table_path"])
    wrong = round(rows * (max(0.0, ask.estate.share(f"validity {rule.id}") - 0.5) / 10))
    percent = round(100 * wrong / rows, 2) if rows else 0.0
    result = ask.estate.add(
        "validity_result",
        parent_id=rule.id,
        status="fail" if percent > (rule.facts.get("alert_threshold_percent") or 0.0) else "pass",
        total_rows=rows,
        invalid_count=wrong,
        invalid_percent=percent,
        invalid_samples={"rows": list(range(1, min(wrong, int(limit)) + 1))} if wrong else None,
        execution_duration_ms=120,
    )
    return VALIDITY.shown_result(ask, result)


# -------------------------------------------------------------------------------------------------- referential checks


def _last_checked_at(ask: Ask, check: Item) -> datetime | None:
    result = REFERENTIAL.latest(ask, check)
    return None if result is None else result.created_at


REFERENTIAL = ItemCollection(
    tag="Referential checks",
    kind="referential_check",
    noun="referential_check",
    path="/referential/{asset_id}",
    one="check_id",
    view=Shape(
        "id internal_id=number asset_id child_table_path child_column_name parent_table_path parent_column_name"
        " is_active name description capture_interval max_orphan_count max_orphan_percent min_child_count"
        " max_child_count last_checked_at created_at",
        last_checked_at=_last_checked_at,
    ),
    required="child_table_path child_column_name parent_table_path parent_column_name",
    changeable="is_active:flag name description capture_interval max_orphan_count:number max_orphan_percent:number"
    " min_child_count:number max_child_count:number",
    defaults={"capture_interval": "daily", "is_active": True},
    choices={"capture_interval": INTERVALS},
    filtered="is_active:flag",
    name="items",
    maximum=1000,
    results="referential_result",
    result_list=("results", "list_referential_results"),
    result_view=Shape(
        "id=number referential_check_id status orphan_count orphan_percent total_child_rows orphan_sample"
        " parents_below_min parents_above_max query_duration_ms cardinality_sample error_message checked_at=created_at"
        " created_at",
        referential_check_id=_number,
    ),
)


@referential("GET", "/referential/{asset_id}/summary")
def get_referential_summary(ask: Ask) -> Any:
    """Count an asset's checks, and those that fail."""
    checks = REFERENTIAL.chosen(ask)
    results = [found for check in checks if (found := REFERENTIAL.latest(ask, check)) is not None]
    statuses = [result.facts["status"] for result in results]
    return {
        "total_checks": len(checks),
        "active_checks": sum(check.facts["is_active"] for check in checks),
        "passing_checks": statuses.count("pass"),
        "failing_checks": statuses.count("fail"),
        "last_check_at": max((result.created_at for result in results), default=None),
    }


@referential("POST", "/referential/{asset_id}/{check_id}/execute")
def execute_referential_check(ask: Ask) -> Any:
    """Look now how many rows point nowhere."""
    check = ask.item("referential_check")
    if not check.facts["is_active"]:
        raise ask.invalid("The check is not active", check_id=check.id)
    rows = _rows(ask, check.facts["child_table_path"])
    orphans = round(rows * max(0.0, ask.estate.share(f"referential {check.id}") - 0.5) / 100)
    percent = round(100 * orphans / rows, 2) if rows else 0.0
    most, most_percent = check.facts.get("max_orphan_count") or 0, check.facts.get("max_orphan_percent")
    failed = percent > most_percent if most_percent is not None else orphans > most
    result = ask.estate.add(
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
    return REFERENTIAL.shown_result(ask, result)
