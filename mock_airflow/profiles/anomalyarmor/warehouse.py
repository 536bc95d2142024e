"""The small warehouse that a deployment has from the start, so that every list has something to show.

It lies in the past of the moment at which the deployment begins, and is the same for the same seed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from mock_airflow.profiles.anomalyarmor.answers import moment
from mock_airflow.profiles.anomalyarmor.estate import ArmorEstate, Column, Item, WatchedAsset, data_source

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
_EDGES = (("customers", "order_metrics"), ("orders", "order_metrics"), ("orders", "open_orders"), ("orders", "returns"))
_ALERTS = (
    ("inventory", "freshness_stale", "critical", "triggered", 6, "Data is 30 hours stale (threshold: 24 hours)"),
    ("orders", "schema_drift", "warning", "acknowledged", 50, "Column status was NUMBER, now VARCHAR"),
    ("customers", "freshness_stale", "warning", "resolved", 200, "Data was 25 hours stale"),
)
_EXPLICIT = {"check_interval": "1h", "monitoring_mode": "explicit", "expected_interval_hours": 24.0, "is_active": True}
_ITEMS: tuple[tuple[str, str, dict[str, Any]], ...] = (  # of the data source: kind, name, facts
    (
        "metric",
        "metric orders",
        {"metric_type": "row_count", "table_path": "warehouse.orders", "column_name": None, "capture_interval": "daily"}
        | {"sensitivity": 3, "is_active": True},
    ),
    (
        "validity_rule",
        "validity customers.email",
        {"rule_type": "NOT_NULL", "table_path": "warehouse.customers", "column_name": "email", "severity": "warning"}
        | {"name": "Every customer has an address", "treat_null_as_valid": False, "check_interval": "daily"}
        | {"is_active": True},
    ),
    (
        "referential_check",
        "referential orders.customer_id",
        {"child_table_path": "warehouse.orders", "child_column_name": "customer_id", "capture_interval": "daily"}
        | {"parent_table_path": "warehouse.customers", "parent_column_name": "id", "is_active": True}
        | {"name": "Every order has a customer"},
    ),
    ("schedule", "schedule orders", {"table_path": "warehouse.orders", **_EXPLICIT}),
    ("schedule", "schedule inventory", {"table_path": "warehouse.inventory", **_EXPLICIT}),
    (
        "tag",
        "tag pii",
        {"name": "pii", "category": "governance", "object_path": "warehouse.customers", "object_type": "table"},
    ),
)


def stock(estate: ArmorEstate) -> None:
    """Put the warehouse into an empty estate."""
    now = estate.airflow.now()
    made = now - timedelta(days=90)
    source = data_source(estate, "snowflake", "prod", made, "The production warehouse")
    estate.put_asset(source)
    tables = {table.name: estate.put_asset(_asset(estate, table, made, now)) for table in _TABLES}
    for upstream, downstream in _EDGES:
        named = f"edge {upstream} {downstream}"
        _kept(estate, "edge", named, made, tables[upstream], target=tables[downstream].id)
    _alerts(estate, tables, now)
    for kind, named, facts in _ITEMS:
        _kept(estate, kind, named, made, source, **facts)


def _asset(estate: ArmorEstate, table: _Table, made: datetime, now: datetime) -> WatchedAsset:
    last = None if table.hours_old is None else now - timedelta(hours=table.hours_old)
    return WatchedAsset(
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


def _kept(
    estate: ArmorEstate, kind: str, named: str, at: datetime, owner: WatchedAsset | None = None, **facts: Any
) -> Item:
    """An item that is there from the start, with an id of its name."""
    asset_id = None if owner is None else owner.id
    return estate.add(kind, item_id=estate.named_id(named), at=at, asset_id=asset_id, **facts)


def _alerts(estate: ArmorEstate, tables: dict[str, WatchedAsset], now: datetime) -> None:
    at = now - timedelta(days=80)
    to: dict[str, Any] = {"destination_type": "email", "configured": ["email"], "is_active": True, "is_verified": True}
    destination = _kept(estate, "destination", "destination e-mail", at, **to, name="Data team")
    rule = _kept(
        estate,
        "rule",
        "rule everything",
        at,
        name="Everything that matters",
        description="Stale data and schema drift, to the data team",
        event_types=["freshness_stale", "schema_drift"],
        severities=["warning", "critical"],
        severity="warning",
        destination_ids=[destination.id],
        is_active=True,
    )
    for name, event_type, severity, status, hours, message in _ALERTS:
        at = now - timedelta(hours=hours)
        estate.add(
            "alert",
            asset_id=tables[name].id,
            parent_id=rule.id,
            item_id=estate.named_id(f"alert {name} {event_type}"),
            at=at,
            event_type=event_type,
            severity=severity,
            status=status,
            message=message,
            acknowledged_at=moment(at + timedelta(hours=1)) if status == "acknowledged" else None,
            resolved_at=moment(at + timedelta(hours=2)) if status == "resolved" else None,
        )
    what: dict[str, Any] = {"change_type": "column_type_changed", "severity": "warning", "column_name": "status"}
    what |= {"old_value": "NUMBER", "new_value": "VARCHAR", "acknowledged": False}
    _kept(estate, "schema_change", "change orders.status", now - timedelta(hours=50), tables["orders"], **what)
