"""DAG runs over the experimental API: triggering, listing, and in which words it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.experimental.small_world import OPEN, RUN_DATE, RUNS, WORLD, X, error
from tests.support import Caller, Deploy


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, **OPEN)


# DAG runs


def test_runs_are_listed_by_date_and_state(call: Caller) -> None:
    runs = call.get(RUNS).get_json()
    assert [run["run_id"] for run in runs] == ["first", "second"]
    assert runs[0] == {
        "id": 2,
        "run_id": "first",
        "state": "success",
        "dag_id": "etl",
        "execution_date": "2025-05-01T00:00:00+00:00",
        "start_date": "",
        "dag_run_url": "/dags/etl/graph?execution_date=2025-05-01+00:00:00%2B00:00",
    }
    assert [run["run_id"] for run in call.get(f"{RUNS}?state=FAILED&state=success").get_json()] == ["second"]
    assert len(call.get(f"{RUNS}?state=&bogus=1").get_json()) == 2
    assert call.get(f"{RUNS}?state=bogus").status_code == 500
    assert error(call.get(f"{X}/dags/none/dag_runs")) == (400, "Dag id none not found in DagModel")
    assert [run["execution_date"] for run in call.get(f"{X}/latest_runs").get_json()["items"]] == [
        "2025-05-02T00:00:00+00:00"
    ]


@pytest.mark.parametrize(
    ("body", "date", "run_id"),
    [
        ({}, "2025-06-01T12:00:00+00:00", "manual__2025-06-01T12:00:00+00:00"),
        ([], "2025-06-01T12:00:00+00:00", "manual__2025-06-01T12:00:00+00:00"),
        ("x", "2025-06-01T12:00:00+00:00", "manual__2025-06-01T12:00:00+00:00"),
        ({"execution_date": None}, "2025-06-01T12:00:00+00:00", "manual__2025-06-01T12:00:00+00:00"),
        (
            {"replace_microseconds": "false"},
            "2025-06-01T12:00:00.250000+00:00",
            "manual__2025-06-01T12:00:00.250000+00:00",
        ),
        ({"execution_date": "2025-03-06"}, "2025-03-06T00:00:00+00:00", "manual__2025-03-06T00:00:00+00:00"),
        ({"execution_date": "2025-03-06T01:02:03.5"}, "2025-03-06T01:02:03.500000+00:00", None),
        ({"execution_date": "2025-03-06T01:02:03.5", "replace_microseconds": "Yes"}, "2025-03-06T01:02:03+00:00", None),
        (
            {"execution_date": "2025-03-06T01:02:03+05:30"},
            "2025-03-06T01:02:03+05:30",
            "manual__2025-03-06T01:02:03+05:30",
        ),
        ({"execution_date": "20250306T0102"}, "2025-03-06T01:02:00+00:00", None),
        ({"execution_date": "6 March 2025"}, "2025-03-06T00:00:00+00:00", None),
        (
            {"execution_date": "2025-03-06", "run_id": ""},
            "2025-03-06T00:00:00+00:00",
            "manual__2025-03-06T00:00:00+00:00",
        ),
        ({"execution_date": "2025-03-06", "run_id": "mine", "bogus": 1}, "2025-03-06T00:00:00+00:00", "mine"),
    ],
)
def test_trigger_reads_dates_generously(deploy: Deploy, body: Any, date: str, run_id: str | None) -> None:
    caller = deploy(WORLD, **OPEN, clock="2025-06-01T12:00:00.250000+00:00")
    answer = caller.post(RUNS, data=json.dumps(body), content_type="text/plain").get_json()

    assert (answer["execution_date"], answer["run_id"]) == (date, run_id or f"manual__{date}")
    assert answer["message"] == (
        f"Created <DagRun etl @ {date.replace('T', ' ')}: {answer['run_id']}, state:queued, "
        "queued_at: 2025-06-01 12:00:00.250000+00:00. externally triggered: True>"
    )


def test_triggered_run_is_an_ordinary_one(call: Caller) -> None:
    call.post(RUNS, by=None, json={"run_id": "r", "conf": {"a": 1}, "execution_date": "2025-03-06T02:00:00+02:00"})

    run = call.get("/api/v1/dags/etl/dagRuns/r").get_json()
    assert (run["conf"], run["run_type"], run["state"]) == ({"a": 1}, "manual", "queued")
    assert run["logical_date"] == "2025-03-06T00:00:00+00:00"
    assert call.get("/api/v1/dags/etl/dagRuns/r/taskInstances").get_json()["total_entries"] == 2


def test_schedulers_run_ids_are_allowed_and_decide_the_type(call: Caller) -> None:
    call.post(RUNS, json={"run_id": "scheduled__x"})

    run = call.get("/api/v1/dags/etl/dagRuns/scheduled__x").get_json()
    assert (run["run_type"], run["external_trigger"]) == ("scheduled", True)


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (
            {"execution_date": "x"},
            400,
            "Given execution date, x, could not be identified as a date. Example date format: ",
        ),
        (
            {"execution_date": ""},
            400,
            "Given execution date, , could not be identified as a date. Example date format: ",
        ),
        ({"conf": None}, 400, "Dag Run conf must be a dictionary object, other types are not supported"),
        ({"conf": "{}"}, 400, "Dag Run conf must be a dictionary object, other types are not supported"),
        (
            {"run_id": "first", "execution_date": "2025-03-06"},
            400,
            "A DAG Run already exists for DAG etl at 2025-03-06 00:00:00+00:00 with run id first",
        ),
        (
            {"run_id": "new", "execution_date": RUN_DATE},
            400,
            "A DAG Run already exists for DAG etl at 2025-05-01 00:00:00+00:00 with run id new",
        ),
        (
            {"run_id": "sp ace"},
            500,
            "The provided run ID 'sp ace' is invalid. It does not match either the configured ",
        ),
    ],
)
def test_refused_triggers_leave_no_run(call: Caller, body: Any, status: int, text: str) -> None:
    got, told = error(call.post(RUNS, json=body))

    assert (got, told[: len(text)]) == (status, text)
    assert len(call.deployment.airflow.dag_runs) == 2


@pytest.mark.parametrize(
    "body", [{"execution_date": 5}, {"run_id": 5}, {"replace_microseconds": True}, None, ["run_id"]]
)
def test_triggers_that_airflow_fails_at(call: Caller, body: Any) -> None:
    assert call.post(RUNS, data=json.dumps(body)).status_code == 500


@pytest.mark.parametrize("data", ["", "{", "[" * 100_000])
def test_body_that_is_no_json_is_the_frameworks_page(call: Caller, data: str) -> None:
    answer = call.post(RUNS, data=data, content_type="application/json")

    assert (answer.status_code, answer.content_type) == (400, "text/html; charset=utf-8")
    assert "<h1>Bad Request</h1>" in answer.get_data(as_text=True)
    assert answer.headers["Deprecation"] == "true"


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/dags/none/dag_runs/2025-05-01", 404, "Dag id none not found in DagModel"),
        ("/dags/gone/dag_runs/2025-05-01", 404, "Dag id gone not found"),
        (
            "/dags/etl/dag_runs/2030-01-01T00:00:00Z",
            404,
            "Dag Run for date 2030-01-01 00:00:00+00:00 not found in dag etl",
        ),
        ("/dags/none/dag_runs/x", 400, "Given execution date, x, could not be identified as a date. Example date "),
        ("/lineage/none/2025-05-01", 404, "Dag id none not found in DagModel"),
        ("/lineage/etl/2030-01-01", 404, "Dag Run for date 2030-01-01 00:00:00+00:00 not found in dag etl"),
        ("/dags/etl/dag_runs/2030-01-01/tasks/none", 404, "Task none not found in dag etl"),
        (
            "/dags/etl/dag_runs/2030-01-01/tasks/load",
            404,
            "Dag Run for date 2030-01-01 00:00:00+00:00 not found in dag etl",
        ),
        (
            "/dags/etl/dag_runs/2025-05-01/tasks/load",
            404,
            "Task load instance for date 2025-05-01 00:00:00+00:00 not found",
        ),
        ("/dags/etl/tasks/none", 404, "Task none not found in dag etl"),
        ("/dags/none/code", 404, "Dag id none not found in DagModel"),
    ],
)
def test_what_is_not_there_is_told_in_order(call: Caller, path: str, status: int, text: str) -> None:
    got, told = error(call.get(X + path))

    assert (got, told[: len(text)]) == (status, text)


def test_state_and_lineage_by_date(call: Caller) -> None:
    assert call.get(f"{RUNS}/2025-05-01T02:00:00+02:00").get_json() == {"state": "success"}
    assert call.get(f"{X}/lineage/etl/2025-05-01").get_json() == {"task_ids": {}}
