"""What a request of `/api/v1` becomes in `/api/v2`: as a function, as a reason, and on the command line."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from mock_airflow import MockAirflow
from mock_airflow.api import migration
from mock_airflow.api.v1 import API as V1
from mock_airflow.cli import main
from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings


def test_every_operation_of_v1_has_its_successor() -> None:
    assert {v1.operation_id for v1, _, _ in migration.table()} == set(V1.operations)


@pytest.mark.parametrize("row", migration.table(), ids=lambda row: row[0].operation_id)
def test_a_path_of_the_template_is_found_again(row: Any) -> None:
    v1, v2, prefix = row
    found = migration.becomes(v1.method, f"/api/v1{v1.path.replace('{', '').replace('}', '')}")

    assert found is not None
    assert (found.v1, found.v2) == (v1, v2)
    assert found.path.startswith(prefix)


CASES = [
    ("POST /dags/etl/dagRuns", {}, "POST /api/v2/dags/etl/dagRuns", {"logical_date": None}),
    (
        "POST /dags/etl/dagRuns",
        {"execution_date": "2025-01-01T00:00:00Z", "conf": {"a": 1}},
        "POST /api/v2/dags/etl/dagRuns",
        {"logical_date": "2025-01-01T00:00:00Z", "conf": {"a": 1}},
    ),
    (
        "PATCH /dags/etl/dagRuns/r/taskInstances/t/setNote",
        {"note": "x"},
        "PATCH /api/v2/dags/etl/dagRuns/r/taskInstances/t",
        {"note": "x"},
    ),
    (
        "POST /dags/etl/updateTaskInstancesState",
        {"dag_run_id": "r", "task_id": "t", "new_state": "failed", "dry_run": False, "include_past": True},
        "PATCH /api/v2/dags/etl/dagRuns/r/taskInstances/t",
        {"new_state": "failed", "include_past": True},
    ),
    ("GET /datasets/s3%3A%2F%2Flake", None, "GET /api/v2/assets/{asset_id}", None),
    ("POST /datasets/events", {"dataset_uri": "s3://x", "extra": {}}, "POST /api/v2/assets/events", {"extra": {}}),
    ("DELETE /datasets/queuedEvent/s3://x", None, "DELETE /api/v2/assets/{asset_id}/queuedEvents", None),
    ("POST /dags/~/dagRuns/list", {"dag_ids": ["a"]}, "POST /api/v2/dags/~/dagRuns/list", {"dag_ids": ["a"]}),
    (
        "POST /dags/~/dagRuns/~/taskInstances/list",
        {"execution_date_lte": "x"},
        "POST /api/v2/dags/~/dagRuns/~/taskInstances/list",
        {"logical_date_lte": "x"},
    ),
    ("PATCH /pools/p", {"name": "p", "slots": 3}, "PATCH /api/v2/pools/p", {"pool": "p", "slots": 3}),
    ("GET /roles/Op", None, "GET /auth/fab/v1/roles/Op", None),
    ("GET /health", None, "GET /api/v2/monitor/health", None),
    ("GET /dags/a%20b", None, "GET /api/v2/dags/a%20b", None),
]


@pytest.mark.parametrize(("call", "body", "new", "new_body"), CASES)
def test_requests(call: str, body: Any, new: str, new_body: Any) -> None:
    method, path = call.split(" ")
    found = migration.becomes(method, f"/api/v1{path}", body=body)

    assert found is not None
    assert (f"{found.method} {found.path}", found.body) == (new, new_body)


def test_the_query_too() -> None:
    found = migration.becomes("GET", "/api/v1/dags", "only_active=false&fields=dag_id&limit=5")

    assert found is not None
    assert found.query == {"exclude_stale": "false", "limit": "5"}
    assert {str(each) for each in found.concerned if each.where == "query"} == {
        "only_active is now exclude_stale",
        "fields is gone",
    }


@pytest.mark.parametrize("call", ["GET /api/v2/dags", "GET /api/v1/nothing", "PUT /api/v1/dags", "GET /health"])
def test_what_is_none_of_v1_becomes_nothing(call: str) -> None:
    assert migration.becomes(*call.split(" ")) is None


@pytest.mark.parametrize(("method", "status"), [("GET", 404), ("POST", 405)])
def test_the_journal_names_the_successor(method: str, status: int) -> None:
    deployment = Deployment(Settings.of(airflow_version="3.3.2", explain_header=True))
    answer = Client(deployment.wsgi).open(
        "/api/v1/dags/etl/dagRuns?execution_date_gte=2025-01-01", method=method, json={"execution_date": "x"}
    )

    entry = [*deployment.journal][-1]
    assert answer.status_code == status
    assert f"In Airflow 3 this is {method} /api/v2/dags/etl/dagRuns." in entry.why.reason
    assert ("In the body execution_date is now logical_date" in entry.why.reason) == (method == "POST")
    assert "In the answer execution_date is now logical_date, external_trigger is now run_type." in entry.why.reason
    assert ("execution_date_gte is now logical_date_gte" in entry.why.reason) == (method == "GET")
    assert answer.headers["X-Mock-Airflow-Reason"] == entry.why.reason
    if method == "GET":
        assert answer.json == {
            "error": "/api/v1 has been removed in Airflow 3, please use its upgraded version /api/v2 instead."
        }


def test_a_path_that_v1_never_had_is_hinted_at_as_ever() -> None:
    deployment = Deployment(Settings.of(airflow_version="3.3.2"))
    Client(deployment.wsgi).get("/api/v1/nothing")

    assert "There is no operation at /api/v1/nothing" in [*deployment.journal][-1].why.reason


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("PATCH /pools/p", "pool, slots and include_deferred have to be there, also with an update_mask."),
        ("PATCH /connections/c", "connection_id is required; conn_type is required"),
        ("GET /users", "Only the FAB auth manager has it (auth_manager=fab)."),
        ("DELETE /roles/x", "Only the FAB auth manager has it (auth_manager=fab)."),
    ],
)
def test_what_a_client_has_to_know(call: str, said: str) -> None:
    method, path = call.split(" ")
    found = migration.becomes(method, f"/api/v1{path}")

    assert found is not None
    assert said in "; ".join([*map(str, found.changes), *found.notes])


def test_pages_are_half_as_long() -> None:
    long = {}
    for version in ("2.11.2", "3.3.2"):
        mock = MockAirflow(world="demo", airflow_version=version)
        path = f"{mock.deployment.api_path}/eventLogs"
        long[version] = len(Client(mock.deployment.wsgi).get(path, headers=mock.headers).get_json()["event_logs"])

    assert long == {"2.11.2": 100, "3.3.2": 50}
    assert any("50 rows where no limit is asked for (v1: 100)" in each for each in migration.EVERYWHERE)


def test_a_reason_names_every_fault() -> None:
    deployment = Deployment(Settings.of(airflow_version="3.3.2", simple_auth_manager_all_admins=True))
    body = {"execution_date": "2025-01-01T00:00:00Z"}
    Client(deployment.wsgi).post("/api/v2/dags/etl/dagRuns", json=body)

    assert [*deployment.journal][-1].why.reason == (
        "body.logical_date: Field required; body.execution_date: Extra inputs are not permitted"
    )


def test_explained_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "POST", "/api/v1/dags/etl/dagRuns"]) == 0

    told = capsys.readouterr().out
    assert "POST /api/v2/dags/etl/dagRuns" in told
    assert "execution_date is now logical_date" in told
    assert "POST /auth/token" in told
