"""Assets over the API of Airflow 3, and that they are the datasets of a 2.x."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from mock_airflow import MockAirflow
from tests.support import Caller3, Deploy, Deploy3

AT = "2025-05-01T00:00:00Z"
ASSETS = [
    {
        "id": 5,
        "name": "orders",
        "uri": "s3://lake/orders",
        "group": "raw",
        "extra": {"team": "a", "password": "p"},
        "created_at": AT,
        "scheduled_dags": [{"dag_id": "report"}, {"dag_id": "resting"}],
        "producing_tasks": [{"dag_id": "load", "task_id": "write"}],
    },
    {"id": 7, "name": "prices", "uri": "s3://lake/prices", "created_at": AT, "aliases": [{"id": 3, "name": "any"}]},
]
DAGS = [
    {"dag_id": "load", "is_paused": False, "tasks": [{"task_id": "write"}]},
    {"dag_id": "report", "is_paused": False},
    {"dag_id": "resting", "is_paused": True},
]
WORLD = {"dags": DAGS, "assets": ASSETS}


@pytest.fixture
def call(deploy3: Deploy3) -> Caller3:
    return deploy3(WORLD, runs="manual")


def test_asset_is_told_with_its_secrets_masked(call: Caller3) -> None:
    assert call.get("/assets/5") == {
        "id": 5,
        "name": "orders",
        "uri": "s3://lake/orders",
        "group": "raw",
        "extra": {"team": "a", "password": "***"},
        "created_at": AT,
        "updated_at": AT,
        "scheduled_dags": [
            {"dag_id": "report", "created_at": AT, "updated_at": AT},
            {"dag_id": "resting", "created_at": AT, "updated_at": AT},
        ],
        "producing_tasks": [{"dag_id": "load", "task_id": "write", "created_at": AT, "updated_at": AT}],
        "consuming_tasks": [],
        "aliases": [],
        "watchers": [],
        "last_asset_event": {"id": None, "timestamp": None},
    }
    assert call.get("/assets/7")["aliases"] == [{"id": 3, "name": "any", "group": "asset"}]
    assert call.get("/assets/aliases/3")["name"] == "any"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["orders", "prices"]),
        ("order_by=-name", ["prices", "orders"]),
        ("name_pattern=ORD", ["orders"]),
        ("name_prefix_pattern=pri", ["prices"]),
        ("uri_pattern=lake/p", ["prices"]),
        ("dag_ids=resting", ["orders"]),
        ("dag_ids=load&dag_ids=x", ["orders"]),
        ("limit=1&offset=1", ["prices"]),
    ],
)
def test_list(call: Caller3, query: str, names: list[str]) -> None:
    assert [asset["name"] for asset in call.get(f"/assets?{query}")["assets"]] == names


def test_inactive_assets_are_listed_only_when_all_are(deploy3: Deploy3) -> None:
    call = deploy3({**WORLD, "active_assets": ["orders"]}, runs="manual")

    assert call.get("/assets")["total_entries"] == 1
    assert call.get("/assets?only_active=false")["total_entries"] == 2


def test_event_is_queued_for_dags_that_are_not_paused(call: Caller3) -> None:
    keyed = call("POST", "/assets/events", json={"asset_id": 5, "partition_key": "k"}).json
    assert keyed["partition_key"] == "k"
    assert call.get("/assets/5/queuedEvents")["total_entries"] == 0  # a partition is for those that wait for partitions
    made = call("POST", "/assets/events", json={"asset_id": 5, "extra": {"n": 1}}).json

    assert (made["name"], made["group"], made["extra"]) == ("orders", "raw", {"n": 1, "from_rest_api": True})
    assert (made["partition_key"], made["timestamp"]) == (None, "2025-06-01T12:00:00Z")
    assert call.get("/assets/5")["last_asset_event"]["id"] == made["id"]
    queued = {"dag_id": "report", "asset_id": 5, "created_at": "2025-06-01T12:00:00Z", "dag_display_name": "report"}
    assert call.get("/assets/5/queuedEvents") == {"queued_events": [queued], "total_entries": 1}
    assert call.get("/dags/report/assets/5/queuedEvents") == queued
    assert call("DELETE", "/dags/report/assets/queuedEvents").status_code == 204
    assert call.detail("DELETE", "/assets/5/queuedEvents") == (404, "Queue event with asset_id: `5` was not found")


def test_events_are_filtered(call: Caller3) -> None:
    for number in (5, 7, 5):
        call("POST", "/assets/events", json={"asset_id": number})

    assert call.get("/assets/events?asset_id=5")["total_entries"] == 2
    assert call.get("/assets/events?name_pattern=pric")["total_entries"] == 1
    assert call.get("/assets/events?timestamp_lt=2025-06-01T12:00:00Z")["total_entries"] == 0
    assert call.detail("GET", "/assets/events?order_by=id")[0] == 400


def test_materialize_triggers_the_one_dag_that_makes_it(call: Caller3) -> None:
    run = call("POST", "/assets/5/materialize", json={"conf": {"x": 1}}).json

    assert (run["dag_id"], run["run_type"], run["conf"]) == ("load", "asset_materialization", {"x": 1})
    assert run["dag_run_id"] == "asset_materialization__2025-06-01T12:00:00+00:00"
    assert call.detail("POST", "/assets/7/materialize") == (404, "No Dag materializes asset with ID: 7")
    assert call.detail("POST", "/assets/5/materialize", by="user") == (403, "Forbidden")


def test_state_store(call: Caller3) -> None:
    assert call("PUT", "/assets/5/state-store/a/b", json={"value": {"n": [1]}}).status_code == 204
    call("PUT", "/assets/5/state-store/a", json={"value": 2})

    told = call.get("/assets/5/state-store")
    assert [(row["key"], row["value"]) for row in told["asset_state_store"]] == [("a", 2), ("a/b", {"n": [1]})]
    writer = {"kind": "api", "dag_id": None, "run_id": None, "task_id": None, "map_index": None}
    assert call.get("/assets/5/state-store/a")["last_updated_by"] == writer
    assert call("DELETE", "/assets/5/state-store/a").status_code == 204
    assert call.detail("GET", "/assets/5/state-store/a") == (404, "Asset state store key 'a' not found")
    assert call("DELETE", "/assets/5/state-store").status_code == 204
    assert call.get("/assets/5/state-store")["total_entries"] == 0
    assert call.detail("GET", "/assets/9/state-store") == (404, "Asset with id 9 not found")
    status, faults = call.detail("PUT", "/assets/5/state-store/k", json={"value": None})
    assert (status, faults[0]["msg"]) == (422, "Value error, value cannot be null")


def test_assets_of_a_world_are_datasets_of_a_2x(deploy: Deploy) -> None:
    told = deploy(WORLD).get("/api/v1/datasets").get_json()["datasets"]

    assert [(row["id"], row["uri"]) for row in told] == [(5, "s3://lake/orders"), (7, "s3://lake/prices")]
    assert [row["dag_id"] for row in told[0]["consuming_dags"]] == ["report", "resting"]


WATCHED = """
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.triggers.file import FileDeleteTrigger
from airflow.sdk import DAG, Asset, AssetWatcher

flag = Asset(name="flag", uri="s3://x/flag", watchers=[AssetWatcher("flag_watcher", FileDeleteTrigger(filepath="/x"))])
with DAG("on_flag", schedule=[flag]):
    EmptyOperator(task_id="take")
"""


def test_watchers_are_told_of_while_a_dag_that_waits_is_not_paused(tmp_path: Path) -> None:
    (tmp_path / "watched.py").write_text(WATCHED)
    with MockAirflow(airflow_version="3.3.2", dags_folder=tmp_path) as mock:

        def watchers() -> list[str]:
            told = requests.get(f"{mock.api_url}/assets", headers=mock.headers, timeout=30).json()["assets"]
            return [watcher["name"] for asset in told for watcher in asset["watchers"]]

        assert watchers() == []
        path = f"{mock.api_url}/dags/on_flag"
        for paused, seen in ((False, ["flag_watcher"]), (True, [])):
            requests.patch(path, json={"is_paused": paused}, headers=mock.headers, timeout=30)
            assert watchers() == seen
