"""Datasets over the API, and the runs that their events start."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Caller, Deploy

URI = "s3://lake/stock.csv"
WORLD = {
    "dags": [
        {"dag_id": "maker", "tasks": ["write"]},
        {"dag_id": "reader", "tasks": ["read"], "schedule": [URI]},
        {"dag_id": "both", "tasks": ["read"], "schedule": [URI, "prices"]},
        {"dag_id": "asleep", "tasks": ["read"], "schedule": [URI], "is_paused": True},
    ],
    "datasets": [
        {
            "uri": URI,
            "extra": {"team": "supply"},
            "consuming_dags": [{"dag_id": name} for name in ("reader", "both", "asleep")],
            "producing_tasks": [{"dag_id": "maker", "task_id": "write"}],
        },
        {"uri": "prices", "consuming_dags": [{"dag_id": "both"}]},
    ],
}
EVENTS = "/api/v1/datasets/events"


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD)


def runs(call: Caller, dag_id: str) -> list[Any]:
    found: list[Any] = call.get(f"/api/v1/dags/{dag_id}/dagRuns").get_json()["dag_runs"]
    return found


def test_list_counts_all_whatever_the_filter(call: Caller) -> None:
    answer = call.get("/api/v1/datasets?uri_pattern=STOCK").get_json()

    assert ([dataset["uri"] for dataset in answer["datasets"]], answer["total_entries"]) == ([URI], 2)
    assert call.get("/api/v1/datasets?dag_ids=both,maker").get_json()["datasets"][1]["uri"] == "prices"


@pytest.mark.parametrize("form", [URI, "s3%3A%2F%2Flake%2Fstock.csv"])
def test_uri_is_taken_raw_and_encoded(call: Caller, form: str) -> None:
    dataset = call.get(f"/api/v1/datasets/{form}").get_json()

    assert (dataset["extra"], [task["task_id"] for task in dataset["producing_tasks"]]) == (
        {"team": "supply"},
        ["write"],
    )
    assert [dag["dag_id"] for dag in dataset["consuming_dags"]] == ["reader", "both", "asleep"]


def test_event_from_outside_says_so_and_starts_its_consumer(call: Caller) -> None:
    event = call.post(EVENTS, json={"dataset_uri": URI, "extra": {"rows": 3}}).get_json()

    assert (event["extra"], event["source_dag_id"], event["source_map_index"]) == (
        {"rows": 3, "from_rest_api": True},
        None,
        -1,
    )
    assert runs(call, "reader") == []
    call.deployment.clock.advance(2)
    (run,) = runs(call, "reader")
    assert run["dag_run_id"] == f"dataset_triggered__{event['timestamp']}"
    assert (run["run_type"], run["external_trigger"], run["logical_date"]) == (
        "dataset_triggered",
        False,
        event["timestamp"],
    )
    assert (run["data_interval_start"], run["data_interval_end"]) == (event["timestamp"], event["timestamp"])
    created = call.get(EVENTS).get_json()["dataset_events"][0]["created_dagruns"]
    assert [one["dag_run_id"] for one in created] == [run["dag_run_id"]]
    upstream = call.get(f"/api/v1/dags/reader/dagRuns/{run['dag_run_id']}/upstreamDatasetEvents").get_json()
    assert [one["id"] for one in upstream["dataset_events"]] == [event["id"]]


def test_consumer_of_two_waits_for_both(call: Caller) -> None:
    call.post(EVENTS, json={"dataset_uri": URI})
    call.deployment.clock.advance(60)
    assert runs(call, "both") == []

    call.post(EVENTS, json={"dataset_uri": "prices"})
    call.deployment.clock.advance(60)

    assert [run["run_type"] for run in runs(call, "both")] == ["dataset_triggered"]


def test_paused_consumer_is_not_queued(call: Caller) -> None:
    call.post(EVENTS, json={"dataset_uri": URI})
    call.patch("/api/v1/dags/asleep", json={"is_paused": False})
    call.deployment.clock.advance(60)

    assert runs(call, "asleep") == []


def test_task_with_an_outlet_changes_the_dataset_when_it_succeeds(call: Caller) -> None:
    call.post("/api/v1/dags/maker/dagRuns", json={"dag_run_id": "made"})
    call.deployment.clock.advance(minutes=1)

    (event,) = call.get(f"{EVENTS}?source_run_id=made").get_json()["dataset_events"]
    assert (event["source_dag_id"], event["source_task_id"], event["dataset_uri"]) == ("maker", "write", URI)
    assert len(runs(call, "reader")) == 1


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({}, 400, "'dataset_uri' is a required property"),
        ({"dataset_uri": 5}, 400, "5 is not of type 'string' - 'dataset_uri'"),
        ({"dataset_uri": URI, "extra": None}, 400, "{'extra': ['Field may not be null.']}"),
        ({"dataset_uri": "x"}, 404, "Dataset with uri: 'x' not found"),
    ],
)
def test_bad_event_is_refused(call: Caller, body: Any, status: int, detail: str) -> None:
    answer = call.post(EVENTS, json=body)

    assert (answer.status_code, answer.get_json()["detail"]) == (status, detail)
    assert call.get(EVENTS).get_json()["total_entries"] == 0


def test_unknown_dataset_is_told(call: Caller) -> None:
    assert call.get("/api/v1/datasets/none").get_json()["detail"] == "The Dataset with uri: `none` was not found"


@pytest.mark.parametrize(("by", "read", "write"), [("user", 200, 200), ("viewer", 200, 403), ("public", 403, 403)])
def test_roles(call: Caller, by: str, read: int, write: int) -> None:
    assert call.get("/api/v1/datasets", by=by).status_code == read
    assert call.post(EVENTS, by=by, json={"dataset_uri": URI}).status_code == write


def test_datasets_that_dags_name_need_no_section_of_their_own(deploy: Deploy) -> None:
    call = deploy(
        {
            "dags": [
                {"dag_id": "writer", "tasks": [{"task_id": "write", "outlets": ["s3://new", "s3://known"]}]},
                {"dag_id": "reader", "tasks": ["read"], "schedule": ["s3://new"]},
            ],
            "datasets": [{"uri": "s3://known", "producing_tasks": [{"dag_id": "writer", "task_id": "write"}]}],
        }
    )
    call.post("/api/v1/dags/writer/dagRuns", json={})
    call.deployment.clock.advance(10)

    told = {row["uri"]: row for row in call.get("/api/v1/datasets").get_json()["datasets"]}
    assert [ref["dag_id"] for ref in told["s3://new"]["consuming_dags"]] == ["reader"]
    assert [len(told[uri]["producing_tasks"]) for uri in ("s3://new", "s3://known")] == [1, 1]
    runs = call.get("/api/v1/dags/reader/dagRuns").get_json()["dag_runs"]
    assert [run["run_type"] for run in runs] == ["dataset_triggered"]
