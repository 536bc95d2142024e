"""The estate: Airflow's datasets as assets, both forms of lists, refreshes, jobs, and that it is the same each time."""

from __future__ import annotations

import pytest
import requests

from mock_airflow import MockAirflow
from tests.support import Deploy

CLOCK = "2026-01-02T03:04:05Z"
UPSTREAM = "airflow.datasets.upstream_data"


def test_the_documented_form_and_the_packages(ask):
    plain = ask("GET", "/api/v1/assets?limit=2&offset=1").json()
    wrapped = ask("GET", "/api/v1/sdk/assets?limit=2&offset=1").json()
    assert list(plain) == ["data", "pagination"]
    assert plain["pagination"] == {"total": 12, "limit": 2, "offset": 1, "has_more": True}
    assert (wrapped["success"], wrapped["data"]["data"]) == (True, plain["data"])
    assert wrapped["data"]["pagination"] == plain["pagination"]
    assert plain["data"][0]["qualified_name"] == "snowflake.prod.warehouse.customers"
    one = ask("GET", f"/api/v1/assets/{plain['data'][0]['id']}").json()
    assert (list(one), one["data"]["column_count"], one["data"]["source"]) == (["data"], 4, "snowflake")


def test_documented_filters(ask):
    told = ask("GET", "/api/v1/assets?source=snowflake&type=view").json()["data"]
    assert [asset["name"] for asset in told] == ["open_orders"]
    assert ask("GET", "/api/v1/assets?search=UPSTREAM").json()["pagination"]["total"] == 1


def test_the_form_below_sdk_is_a_setting():
    with MockAirflow(profile="anomalyarmor", anomalyarmor_sdk_lists="documented") as mock:
        told = requests.get(f"{mock.api_url}/sdk/assets", headers=mock.headers).json()
    assert list(told) == ["data", "pagination"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=-1", "offset=-1", "offset=x"])
def test_numbers_out_of_bounds_are_refused(ask, query):
    answer = ask("GET", f"/api/v1/assets?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["error"]["details"]["field"] == query.partition("=")[0]


def test_bounds_and_statuses_are_settings():
    words = {"anomalyarmor_cut_limit": "yes", "anomalyarmor_validation_status": "422"}
    with MockAirflow(profile="anomalyarmor", **words) as mock:
        cut = requests.get(f"{mock.api_url}/assets?limit=1000", headers=mock.headers)
        assert cut.json()["pagination"]["limit"] == 100
        assert requests.get(f"{mock.api_url}/assets?limit=x", headers=mock.headers).status_code == 422


def test_an_asset_that_is_not_there(ask):
    answer = ask("GET", "/api/v1/assets/snowflake.prod.none")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "ASSET_NOT_FOUND"
    assert answer.json()["error"]["details"]["asset_id"] == "snowflake.prod.none"
    other = ask("GET", "/api/v1/sdk/alerts/rules/none")
    assert (other.status_code, other.json()["error"]["code"]) == (404, "NOT_FOUND")


def test_a_dataset_event_makes_its_asset_fresh_once_somebody_looks(armor, ask):
    path = f"/api/v1/sdk/freshness/{UPSTREAM}"
    assert ask("GET", path).json()["data"]["status"] == "unknown"
    event = ask("POST", "/api/v1/datasets/events", json={"dataset_uri": "upstream_data"})
    assert event.status_code == 200
    assert ask("GET", path).json()["data"]["status"] == "unknown"
    armor.clock.advance(hours=1)
    job = ask("POST", f"{path}/refresh").json()["data"]
    assert job["status"] == "queued"
    told = ask("GET", path).json()["data"]
    assert (told["status"], told["is_fresh"], told["hours_since_update"]) == ("fresh", True, 1.0)
    assert ask("GET", f"/api/v1/sdk/jobs/{job['job_id']}").json()["data"]["status"] == "completed"


def test_data_that_is_stale_alerts_once_and_resolves_when_it_is_fresh_again(armor, ask):
    ask("POST", "/api/v1/datasets/events", json={"dataset_uri": "upstream_data"})
    armor.clock.advance(hours=30)
    asset = ask("GET", f"/api/v1/assets/{UPSTREAM}").json()["data"]["id"]

    def alerts():
        return [row["status"] for row in ask("GET", f"/api/v1/sdk/alerts?asset_id={asset}").json()["data"]["data"]]

    for _ in range(2):
        ask("POST", f"/api/v1/sdk/freshness/{UPSTREAM}/refresh")
        assert alerts() == ["triggered"]
    ask("POST", "/api/v1/datasets/events", json={"dataset_uri": "upstream_data"})
    ask("POST", f"/api/v1/sdk/freshness/{UPSTREAM}/refresh")
    assert alerts() == ["resolved"]


def test_dags_link_the_datasets_that_they_read_and_write(deploy: Deploy):
    world = {
        "datasets": [
            {"uri": "postgresql://host:5432/shop/public/orders", "consuming_dags": [{"dag_id": "load"}]},
            {"uri": "s3://lake/daily/totals", "producing_tasks": [{"dag_id": "load", "task_id": "load"}]},
        ],
        "dags": [{"dag_id": "load", "tasks": ["load"]}],
    }
    caller = deploy(world, profile="anomalyarmor", anomalyarmor_warehouse="no")
    headers = {"Authorization": f"Bearer {caller.deployment.credentials['api_key']}"}

    def told(path):
        return caller.get(f"/api/v1/{path}", by=None, headers=headers).json["data"]

    names = [row["qualified_name"] for row in told("assets") if row["asset_type"] == "table"]
    assert names == ["postgresql.host.shop.public.orders", "s3.lake.daily.totals"]
    graph = told("lineage/s3.lake.daily.totals")
    assert [node["qualified_name"] for node in graph["upstream"]] == ["postgresql.host.shop.public.orders"]
    assert graph["edges"] == [
        {
            "source": "postgresql.host.shop.public.orders",
            "target": "s3.lake.daily.totals",
            "edge_type": "data_flow",
            "confidence": 1.0,
        }
    ]


def test_a_job_can_be_cancelled():
    with MockAirflow(profile="anomalyarmor", anomalyarmor_job_seconds=60, clock=CLOCK, frozen=True) as mock:

        def ask(method, path):
            return requests.request(method, f"{mock.api_url}/sdk/{path}", headers=mock.headers).json()["data"]

        job = ask("POST", "schema/snowflake.prod/refresh")["job_id"]
        mock.clock.advance(30)
        assert ask("GET", f"jobs/{job}")["progress"] == 50
        assert ask("POST", f"jobs/{job}/cancel")["status"] == "cancelled"
        mock.clock.advance(60)
        assert ask("GET", f"jobs/{job}")["status"] == "cancelled"
        assert ask("GET", "schema/summary")["total_changes"] == 1


def test_the_same_seed_gives_the_same_estate():
    told = []
    for seed in (1, 1, 2):
        with MockAirflow(profile="anomalyarmor", world="demo", clock=CLOCK, frozen=True, seed=seed) as mock:
            mock.keys.create()  # what is drawn in between changes nothing
            told.append(requests.get(f"{mock.api_url}/assets", headers=mock.headers).json())
    assert told[0] == told[1] != told[2]


def test_the_airflow_behind_the_gate_is_the_ordinary_one(ask):
    pools = ask("GET", "/api/v1/pools")
    assert pools.headers["Content-Type"] == "application/json"
    assert pools.json()["pools"][0]["name"] == "default_pool"
    missing = ask("GET", "/api/v1/dags/none")
    assert (missing.status_code, missing.headers["Content-Type"]) == (404, "application/problem+json")
