"""The Python package's library: every method of every resource, and what it raises."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from anomalyarmor import Client
from anomalyarmor.exceptions import (
    ArmorError,
    AuthenticationError,
    NotFoundError,
    RateLimitError,
    ServerError,
    StalenessError,
    ValidationError,
)

from mock_airflow import MockAirflow

SOURCE = "snowflake.prod"
ORDERS = f"{SOURCE}.warehouse.orders"
INVENTORY = f"{SOURCE}.warehouse.inventory"


def of(armor: MockAirflow, scope: str) -> Client:
    return Client(api_key=armor.keys.create(scope=scope).secret, api_url=armor.api_url)


# ----------------------------------------------------------------------------------------------------- keys and errors


def test_keys(client: Client, armor: MockAirflow) -> None:
    made = client.api_keys.create("ci", scope="read-write")
    assert made.key.startswith("aa_live_")
    assert made.display_key == f"{made.key[:12]}...{made.key[-4:]}"
    assert [key.name for key in client.api_keys.list()] == ["first key", "ci"]
    assert client.api_keys.get(made.id).scope == "read-write"
    assert client.api_keys.usage()["can_create"] is True

    other = Client(api_key=made.key, api_url=armor.api_url)
    assert other.assets.list()
    assert client.api_keys.revoke(made.id).is_active is False
    with pytest.raises(AuthenticationError, match="revoked"):
        other.assets.list()
    assert len(client.api_keys.list()) == 1
    assert len(client.api_keys.list(include_revoked=True)) == 2


def test_a_scope_too_small_is_an_authentication_error(armor: MockAirflow) -> None:
    with pytest.raises(AuthenticationError, match="Forbidden: This operation requires read-write scope") as caught:
        of(armor, "read-only").freshness.refresh(ORDERS)
    assert caught.value.details == {"required_scope": "read-write", "current_scope": "read-only"}
    assert of(armor, "read-write").freshness.refresh(ORDERS)["status"] == "queued"
    with pytest.raises(AuthenticationError, match="admin"):
        of(armor, "read-write").api_keys.create("x")


def test_each_error_by_its_own_class(client: Client, armor: MockAirflow) -> None:
    with pytest.raises(NotFoundError) as missing:
        client.assets.get("no.such.table")
    assert missing.value.details["asset_id"] == "no.such.table"
    with pytest.raises(ValidationError, match="limit"):
        client.assets.list(limit=101)
    with pytest.raises(AuthenticationError):
        Client(api_key="aa_live_wrong", api_url=armor.api_url).assets.list()
    armor.faults.add("GET /api/v1/sdk/assets", status=500, times=1)
    with pytest.raises(ServerError):
        client.assets.list()


def test_429_tells_when_to_come_back() -> None:
    with MockAirflow(profile="anomalyarmor", tier="free-trial", clock="2026-01-02T03:04:05Z", frozen=True) as mock:
        client = Client(api_key=mock.credentials["api_key"], api_url=mock.api_url)
        client.assets.list()
        client.assets.list()
        with pytest.raises(RateLimitError) as caught:
            client.assets.list()
        assert caught.value.retry_after == 1
        assert len(mock.calls) == 3  # it never asks again by itself
        mock.clock.advance(1)
        assert client.assets.list()


def test_a_demo_key_is_found_where_the_agent_plugin_leaves_it(
    armor: MockAirflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    told = httpx.post(f"{armor.api_url}/demo/session").json()["data"]
    assert told["api_key"].startswith("aa_demo_")
    with Client(api_key=told["api_key"], api_url=armor.api_url) as demo:
        assert demo.health.summary().overall_status == "critical"
        with pytest.raises(AuthenticationError):
            demo.schema.create_baseline(SOURCE)


# ----------------------------------------------------------------------------------------------------------- resources


def test_assets(client: Client) -> None:
    names = [asset.qualified_name for asset in client.assets.list()]
    assert {SOURCE, ORDERS, "airflow.datasets.upstream_data"} <= {*names}
    assert [asset.name for asset in client.assets.list(search="order", asset_type="view")] == ["open_orders"]
    assert {asset.source_type for asset in client.assets.list(source="snowflake")} == {"snowflake"}
    assert [*names[2:4]] == [asset.qualified_name for asset in client.assets.list(limit=2, offset=2)]
    asset = client.assets.get(ORDERS)
    assert client.assets.get(asset.id) == client.assets.get(asset.id[:8]) == asset
    assert client.assets.get(SOURCE).table_count == 7
    made = client.assets.create("My Database", "postgresql", {"password": "hush"}, description="Mine")
    assert (made.qualified_name, made.description) == ("postgresql.my_database", "Mine")
    assert client.assets.test_connection(made.id).success
    job = client.assets.trigger_discovery(SOURCE)
    assert client.jobs.status(job.job_id)["status"] == "completed"


def test_freshness_and_its_refresh(client: Client, armor: MockAirflow) -> None:
    summary = client.freshness.summary()
    assert (summary.stale_count, summary.disabled_count) == (1, 1)
    assert [status.qualified_name for status in client.freshness.list(status="stale")] == [INVENTORY]
    assert client.freshness.require_fresh(ORDERS).status == "fresh"
    with pytest.raises(StalenessError):
        client.freshness.require_fresh(INVENTORY)

    armor.clock.advance(hours=25)
    assert client.freshness.get(ORDERS).is_stale
    job = client.freshness.refresh(ORDERS)
    assert client.jobs.status(job["job_id"])["status"] == "completed"
    fresh = client.freshness.get(ORDERS)
    assert fresh.status == "fresh"
    assert fresh.hours_since_update is not None
    assert fresh.hours_since_update < 1
    client.freshness.refresh(INVENTORY)
    assert client.freshness.get(INVENTORY).is_stale  # nothing arrives there any more


def test_a_job_that_takes_time() -> None:
    with MockAirflow(
        profile="anomalyarmor", clock="2026-01-02T03:04:05Z", frozen=True, anomalyarmor_job_seconds=30
    ) as mock:
        client = Client(api_key=mock.credentials["api_key"], api_url=mock.api_url)
        mock.clock.advance(hours=25)
        job = client.freshness.refresh(ORDERS)["job_id"]
        seen = [client.jobs.status(job)["status"]]
        mock.clock.advance(15)
        seen.append(client.jobs.status(job)["status"])
        assert client.freshness.get(ORDERS).is_stale
        mock.clock.advance(15)
        seen.append(client.jobs.status(job)["status"])
        assert seen == ["pending", "running", "completed"]
        assert not client.freshness.get(ORDERS).is_stale


def test_freshness_schedules(client: Client) -> None:
    made = client.freshness.create_schedule(SOURCE, "warehouse.customers", "1h")
    assert (made.monitoring_mode, made.is_active) == ("auto_learn", True)
    assert client.freshness.update_schedule(made.id, check_interval="6h", is_active=False).check_interval == "6h"
    assert made.id not in [schedule.id for schedule in client.freshness.list_schedules(SOURCE, active_only=True)]
    bulk = client.freshness.bulk_create_schedules(
        SOURCE, [{"table_path": "warehouse.returns", "check_interval": "1d"}, {}]
    )
    assert (bulk["created_count"], bulk["failed_count"]) == (1, 1)
    assert client.freshness.delete_schedule(made.id)
    with pytest.raises(NotFoundError):
        client.freshness.delete_schedule(made.id)
    with pytest.raises(ValidationError):
        client.freshness.create_schedule(SOURCE, "warehouse.orders", "sometimes")
    dry = client.freshness.dry_run(SOURCE, "warehouse.inventory", expected_interval_hours=24)
    assert (dry.would_alert_now, dry.total_checks) == (True, 168)


def test_schema(client: Client) -> None:
    assert client.schema.summary().unacknowledged == 1
    assert client.schema.dry_run(SOURCE).changes_detected
    assert client.schema.create_baseline(SOURCE, "first").table_count == 7
    assert client.schema.enable_monitoring(SOURCE, "hourly").monitoring_enabled
    assert client.schema.get(SOURCE)["schedule_type"] == "hourly"
    assert client.schema.disable_monitoring(SOURCE)["monitoring_enabled"] is False
    client._request("POST", f"/sdk/schema/{SOURCE}/refresh")
    found = client.schema.changes(asset_id=SOURCE, unacknowledged_only=True)
    assert (found[0].change_type, found[0].column_name) == ("column_added", "loyalty_tier")
    assert not client.schema.dry_run(SOURCE).changes_detected
    assert [change.severity for change in client.schema.changes(severity="warning")] == ["warning"]


def test_lineage_of_the_warehouse_and_of_airflow_datasets(armor: MockAirflow, client: Client) -> None:
    graph = client.lineage.get(f"{SOURCE}.warehouse.order_metrics", direction="upstream")
    assert {node.name for node in graph.upstream} == {"customers", "orders"}
    assert graph.downstream == []
    assert {edge.target for edge in graph.edges} == {f"{SOURCE}.warehouse.order_metrics"}
    assert {node.name for node in client.lineage.list()} >= {"customers", "orders", "open_orders"}
    with pytest.raises(ValidationError):
        client.lineage.get(ORDERS, depth=6)


def test_alerts_and_incidents(client: Client, armor: MockAirflow) -> None:
    assert client.alerts.summary().unresolved_alerts == 2
    critical = client.alerts.list(severity="critical")
    assert [alert.qualified_name for alert in critical] == [INVENTORY]
    assert client.alerts.list(from_date=armor.clock.now() - timedelta(hours=1)) == []
    inbox = client.alerts.list_inbox(state="new")
    assert [alert.id for alert in inbox] == [critical[0].id]
    assert client.alerts.acknowledge(critical[0].id, notes="looking")["status"] == "acknowledged"
    assert client.alerts.snooze(critical[0].id, 4)["snoozed_until"] == "2026-01-02T07:04:05Z"
    assert client.alerts.resolve(critical[0].id, action_category="reran_job")["status"] == "resolved"
    history = [entry["activity_type"] for entry in client.alerts.history(critical[0].id)]
    assert history == ["detected", "acknowledged", "snoozed", "resolved"]
    other = client.alerts.list(status="acknowledged")[0]
    assert client.alerts.dismiss(other.id)["status"] == "dismissed"
    assert client.alerts.trends()["total"] == 2
    incidents = client.alerts.list_incidents(status="resolved")
    assert critical[0].id in [incident.id for incident in incidents]
    client.alerts.comment_on_incident(critical[0].id, "fixed")
    assert client.alerts.get_incident(critical[0].id)["activities"][-1]["metadata"] == {"comment": "fixed"}


def test_alert_rules_and_destinations(client: Client) -> None:
    made = client.alerts.create_destination("hook", "webhook", {"url": "https://example.com"})
    assert client.alerts.test_destination(made.id)["success"]
    assert client.alerts.get_destination(made.id).is_verified
    assert client.alerts.update_destination(made.id, is_active=False).is_active is False
    assert made.id not in [one.id for one in client.alerts.list_destinations(active_only=True)]
    more = client.alerts.bulk_create_destinations([{"name": "m", "destination_type": "email", "config": {}}])
    connection = client.alerts.list_slack_connections()[0]["id"]
    channel = client.alerts.get_slack_channels(connection)[0]
    slack = client.alerts.create_slack_destination(connection, channel["id"], channel["name"])
    assert slack.name == "Slack #general"
    assert client.alerts.bulk_create_slack_destinations(connection, [{"channel_id": "C", "channel_name": "x"}])
    assert client.alerts.get_slack_oauth_url()["url"].startswith("https://slack.com/")

    rule = client.alerts.create_rule("critical only", [made.id], severities=["critical"])
    assert client.alerts.get_rule(rule.id).name == "critical only"
    assert client.alerts.update_rule(rule.id, is_active=False).enabled is False
    assert rule.id not in [one.id for one in client.alerts.rules(enabled_only=True)]
    client.alerts.link_destinations_to_rule(rule.id, [more[0].id])
    assert [one.id for one in client.alerts.list_rule_destinations(rule.id)] == [made.id, more[0].id]
    assert client.alerts.unlink_destination_from_rule(rule.id, made.id)
    assert client.alerts.preview(rule_id=rule.id).alerts_would_match == 1
    assert client.alerts.delete_destination(made.id)
    assert client.alerts.delete_rule(rule.id)
    with pytest.raises(NotFoundError):
        client.alerts.get_rule(rule.id)


def test_metrics(client: Client) -> None:
    made = client.metrics.create(SOURCE, "null_percent", "warehouse.orders", column_name="amount")
    assert [metric.metric_type for metric in client.metrics.list(SOURCE)] == ["row_count", "null_percent"]
    assert client.metrics.update(SOURCE, made.id, is_active=False, sensitivity=2.0).sensitivity == 2
    assert client.metrics.summary(SOURCE).active_metrics == 1
    assert client.metrics.capture(SOURCE, made.id)["snapshot_count"] == 1
    assert len(client.metrics.snapshots(SOURCE, made.id)) == 1
    assert client.metrics.get(SOURCE, made.id).id == made.id
    rows = client.metrics.list(SOURCE, metric_type="row_count")[0]
    client.metrics.capture(SOURCE, rows.id)
    assert client.metrics.snapshots(SOURCE, rows.id)[0].value == 1_500_000
    assert client.metrics.dry_run(SOURCE, "warehouse.orders", "row_count").total_snapshots == 30
    client.metrics.delete(SOURCE, made.id)
    with pytest.raises(NotFoundError):
        client.metrics.get(SOURCE, made.id)


def test_validity_and_referential_checks(client: Client) -> None:
    rule = client.validity.create(SOURCE, "NOT_NULL", "warehouse.orders", column_name="amount", severity="critical")
    assert client.validity.update(SOURCE, rule.uuid, name="amount is there").name == "amount is there"
    result = client.validity.check(SOURCE, rule.uuid)
    assert client.validity.get(SOURCE, rule.uuid).latest_status == result.status
    assert [one.id for one in client.validity.results(SOURCE, rule.uuid)] == [result.id]
    assert client.validity.summary(SOURCE).total_rules == len(client.validity.list(SOURCE)) == 2
    client.validity.delete(SOURCE, rule.uuid)

    check = client.referential.create(SOURCE, "warehouse.orders", "customer_id", "warehouse.customers", "id")
    assert client.referential.update(SOURCE, check.id, is_active=False).is_active is False
    with pytest.raises(ValidationError, match="not active"):
        client.referential.execute(SOURCE, check.id)
    client.referential.update(SOURCE, check.id, is_active=True)
    done = client.referential.execute(SOURCE, check.id)
    assert done.total_child_rows == 1_500_000
    assert [one.id for one in client.referential.results(SOURCE, check.id)] == [done.id]
    assert client.referential.get(SOURCE, check.id).last_checked_at is not None
    assert client.referential.summary(SOURCE).total_checks == len(client.referential.list(SOURCE)) == 2
    client.referential.delete(SOURCE, check.id)


def test_tags_and_badges(client: Client) -> None:
    assert client.tags.create(SOURCE, "finance", "warehouse.orders", category="business").name == "finance"
    assert client.tags.apply(SOURCE, ["a", "b"], ["warehouse.orders", "warehouse.returns"]).applied == 4
    assert client.tags.bulk_apply("q4", [SOURCE, "none"]).failed == 1
    assert len(client.tags.list(SOURCE)) == 7
    assert [tag.name for tag in client.tags.list(SOURCE, category="governance")] == ["pii"]

    badge = client.badges.create(SOURCE, label="Quality")
    assert client.badges.get_status(badge.id)["status"] == "failing"
    assert client.badges.update(badge.id, is_active=False).is_active is False
    assert client.badges.list() == []
    assert [one.label for one in client.badges.list(active_only=False)] == ["Quality"]
    assert client.badges.delete(badge.id)
    with pytest.raises(NotFoundError):
        client.badges.get(badge.id)


def test_coverage_and_recommendations(client: Client) -> None:
    before = client.coverage.get(SOURCE)
    gaps = client.coverage.gaps(SOURCE)
    assert gaps.recommendations[0].table_path == "warehouse.orders"
    applied = client.coverage.apply(SOURCE, types=["freshness"], table_paths=["warehouse.customers", "none"])
    assert (applied.applied_count, applied.failed_count) == (1, 1)
    assert client.coverage.get(SOURCE).score > before.score
    assert client.coverage.company().asset_count >= 1
    assert client.recommendations.freshness(SOURCE).tables_analyzed == 7
    assert client.recommendations.metrics(SOURCE, table_path="warehouse.orders").columns_analyzed == 5
    assert client.recommendations.coverage(SOURCE).total_tables == 7
    assert client.recommendations.thresholds(SOURCE).recommendations[0].direction == "increase"


def test_intelligence_investigations_and_the_briefing(client: Client) -> None:
    with pytest.raises(ArmorError) as caught:
        client.intelligence.ask(SOURCE, "list upstream tables of order_metrics as JSON")
    assert caught.value.code == "INTELLIGENCE_NOT_GENERATED"
    job = client.intelligence.generate(SOURCE)
    assert client.jobs.status(job.job_id)["progress"] == 100
    answer = client.intelligence.ask(SOURCE, "list upstream tables of order_metrics as JSON")
    assert answer.answer == '["warehouse.customers", "warehouse.orders"]'
    empty = client.assets.create("empty", "mysql", {})
    with pytest.raises(ArmorError) as refused:
        client.intelligence.generate(empty.id)
    assert refused.value.code == "SCHEMA_NOT_DISCOVERED"

    capsule = client.investigations.explain(INVENTORY, question="Why is inventory stale?")
    assert capsule.triggers[0].source == "alert"
    again = client.investigations.get(capsule.triggers[0].source_id or "")
    assert again.root_cause_hypothesis == capsule.root_cause_hypothesis
    assert client.briefings.today()["date"] == "2026-01-02"


def test_contracts_by_the_doubled_path_that_it_asks_for(client: Client, armor: MockAirflow) -> None:
    source = client.assets.get(SOURCE).id
    text = client.contracts.export_asset(source)
    assert armor.calls[-1].path == f"/api/v1/api/v1/contracts/{source}/export"
    assert client.contracts.validate(text)["contract_summary"]["name"] == SOURCE
    assert client.contracts.plan(source, text)["summary"] == {}
    changed = text.replace(b"NOT_NULL", b"UNIQUE")
    assert client.contracts.plan(source, changed)["summary"]["validity"] == {"added": 0, "modified": 1, "removed": 0}
    assert client.contracts.apply(source, changed)["applied"]["validity"]["modified"]
    assert client.validity.list(SOURCE)[0].rule_type == "UNIQUE"
    wrong = client.contracts.validate(b"a: [1")
    assert (wrong["valid"], wrong["errors"][0]["code"]) == (False, "PARSE_ERROR")
    assert b"customProperties" not in client.contracts.export_asset(source, mode="odcs-pure")
    job = client.contracts.submit_bulk_job(scope="warehouse", scope_name="prod")
    assert client.contracts.wait_for_job(job)["asset_count"] == 1
    with zipfile.ZipFile(io.BytesIO(client.contracts.download_zip(job))) as archive:
        assert archive.namelist() == [f"{SOURCE}.yaml"]


def test_the_doubled_path_can_be_switched_off() -> None:
    with MockAirflow(profile="anomalyarmor", anomalyarmor_doubled_contracts="no") as mock:
        client = Client(api_key=mock.credentials["api_key"], api_url=mock.api_url)
        with pytest.raises(NotFoundError):
            client.contracts.export_asset(SOURCE)
