"""Checks of an asset's data: metrics that are captured, validity rules of columns, and referential checks.

What a check finds belongs to it and is the same for the same seed: of all validity rules and referential checks, half
find nothing wrong.
"""

from __future__ import annotations

from typing import Any

from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset
from mock_airflow.profiles.anomalyarmor.items import Items
from mock_airflow.profiles.anomalyarmor.resource import Facts, get, post

_INTERVAL = "hourly|daily|weekly=daily"


class Checks(Items):
    """What the three kinds of checks have in common."""

    listed_as, maximum = "items", 1000

    def _latest(self, check: Item) -> Item | None:
        return next(reversed(self.estate.children(self.results, check.id)), None)

    def rows_of(self, path: str) -> int:
        """How many rows a table has; a thousand if nobody discovered it."""
        table = self.estate.table(self.asset(), path)
        return 1000 if table is None else table.row_count

    def found(self, check: Item, **facts: Any) -> Any:
        """A new result of a check, as it is shown."""
        return self.shown(self.estate.add(self.results, parent_id=check.id, **facts), self.result_view)


class MetricChecks(Checks):
    """Numbers that are captured of a table or a column."""

    tag, kind, noun = "Metrics", "metric", "metric"
    where, one, verbs = "/metrics/{asset_id}", "metric_id", "list create update delete"
    takes = (
        f"metric_type table_path is_active:flag=true capture_interval:{_INTERVAL} sensitivity:number=1.0 column_name?"
        " group_by_columns:list? percentile_value:number?"
    )
    fixed = "metric_type table_path column_name group_by_columns percentile_value"
    filters = "is_active:flag metric_type"
    view = (
        "id internal_id=number asset_id table_path column_name metric_type capture_interval sensitivity is_active"
        " group_by_columns percentile_value created_at"
    )
    results, results_at, results_id = "metric_snapshot", "snapshots", "list_metric_snapshots"
    result_view = (
        "id=number metric_definition_id=parent.number value group_values is_anomaly|false z_score|0.0"
        ' status|"pass" captured_at=created_at'
    )
    dry_run_view = (
        'metric_id|"dry-run" metric_type threshold_type|"anomaly" threshold_value=threshold lookback_days=days'
        " total_snapshots=days would_alert_count|0 alert_rate_percent|0.0 avg_value=value min_value=value"
        " max_value=value sample_alerts|[] recommendation"
    )

    def _sensitivity(self, metric: Item) -> Any:
        return max(1, round(metric["sensitivity"]))  # the package reads a whole number

    @get("/metrics/{asset_id}/summary")
    def get_metrics_summary(self) -> Any:
        """Count an asset's metrics."""
        active = [metric["is_active"] for metric in self.chosen("is_active:flag")]
        told = {"total_metrics": len(active), "active_metrics": sum(active), "total_checks": sum(active)}
        return {**told, "passing": sum(active), "failing": 0, "warning": 0, "error": 0, "health_percentage": 100.0}

    @post(
        "/metrics/dry-run",
        "asset_id table_path metric_type column_name? sensitivity:number=1.0 lookback_days:number=30",
    )
    def dry_run_metric(self, asset: WatchedAsset, fields: Facts) -> Any:
        """Show what a metric would have measured each day, and when it would have alerted."""
        table, days = self.table(asset, fields["table_path"]), int(fields["lookback_days"])
        value = float(table.row_count) if fields["metric_type"] == "row_count" else 2.5
        told = {"metric_type": fields["metric_type"], "threshold": float(fields["sensitivity"]), "days": days}
        advice = "The metric would have been quiet."
        return self.shown({**told, "value": value, "recommendation": advice}, self.dry_run_view)

    @get("/metrics/{asset_id}/{metric_id}")
    def get_metric(self, metric: Item) -> Any:
        """Show a metric, with its latest numbers."""
        view = self.shown(metric)
        if self.flag("include_snapshots") is not False:
            limit = self.number("snapshot_limit", 30, 1, 1000)
            latest = list(reversed(self.estate.children(self.results, metric.id)))[:limit]
            view["snapshots"] = [self.shown(snapshot, self.result_view) for snapshot in latest]
        return view

    @post("/metrics/{asset_id}/{metric_id}/capture")
    def capture_metric(self, metric: Item) -> Any:
        """Measure now: the rows of the table, or a share of them."""
        value = float(self.rows_of(metric["table_path"]))
        if metric["metric_type"] != "row_count":
            value = round(5 * self.estate.share(f"{metric['metric_type']} {metric.id}"), 3)
        snapshot = self.found(metric, value=value)
        told = {"metric_id": metric.id, "snapshot_count": 1, "captured_at": snapshot["captured_at"]}
        return {**told, "snapshots": [snapshot]}


