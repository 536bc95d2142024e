"""What DAG files of Airflow 3 say of assets beside their URIs: names, groups, aliases, watchers, and who reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Asset, AssetAlias, AssetReference, JsonObject


def link_assets(airflow: Airflow, dag_id: str, told: Iterable[Mapping[str, Any]]) -> None:
    """Have assets and aliases know what one DAG's file says of them."""
    for asset in list(airflow.assets):
        others = tuple(each for each in asset.consuming_tasks if each.dag_id != dag_id)
        if others != asset.consuming_tasks:
            airflow.assets.put(replace(asset, consuming_tasks=others))
    for each in told:
        if "alias" not in each:
            _asset(airflow, dag_id, each)
        elif each["alias"] not in airflow.asset_aliases:
            number = airflow.next_id("asset_aliases")
            airflow.asset_aliases.put(AssetAlias(id=number, name=each["alias"], group=each["group"]))


def _asset(airflow: Airflow, dag_id: str, told: Mapping[str, Any]) -> None:
    now = airflow.now()
    row = airflow.assets.lookup("uri", told["uri"])
    if row is None:
        row = Asset(id=airflow.next_id("assets"), uri=told["uri"], extra={}, created_at=now, updated_at=now)
    reads = row.consuming_tasks
    if told["role"] == "reads":
        reads = (*reads, AssetReference(dag_id=dag_id, task_id=told["task_id"], created_at=now, updated_at=now))
    name, extra = told["name"] if told["name"] != told["uri"] else row.name, told["extra"] or row.extra
    watchers = _watchers(airflow, row, told["watchers"]) if "watchers" in told else row.watchers
    named = {"name": name, "group": told["group"], "extra": extra}
    airflow.assets.put(replace(row, **named, consuming_tasks=reads, watchers=watchers))


def _watchers(airflow: Airflow, row: Asset, names: Iterable[str]) -> tuple[JsonObject, ...]:
    """The watchers of these names, those that are known as they are."""
    known = {watcher["name"]: watcher for watcher in row.watchers}
    now = airflow.now().isoformat().replace("+00:00", "Z")
    return tuple(
        known.get(name) or {"name": name, "trigger_id": airflow.next_id("triggers"), "created_date": now}
        for name in names
    )


def asset_names(airflow: Airflow, declared: Mapping[str, Any]) -> dict[str, str]:
    """The URIs of assets by their names: of those that are known, and of those that these DAGs declare."""
    known = {row.name: row.uri for row in airflow.assets if row.name and row.name != row.uri}
    told = [each for dag in declared.values() for each in dag["assets"] if "alias" not in each]
    return {**known, **{each["name"]: each["uri"] for each in told if each["name"] != each["uri"]}}


def resolved(dag: Mapping[str, Any], by_name: Mapping[str, str]) -> Mapping[str, Any]:
    """What a file declares of a DAG, with assets that it calls by their names called by their URIs."""
    if not by_name:
        return dag
    expression = _renamed(dag["details"]["dataset_expression"], by_name)
    consumes = [[by_name.get(uri, uri), extra] for uri, extra in dag["consumes"]]
    own = [each for each in dag["assets"] if each.get("uri") not in by_name]
    return {**dag, "details": {**dag["details"], "dataset_expression": expression}, "consumes": consumes, "assets": own}


def _renamed(condition: Any, by_name: Mapping[str, str]) -> Any:
    if isinstance(condition, str):
        return by_name.get(condition, condition)
    if isinstance(condition, dict) and "alias" not in condition:
        return {word: [_renamed(each, by_name) for each in parts] for word, parts in condition.items()}
    return condition
