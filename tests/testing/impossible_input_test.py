"""What no Airflow has: odd keys and run ids, a logical date without a zone, texts that no answer could hold."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.domain.errors import RunIdMalformedError
from mock_airflow.errors import ClockError, MockAirflowError, WorldError
from tests.support import Deploy

EXCLUSIVELY = "has to be made of alphanumeric characters, dashes, dots and underscores exclusively"
NOBODYS = {
    "my dag": f"The key 'my dag' {EXCLUSIVELY}",
    "a/b": f"The key 'a/b' {EXCLUSIVELY}",
    "etl[1]": EXCLUSIVELY,
    "new\nline": EXCLUSIVELY,
    "k" * 251: "The key has to be less than 250 characters",
}


@pytest.mark.parametrize("key", NOBODYS)
def test_key_that_no_airflow_takes_is_refused_for_a_dag_and_a_task(key: str) -> None:
    with MockAirflow() as airflow:
        with pytest.raises(WorldError) as told:
            airflow.add_dag(key)
        assert NOBODYS[key] in str(told.value)
        with pytest.raises(WorldError) as told:
            airflow.add_dag("etl", tasks=["extract", key])
        assert NOBODYS[key] in str(told.value)
        assert "dags[0].tasks[1]" in str(told.value)
        assert list(airflow.deployment.airflow.dags) == []


@pytest.mark.parametrize("key", ["täglich.2", "a-b_c.d", "group.task", "k" * 250])
def test_key_that_airflow_takes_is_taken(key: str) -> None:
    with MockAirflow() as airflow:
        assert airflow.add_dag(key, tasks=[key]).dag_id == key


def test_world_with_such_a_key_changes_nothing(deploy: Deploy) -> None:
    call = deploy()
    for world in ({"dags": [{"dag_id": "my dag"}]}, {"tasks": {"my dag": []}}, {"dag_details": {"my dag": {}}}):
        answer = call.post("/__mock__/world", json=world)
        assert answer.status_code == 400
        assert NOBODYS["my dag"] in answer.get_json()["detail"]
    assert list(call.deployment.airflow.dags) == []


@pytest.mark.parametrize("run_id", ["a b", "a/b", "ü"])
def test_run_id_that_no_airflow_takes_is_refused(run_id: str) -> None:
    with MockAirflow() as airflow:
        airflow.add_dag("etl")
        with pytest.raises(RunIdMalformedError, match="choose another"):
            airflow.trigger("etl", run_id=run_id)
        assert list(airflow.deployment.airflow.dag_runs) == []


def test_logical_date_has_a_zone() -> None:
    with MockAirflow() as airflow:
        airflow.add_dag("etl")
        for date in (datetime(2025, 1, 1), "2025-01-01", "soon", 5):
            with pytest.raises(ClockError):
                airflow.trigger("etl", logical_date=date)  # type: ignore[arg-type]
        assert airflow.trigger("etl", logical_date="2025-01-01T06:00:00+02:00").run_id == (
            "manual__2025-01-01T04:00:00+00:00"
        )
        airflow.trigger("etl")  # with one that no zone is known of this would fail


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"conf": {"days": {1, 2}}}, "The conf of a run has a value of the type set, which JSON cannot hold"),
        ({"conf": {"a": [{"b": b"x"}]}}, "a value of the type bytes"),
        ({"conf": {"a": "\ud800"}}, "a text with half a character"),
        ({"conf": ["a"]}, "The conf of a run is a dict"),
        ({"note": 5}, "The note of a run is a text, not 5."),
        ({"note": "\ud800"}, "The note of a run has a text with half a character"),
        ({"run_id": 5}, "The run id of a run is a text, not 5."),
    ],
)
def test_run_that_no_answer_could_tell_of_is_refused(given: dict[str, Any], sentence: str) -> None:
    with MockAirflow() as airflow:
        airflow.add_dag("etl")
        with pytest.raises(MockAirflowError, match=sentence):
            airflow.trigger("etl", **given)
        assert list(airflow.deployment.airflow.dag_runs) == []


HALF = "a\ud800b"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/variables", {"key": "k", "value": HALF}),
        ("/pools", {"name": "p", "slots": 1, "description": HALF}),
        ("/connections", {"connection_id": "c", "conn_type": "http", "description": HALF}),
        ("/dags/etl/dagRuns", {"logical_date": None, "conf": {"a": [HALF]}}),
        ("/dags/etl/dagRuns", {"logical_date": None, "note": HALF}),
        ("/variables", {"actions": [{"action": "create", "entities": [{"key": "k", "value": HALF}]}]}),
    ],
)
def test_half_a_character_makes_airflow_3_fail_and_leaves_nothing(path: str, body: dict[str, Any]) -> None:
    with MockAirflow(airflow_version="3.3.2") as airflow, airflow.intercept("http://airflow.example"):
        airflow.add_dag("etl")
        url = f"http://airflow.example/api/v2{path}"
        ask = requests.patch if "actions" in body else requests.post
        assert ask(url, json=body, headers=airflow.headers).status_code == 500
        assert "half a character" in airflow.calls[-1].reason
        answer = requests.get(url, headers=airflow.headers)
        assert answer.status_code == 200
        assert HALF not in answer.text


@pytest.mark.parametrize("world", [{"dag_runs": [{"note": HALF}]}, {"dag_runs": [{"conf": {"a": HALF}}]}])
def test_world_whose_texts_no_answer_could_hold_is_refused(deploy: Deploy, world: Any) -> None:
    call = deploy({"dags": [{"dag_id": "etl"}]})
    run = {"dag_id": "etl", "dag_run_id": "r", "state": "success", **world["dag_runs"][0]}
    answer = call.post("/__mock__/world", json={"dag_runs": [run]})
    assert answer.status_code == 400
    assert "half a character" in answer.get_json()["detail"]


def test_short_secret_signs_tokens_without_a_warning() -> None:  # warnings are errors here
    with MockAirflow(airflow_version="3.3.2", jwt_secret="short") as airflow:
        token = airflow.headers["Authorization"].removeprefix("Bearer ")
        head, body, signature = token.split(".")
        expected = hmac.new(b"short", f"{head}.{body}".encode(), hashlib.sha512).digest()
        assert base64.urlsafe_b64encode(expected).rstrip(b"=").decode() == signature
        with airflow.intercept("http://airflow.example"):
            assert requests.get("http://airflow.example/api/v2/dags", headers=airflow.headers).status_code == 200


@pytest.mark.parametrize("what", ["x", None, 1.5, {}])
def test_what_is_named_by_nothing_that_could_name_it_is_refused(what: Any) -> None:
    with MockAirflow(profile="datacoves") as airflow:
        for use in (airflow.rewind, airflow.faults.heal, airflow.faults.remove, airflow.keys.revoke):
            with pytest.raises(MockAirflowError):
                use(what)
