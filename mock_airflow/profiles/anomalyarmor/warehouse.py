"""The small warehouse that a deployment has from the start, so that every list has something to show.

It lies in the past of the moment at which the deployment begins, and is the same for the same seed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from mock_airflow.profiles.anomalyarmor.answers import moment
from mock_airflow.profiles.anomalyarmor.estate import Asset, Column, Estate, data_source

SOURCE = "snowflake.prod"
_KEY = Column("id", "NUMBER", False)
_LOADED = Column("loaded_at", "TIMESTAMP_NTZ")


class _Table(NamedTuple):
    name: str
    columns: tuple[Column, ...]
    row_count: int
    every_hours: float | None
    hours_old: float | None
    stopped: bool = False
    threshold_hours: int | None = 24
    asset_type: str = "table"
    undiscovered: tuple[Column, ...] = ()


_TABLES = (
    _Table(
        "customers",
        (_KEY, Column("email", "VARCHAR"), Column("country", "VARCHAR"), _LOADED),
        48_200,
        6,
        1.5,
        undiscovered=(Column("loyalty_tier", "VARCHAR"),),
    ),
    _Table(
        "orders",
        (
            _KEY,
            Column("customer_id", "NUMBER", False),
            Column("amount", "NUMBER"),
            Column("status", "VARCHAR"),
            _LOADED,
        ),
        1_500_000,
        1,
        0.5,
    ),
    _Table(
        "inventory", (_KEY, Column("sku", "VARCHAR", False), Column("stock", "NUMBER"), _LOADED), 9_300, 12, 30, True
    ),
    _Table("order_metrics", (_KEY, Column("day", "DATE"), Column("revenue", "NUMBER"), _LOADED), 730, 24, 9),
    _Table("returns", (_KEY, Column("order_id", "NUMBER"), _LOADED), 2_100, None, None),
    _Table(
        "calendar", (Column("day", "DATE", False), Column("is_holiday", "BOOLEAN")), 7_305, None, 2_000, False, None
    ),
    _Table("open_orders", (_KEY, Column("customer_id", "NUMBER")), 310, 1, 0.5, asset_type="view"),
)
_EDGES = (
    ("customers", "order_metrics"),
    ("orders", "order_metrics"),
    ("orders", "open_orders"),
    ("orders", "returns"),
)


def stock(estate: Estate) -> None:
    """Put the warehouse into an empty estate."""
    now = estate.airflow.now()
    made = now - timedelta(days=90)
    source = data_source(estate, "snowflake", "prod", made, "The production warehouse")
    estate.put_asset(source)
    tables = {table.name: estate.put_asset(_asset(estate, table, made, now)) for table in _TABLES}
    for upstream, downstream in _EDGES:
        estate.add(
            "edge",
            asset_id=tables[upstream].id,
            item_id=estate.named_id(f"edge {upstream} {downstream}"),
            at=made,
            target=tables[downstream].id,
        )
    _alerts(estate, tables, now)
    _quality(estate, source, made)


def _asset(estate: Estate, table: _Table, made: datetime, now: datetime) -> Asset:
    last = None if table.hours_old is None else now - timedelta(hours=table.hours_old)
    return Asset(
        id=estate.named_id(f"table {SOURCE}.{table.name}"),
        qualified_name=f"{SOURCE}.warehouse.{table.name}",
        name=table.name,
        asset_type=table.asset_type,
        source_type="snowflake",
        database="prod",
        schema="warehouse",
        description=table.name.replace("_", " ").capitalize(),
        columns=table.columns,
        undiscovered=table.undiscovered,
        row_count=table.row_count,
        every_hours=table.every_hours,
        first_load_at=last,
        stopped_at=last if table.stopped else None,
        threshold_hours=table.threshold_hours,
        last_update_time=last,
        checked_at=now,
        created_at=made,
        updated_at=last or made,
    )


def _alerts(estate: Estate, tables: dict[str, Asset], now: datetime) -> None:
    destination = estate.add(
        "destination",
        item_id=estate.named_id("destination e-mail"),
        at=now - timedelta(days=80),
        name="Data team",
        destination_type="email",
        configured=["email"],
        is_active=True,
        is_verified=True,
    )
    rule = estate.add(
        "rule",
        item_id=estate.named_id("rule everything"),
        at=now - timedelta(days=80),
        name="Everything that matters",
        description="Stale data and schema drift, to the data team",
        event_types=["freshness_stale", "schema_drift"],
        severities=["warning", "critical"],
        severity="warning",
        destination_ids=[destination.id],
        is_active=True,
    )
    stale = tables["inventory"]
    described = (
        (stale, "freshness_stale", "critical", "triggered", 6, "Data is 30 hours stale (threshold: 24 hours)"),
        (
            tables["orders"],
            "schema_drift",
            "warning",
            "acknowledged",
            50,
            "Column status was NUMBER, now VARCHAR",
        ),
        (tables["customers"], "freshness_stale", "warning", "resolved", 200, "Data was 25 hours stale"),
    )
    for asset, event_type, severity, status, hours, message in described:
        at = now - timedelta(hours=hours)
        estate.add(
            "alert",
            asset_id=asset.id,
            parent_id=rule.id,
            item_id=estate.named_id(f"alert {asset.name} {event_type}"),
            at=at,
            event_type=event_type,
            severity=severity,
            status=status,
            message=message,
            acknowledged_at=moment(at + timedelta(hours=1)) if status == "acknowledged" else None,
            resolved_at=moment(at + timedelta(hours=2)) if status == "resolved" else None,
        )
    estate.add(
        "schema_change",
        asset_id=tables["orders"].id,
        item_id=estate.named_id("change orders.status"),
        at=now - timedelta(hours=50),
        change_type="column_type_changed",
        severity="warning",
        column_name="status",
        old_value="NUMBER",
        new_value="VARCHAR",
        acknowledged=False,
    )


def _quality(estate: Estate, source: Asset, made: datetime) -> None:
    """A metric, a validity rule and a referential check of the warehouse, and the monitoring of two tables."""
    estate.add(
        "metric",
        asset_id=source.id,
        item_id=estate.named_id("metric orders"),
        at=made,
        metric_type="row_count",
        table_path="warehouse.orders",
        column_name=None,
        capture_interval="daily",
        sensitivity=3,
        is_active=True,
    )
    estate.add(
        "validity_rule",
        asset_id=source.id,
        item_id=estate.named_id("validity customers.email"),
        at=made,
        rule_type="NOT_NULL",
        table_path="warehouse.customers",
        column_name="email",
        name="Every customer has an address",
        severity="warning",
        is_active=True,
        treat_null_as_valid=False,
        check_interval="daily",
    )
    estate.add(
        "referential_check",
        asset_id=source.id,
        item_id=estate.named_id("referential orders.customer_id"),
        at=made,
        child_table_path="warehouse.orders",
        child_column_name="customer_id",
        parent_table_path="warehouse.customers",
        parent_column_name="id",
        name="Every order has a customer",
        capture_interval="daily",
        is_active=True,
    )
    for name in ("orders", "inventory"):
        estate.add(
            "schedule",
            asset_id=source.id,
            item_id=estate.named_id(f"schedule {name}"),
            at=made,
            table_path=f"warehouse.{name}",
            check_interval="1h",
            monitoring_mode="explicit",
            expected_interval_hours=24.0,
            is_active=True,
        )
    estate.add(
        "tag",
        asset_id=source.id,
        item_id=estate.named_id("tag pii"),
        at=made,
        name="pii",
        category="governance",
        object_path="warehouse.customers",
        object_type="table",
    )
