"""The small warehouse that a deployment has from the start, so that every list has something to show.

It lies in the past of the moment at which the deployment begins, and is the same for the same seed. What is in it says
``warehouse.json``, in hours and days before that moment.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from mock_airflow.profiles.anomalyarmor.answers import moment
from mock_airflow.profiles.anomalyarmor.estate import ArmorEstate, Column, WatchedAsset


def stock(estate: ArmorEstate) -> None:
    """Put the warehouse into an empty estate."""
    file = resources.files("mock_airflow.profiles.anomalyarmor") / "warehouse.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    since = told["source"].pop("hours_old")
    source = estate.assets.put(estate.new_source(at=_ago(estate, since), **told["source"]))
    for table in told["tables"]:
        estate.assets.put(_table(estate, source, **table))
    for item in told["items"]:
        _keep(estate, **{"hours_old": since, **item})


def _ago(estate: ArmorEstate, hours: float) -> datetime:
    return estate.airflow.now() - timedelta(hours=hours)


def _table(estate: ArmorEstate, source: WatchedAsset, name: str, columns: list[list[Any]], **told: Any) -> WatchedAsset:
    hours_old, stopped = told.pop("hours_old", None), told.pop("stopped", False)
    last = None if hours_old is None else _ago(estate, hours_old)
    return estate.new_asset(
        f"table {source.qualified_name}.{name}",
        (source.source_type, source.database, "warehouse", name),
        source.created_at,
        description=name.replace("_", " ").capitalize(),
        columns=tuple(Column(*column) for column in columns),
        undiscovered=tuple(Column(*column) for column in told.pop("undiscovered", ())),
        first_load_at=last,
        stopped_at=last if stopped else None,
        last_update_time=last,
        checked_at=estate.airflow.now(),
        updated_at=last or source.created_at,
        **told,
    )


def _keep(estate: ArmorEstate, kind: str, named: str, hours_old: float, **told: Any) -> None:
    """An item that is there from the start. What has an id has one of its name, and is named by it."""
    facts: dict[str, Any] = dict(told.get("facts", {}))
    facts |= {name: moment(_ago(estate, hours)) for name, hours in told.get("moments", {}).items()}
    facts |= {name: _id(estate, meant) for name, meant in told.get("ids", {}).items()}
    asset_id, parent_id = (_id(estate, told.get(owner)) for owner in ("of", "parent"))
    at = _ago(estate, hours_old)
    estate.add(kind, item_id=estate.named_id(named), at=at, asset_id=asset_id, parent_id=parent_id, **facts)


def _id(estate: ArmorEstate, named: Any) -> Any:
    if isinstance(named, list):
        return [estate.named_id(one) for one in named]
    return None if named is None else estate.named_id(named)
