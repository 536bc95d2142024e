"""Adding to a state that is there: datasets from a test, whole worlds through the control API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import DatasetError, WorldError
from tests.support import Deploy


@pytest.fixture
def airflow() -> Iterator[MockAirflow]:
    with MockAirflow(clock="2025-06-01T12:00:00Z", frozen=True) as mock:
        yield mock


def test_dataset_is_added_and_wakes_the_dag_that_waits_for_it(airflow: MockAirflow) -> None:
    added = airflow.add_dataset("s3://lake/orders", extra={"team": "sales"})
    airflow.add_dag("report", ["a"], schedule=["s3://lake/orders"])
    event = {"dataset_uri": "s3://lake/orders", "extra": {}}
    sent = requests.post(f"{airflow.api_url}/datasets/events", json=event, headers=airflow.headers, timeout=10)
    airflow.clock.advance(minutes=1)
    told = requests.get(f"{airflow.api_url}/datasets/s3%3A%2F%2Flake%2Forders", headers=airflow.headers, timeout=10)
    runs = requests.get(f"{airflow.api_url}/dags/report/dagRuns", headers=airflow.headers, timeout=10).json()

    assert sent.status_code == 200
    assert (told.json()["id"], told.json()["extra"]) == (added.id, {"team": "sales"})
    assert [run["run_type"] for run in runs["dag_runs"]] == ["dataset_triggered"]


@pytest.mark.parametrize(
    ("uri", "fields", "error", "words"),
    [
        ("s3://a", {}, DatasetError, "There already is a dataset 's3://a'"),
        ("", {}, DatasetError, "at least one character"),
        ("s3://b", {"extras": {}}, WorldError, "'extras'"),
    ],
)
def test_dataset_that_cannot_be_is_refused(
    airflow: MockAirflow, uri: str, fields: dict[str, Any], error: type[Exception], words: str
) -> None:
    airflow.add_dataset("s3://a")
    with pytest.raises(error, match=words):
        airflow.add_dataset(uri, **fields)
    assert [row.uri for row in airflow.deployment.airflow.assets] == ["s3://a"]


def test_world_is_merged_into_what_is_there(deploy: Deploy) -> None:
    call = deploy({"dags": [{"dag_id": "here", "tasks": ["a"]}], "variables": [{"key": "k", "value": "old"}]})
    world = {"dags": [{"dag_id": "more", "tasks": ["b"]}], "variables": [{"key": "k", "value": "new"}]}

    assert call.post("/__mock__/world", json=world).status_code == 204
    assert [dag["dag_id"] for dag in call.get("/api/v1/dags").get_json()["dags"]] == ["here", "more"]
    assert call.get("/api/v1/variables/k").get_json()["value"] == "new"
    assert call.post("/__mock__/reset").status_code == 204
    assert call.get("/api/v1/variables/k").get_json()["value"] == "old"


def test_world_is_merged_by_a_test(airflow: MockAirflow) -> None:
    airflow.merge({"variables": [{"key": "k", "value": "old"}]})
    airflow.merge({"variables": [{"key": "k", "value": "new"}], "pools": [{"name": "narrow", "slots": 1}]})
    told = requests.get(f"{airflow.api_url}/variables/k", headers=airflow.headers, timeout=10).json()

    assert told["value"] == "new"
    with pytest.raises(WorldError, match=r"no section 'pool'\. Did you mean 'pools'"):
        airflow.merge({"variables": [], "pool": []})
    with pytest.raises(WorldError, match="Settings hold from a deployment's start"):
        airflow.merge({"settings": {"seed": 3}})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"dag": []}, "there is no section 'dag'. Did you mean 'dags'"),
        ({"settings": {"seed": 3}}, "Settings hold from a deployment's start"),
        ({"variables": [{"key": "k", "value": "v"}], "dags": [{"dag_id": 3}]}, "dags"),
        ([], "object"),
    ],
)
def test_world_that_cannot_be_changes_nothing(deploy: Deploy, body: Any, words: str) -> None:
    call = deploy()
    answer = call.post("/__mock__/world", json=body)

    assert answer.status_code == 400
    assert words in answer.get_json()["detail"]
    assert call.get("/api/v1/variables").get_json()["total_entries"] == 0


def test_a_merged_dataset_keeps_its_place_whatever_number_it_brings(deploy: Deploy) -> None:
    call = deploy({"datasets": [{"id": 1, "uri": "s3://a"}, {"id": 2, "uri": "s3://b"}]})

    told = {"datasets": [{"id": 1, "uri": "s3://b", "extra": {"x": 1}}, {"id": 9, "uri": "s3://a"}, {"uri": "s3://c"}]}
    assert call.post("/__mock__/world", json=told, by=None).status_code == 204

    rows = call.get("/api/v1/datasets").get_json()["datasets"]
    assert sorted(row["uri"] for row in rows) == ["s3://a", "s3://b", "s3://c"]
    assert len({row["id"] for row in rows}) == 3
    assert call.get("/api/v1/datasets/s3%3A%2F%2Fa").get_json()["id"] == 9
    assert call.get("/api/v1/datasets/s3%3A%2F%2Fb").get_json()["extra"] == {"x": 1}
