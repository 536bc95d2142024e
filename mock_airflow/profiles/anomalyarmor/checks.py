"""What metrics, validity rules and referential checks have in common: they are an asset's, and have results."""

from __future__ import annotations

from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import flag, page
from mock_airflow.profiles.anomalyarmor.api import asset_named, estate_of, item_named
from mock_airflow.profiles.anomalyarmor.records import Asset, Item

INTERVALS = ("hourly", "daily", "weekly")


def check_named(call: Call, kind: str, name: str) -> Item:
    """The check of the path's asset that the path names. Raises Refusal."""
    return item_named(call, kind, name, asset_id=asset_named(call).id)


def chosen(call: Call, kind: str, type_name: str = "") -> list[Item]:
    """The checks of the path's asset that a list's filters leave."""
    active, wanted = flag(call.query, "is_active"), call.query.get(type_name) if type_name else None
    return [
        item
        for item in estate_of(call).items(kind, asset_named(call).id)
        if active in (None, item.facts["is_active"]) and wanted in (None, item.facts.get(type_name))
    ]


def table_of(call: Call, asset: Asset, path: str) -> Asset | None:
    """The table that a check is about; None for one that nobody discovered."""
    return estate_of(call).table(asset, path)


def latest(call: Call, kind: str, item: Item) -> Item | None:
    """The latest result of a check."""
    return next(reversed(estate_of(call).children(kind, item.id)), None)


def listed(call: Call, views: Any, *, default: int = answers.DEFAULT_LIMIT, maximum: int = 1000) -> Any:
    """A page of views under ``items``."""
    return page(views, dict, call.query, call.settings, name="items", default=default, maximum=maximum)
