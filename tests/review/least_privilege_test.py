"""The smallest role and scope that would have done: for nothing, for reading, for changing, and for one DAG's calls."""

from __future__ import annotations

import pytest
import requests

from mock_airflow import MockAirflow


@pytest.fixture
def airflow():
    with MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        mock.add_dag("etl", tasks=("extract",))
        yield mock


def ask(airflow, method, path, **more):
    return requests.request(method, airflow.api_url + path, headers=airflow.headers, **more)


@pytest.mark.parametrize(
    ("calls", "role", "scope"),
    [
        ([], "Public", "read-only"),
        ([("GET", "/health")], "Public", "read-only"),
        ([("GET", "/dags"), ("GET", "/dags/etl/dagRuns")], "Viewer", "read-only"),
        ([("GET", "/dags"), ("POST", "/dags/etl/dagRuns")], "User", "read-write"),
        ([("GET", "/variables")], "Op", "admin"),
        ([("GET", "/dags"), ("POST", "/pools")], "Op", "admin"),
        ([("GET", "/users")], "Admin", "admin"),
    ],
    ids="nothing open reading triggering variables pools users".split(),
)
def test_the_smallest_role_that_passes_every_call(airflow, calls, role, scope):
    for method, path in calls:
        ask(airflow, method, path, **({"json": {}} if method == "POST" else {}))
    found = airflow.least_privilege()

    assert (found.role, found.scope) == (role, scope)


def test_refused_calls_and_unknown_paths_count_as_they_should(airflow):
    ask(airflow, "GET", "/nowhere")
    assert airflow.least_privilege().role == "Public"
    viewer = airflow.principal("Viewer")
    requests.post(f"{airflow.api_url}/dags/etl/dagRuns", json={}, headers=viewer.headers)
    found = airflow.least_privilege()
    assert (found.role, found.permissions) == ("User", ("can_create on DAG Runs", "can_edit on DAGs"))
    assert str(found) == "role User, scope read-write (can_create on DAG Runs, can_edit on DAGs; calls: 1)"


def test_behind_a_vendors_gate_too():
    with MockAirflow(profile="astronomer-software") as airflow:
        ask(airflow, "GET", "/dags")
        assert airflow.least_privilege().scope == "read-only"
