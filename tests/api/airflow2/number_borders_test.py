"""Pages that a list's form asks for, at and beyond the database's 64 bits."""

from __future__ import annotations

import pytest

from tests.support import Deploy

BATCHES = ["/api/v1/dags/~/dagRuns/list", "/api/v1/dags/~/dagRuns/~/taskInstances/list"]
WORLD = {
    "dags": [{"dag_id": "etl", "tasks": ["load"]}],
    "dag_runs": [{"dag_id": "etl", "dag_run_id": run, "logical_date": f"2025-01-0{run}T00:00:00Z"} for run in "12"],
}


@pytest.mark.parametrize("path", BATCHES)
@pytest.mark.parametrize("name", ["page_limit", "page_offset"])
def test_beyond_them_airflow_fails(deploy: Deploy, path: str, name: str) -> None:
    form = {name: 1 << 63}
    failed = deploy(WORLD).post(path, json=form)
    clean = deploy(WORLD, airflow_bugs=False).post(path, json=form)

    assert (failed.status_code, failed.content_type) == (500, "text/html; charset=utf-8")
    assert (clean.status_code, clean.json["title"]) == (400, "Bad Request")


@pytest.mark.parametrize("path", BATCHES)
def test_the_greatest_is_no_limit(deploy: Deploy, path: str) -> None:
    answer = deploy(WORLD).post(path, json={"page_limit": (1 << 63) - 1, "page_offset": 1})

    assert answer.status_code == 200
    rows = next(value for value in answer.json.values() if isinstance(value, list))
    assert len(rows) == answer.json["total_entries"] - 1 == 1


@pytest.mark.parametrize("name", ["limit", "offset"])
@pytest.mark.parametrize(
    ("path", "whose"),
    [
        ("/dags/~/dagRuns/~/taskInstances", "Airflow's"),
        ("/dags/~/dagRuns/r/taskInstances", "Airflow's"),
        ("/dags/~/dagRuns/~/taskInstances/~/xcomEntries", "Airflow's"),
        ("/dags/etl/dagRuns/1/taskInstances", "gunicorn's"),
    ],
)
def test_whose_page_tells_of_it_hangs_on_whether_the_permitted_dags_were_asked_for(
    deploy: Deploy, path: str, whose: str, name: str
) -> None:
    answer = deploy(WORLD).get(f"/api/v1{path}", query_string={name: 10**20})
    if name == "limit" and "xcom" in path:
        assert answer.status_code == 200  # capped before the database sees it
    else:
        kind = "text/html; charset=utf-8" if whose == "Airflow's" else "text/html"
        assert (answer.status_code, answer.content_type) == (500, kind)


HALF = "a\\ud800b"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/pools", f'{{"name": "{HALF}", "slots": 1}}'),
        ("POST", "/pools", f'{{"name": "p", "slots": 1, "description": "{HALF}"}}'),
        ("POST", "/variables", f'{{"key": "{HALF}", "value": "x"}}'),
        ("POST", "/variables", '{"key": "k", "value": "\\udfff"}'),
        ("POST", "/connections", f'{{"connection_id": "c", "conn_type": "http", "host": "{HALF}"}}'),
        ("POST", "/dags/etl/dagRuns", f'{{"dag_run_id": "{HALF}"}}'),
        ("POST", "/dags/etl/dagRuns", f'{{"note": "{HALF}"}}'),
        ("PATCH", "/dags/etl/dagRuns/1/setNote", f'{{"note": "{HALF}"}}'),
        (
            "POST",
            "/users",
            f'{{"username": "{HALF}", "password": "p", "email": "e", "first_name": "f", "last_name": "l"}}',
        ),
        ("POST", "/roles", f'{{"name": "{HALF}", "actions": []}}'),
        ("POST", "/datasets/events", f'{{"dataset_uri": "{HALF}"}}'),
        ("POST", "/dags/~/dagRuns/list", f'{{"dag_ids": ["{HALF}"]}}'),
        ("POST", "/dags/etl/clearTaskInstances", f'{{"task_ids": ["{HALF}"]}}'),
    ],
)
def test_half_a_character_is_nothing_that_a_database_takes(
    deploy: Deploy, method: str, path: str, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    airflow, clean = deploy(WORLD), deploy(WORLD, airflow_bugs=False)
    failed = airflow(method, f"/api/v1{path}", data=body, content_type="application/json")
    refused = clean(method, f"/api/v1{path}", data=body, content_type="application/json")
    assert (failed.status_code, "Ooops!" in failed.text) == (500, True)
    assert refused.status_code == 400
    assert caplog.records == []
    for listed in ("/pools", "/variables", "/dags/etl/dagRuns", "/users", "/roles"):
        before = deploy(WORLD).get(f"/api/v1{listed}").json["total_entries"]
        assert airflow.get(f"/api/v1{listed}").json["total_entries"] == before


def test_a_whole_character_and_one_inside_of_an_object_are_taken(deploy: Deploy) -> None:
    airflow = deploy(WORLD)
    whole = airflow.post(
        "/api/v1/variables", data='{"key": "\\ud83d\\ude00", "value": "x"}', content_type="application/json"
    )
    assert (whole.status_code, whole.json["key"]) == (200, "\U0001f600")
    conf = f'{{"conf": {{"a": "{HALF}"}}}}'
    assert airflow.post("/api/v1/dags/etl/dagRuns", data=conf, content_type="application/json").status_code == 200
    named = f'{{"connection_id": "{HALF}", "conn_type": "http"}}'
    refused = airflow.post("/api/v1/connections", data=named, content_type="application/json")
    assert (refused.status_code, "has to be made of alphanumeric" in refused.json["detail"]) == (400, True)