class ValidityRules(Checks):
    """Rules that the values of a column keep to."""

    tag, kind, noun = "Validity", "validity_rule", "validity_rule"
    where, one, told_id = "/validity/{asset_id}", "rule_id", "uuid"
    takes = (
        "rule_type table_path is_active:flag=true severity:info|warning|error|critical=warning name? description?"
        f" alert_threshold_percent:number? treat_null_as_valid:flag=false check_interval:{_INTERVAL} column_name?"
        " rule_config:object? error_message?"
    )
    fixed = "rule_type table_path column_name rule_config error_message"
    filters = "is_active:flag rule_type"
    view = (
        "id=number uuid=id asset_id table_path column_name rule_type rule_config|{} name description error_message"
        " severity is_active alert_threshold_percent treat_null_as_valid check_interval created_at"
        " latest_status=latest.status"
    )
    results, results_at, results_id = "validity_result", "results", "list_validity_results"
    result_view = (
        "id=number validity_rule_id=parent.number status total_rows invalid_count invalid_percent invalid_samples"
        " execution_duration_ms|120 error_message checked_at=created_at created_at"
    )

    @get("/validity/{asset_id}/summary")
    def get_validity_summary(self) -> Any:
        """Count an asset's rules, and those that fail."""
        latest = [self._latest(rule) for rule in self.chosen("is_active:flag")]
        statuses = [result["status"] for result in latest if result is not None]
        told = {"passing": statuses.count("pass"), "failing": statuses.count("fail"), "error": statuses.count("error")}
        return {"total_rules": len(latest), **told}

    @post("/validity/{asset_id}/{rule_id}/check", "sample_limit:number=10")
    def check_validity_rule(self, rule: Item, sample_limit: float) -> Any:
        """Look now how many rows are wrong."""
        if not rule["is_active"]:
            raise self.invalid("The rule is not active", rule_id=rule.id)
        rows = self.rows_of(rule["table_path"])
        wrong = round(rows * (max(0.0, self.estate.share(f"validity {rule.id}") - 0.5) / 10))
        percent = round(100 * wrong / rows, 2) if rows else 0.0
        status = "fail" if percent > (rule["alert_threshold_percent"] or 0.0) else "pass"
        samples = {"rows": list(range(1, min(wrong, int(sample_limit)) + 1))} if wrong else None
        counts = {"total_rows": rows, "invalid_count": wrong, "invalid_percent": percent}
        return self.found(rule, status=status, invalid_samples=samples, **counts)


class ReferentialChecks(Checks):
    """That every row of one table points at a row of another."""

    tag, kind, noun = "Referential checks", "referential_check", "referential_check"
    where, one = "/referential/{asset_id}", "check_id"
    takes = (
        "child_table_path child_column_name parent_table_path parent_column_name is_active:flag=true name? description?"
        f" capture_interval:{_INTERVAL} max_orphan_count:number? max_orphan_percent:number? min_child_count:number?"
        " max_child_count:number?"
    )
    fixed = "child_table_path child_column_name parent_table_path parent_column_name"
    filters = "is_active:flag"
    view = (
        "id internal_id=number asset_id child_table_path child_column_name parent_table_path parent_column_name"
        " is_active name description capture_interval max_orphan_count max_orphan_percent min_child_count"
        " max_child_count last_checked_at=latest.created_at created_at"
    )
    results, results_at, results_id = "referential_result", "results", "list_referential_results"
    result_view = (
        "id=number referential_check_id=parent.number status orphan_count orphan_percent total_child_rows orphan_sample"
        " parents_below_min|0 parents_above_max|0 query_duration_ms|80 cardinality_sample error_message"
        " checked_at=created_at created_at"
    )

    @get("/referential/{asset_id}/summary")
    def get_referential_summary(self) -> Any:
        """Count an asset's checks, and those that fail."""
        checks = self.chosen()
        results = [found for check in checks if (found := self._latest(check)) is not None]
        statuses = [result["status"] for result in results]
        return {
            "total_checks": len(checks),
            "active_checks": sum(check["is_active"] for check in checks),
            "passing_checks": statuses.count("pass"),
            "failing_checks": statuses.count("fail"),
            "last_check_at": max((result.created_at for result in results), default=None),
        }

    @post("/referential/{asset_id}/{check_id}/execute")
    def execute_referential_check(self, check: Item) -> Any:
        """Look now how many rows point nowhere."""
        if not check["is_active"]:
            raise self.invalid("The check is not active", check_id=check.id)
        rows = self.rows_of(check["child_table_path"])
        orphans = round(rows * max(0.0, self.estate.share(f"referential {check.id}") - 0.5) / 100)
        percent = round(100 * orphans / rows, 2) if rows else 0.0
        most, most_percent = check["max_orphan_count"] or 0, check["max_orphan_percent"]
        failed = percent > most_percent if most_percent is not None else orphans > most
        sample = list(range(1, min(orphans, 5) + 1))
        counts = {"total_child_rows": rows, "orphan_count": orphans, "orphan_percent": percent}
        return self.found(check, status="fail" if failed else "pass", orphan_sample=sample, **counts)
