"""Which check comes when, and what every answer looks like, as a real Airflow 2 does it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import Deploy

POOLS = "/api/v1/pools"
LINK = "https://airflow.apache.org/docs/apache-airflow/2.11.2/stable-rest-api-ref.html#section/Errors/"


def test_answers_are_sorted_indented_json_with_airflows_headers(deploy: Deploy) -> None:
    answer = deploy().get("/api/v1/version")

    assert answer.get_data(as_text=True) == '{\n  "git_version": "",\n  "version": "2.11.2"\n}\n'
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Server"].startswith("mock-airflow/")


@pytest.mark.parametrize(
    ("sent", "status", "detail"),
    [
        ({"data": "{broken", "content_type": "application/json"}, 400, "Request body is not valid JSON"),
        ({"data": "null", "content_type": "application/json"}, 400, "Request body is not valid JSON"),
        ({"data": "", "content_type": "application/json"}, 400, "Request body must not be empty"),
        ({}, 400, "Request body must not be empty"),
        ({"json": []}, 400, "[] is not of type 'object'"),
        ({"json": {"slots": "x"}}, 400, "'x' is not of type 'integer' - 'slots'"),
        ({"json": {"slots": True}}, 400, "True is not of type 'integer' - 'slots'"),
        ({"json": {"open_slots": 1}}, 400, "Property is read-only - 'open_slots'"),
        ({"data": "a=1", "content_type": "text/plain"}, 415, "Invalid Content-type (text/plain), expected JSON data"),
    ],
)
def test_shape_is_looked_at_before_the_caller(deploy: Deploy, sent: dict[str, Any], status: int, detail: str) -> None:
    answer = deploy().post(POOLS, by=None, **sent)

    assert (answer.status_code, answer.get_json()["detail"]) == (status, detail)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_only_the_handler_refuses_comes_after_the_caller(deploy: Deploy) -> None:
    call = deploy()
    body = {"name": "p", "slots": 1, "bogus": 1}

    assert call.post(POOLS, by=None, json=body).status_code == 403
    refused = call.post(POOLS, json=body)
    assert (refused.status_code, refused.get_json()["detail"]) == (400, "{'bogus': ['Unknown field.']}")


def test_body_is_looked_at_before_the_query(deploy: Deploy) -> None:
    answer = deploy().patch(f"{POOLS}/default_pool?bogus=1", json={"slots": "x"})

    assert answer.get_json()["detail"] == "'x' is not of type 'integer' - 'slots'"


def test_permission_comes_before_existence(deploy: Deploy) -> None:
    call = deploy()

    assert call.post("/api/v1/dags/none/dagRuns", by="viewer", json={}).status_code == 403
    assert call.post("/api/v1/dags/none/dagRuns", by="user", json={}).status_code == 404


@pytest.mark.parametrize(
    ("path", "detail", "title"),
    [
        ("/api/v1/dags?bogus=1", "Extra query parameter(s) bogus not in spec", None),
        ("/api/v1/dags?limit=x", "Wrong type, expected 'integer' for query parameter 'limit'", "Bad Request"),
        (
            "/api/v1/dags?only_active=1",
            "Wrong type, expected 'boolean' for query parameter 'only_active'",
            "Bad Request",
        ),
        ("/api/v1/dags?limit=-1", None, "Page limit must be a positive integer"),
        (
            "/api/v1/dags?offset=-1",
            "-1 is less than the minimum of 0\n\nFailed validating 'minimum' in schema:\n"
            "    {'type': 'integer', 'minimum': 0}\n\nOn instance:\n    -1",
            "Bad Request",
        ),
        (
            "/api/v1/dags/~/dagRuns?start_date_gte=2025-01-02",
            "'2025-01-02' is not a 'date-time'\n\nFailed validating 'format' in schema:\n"
            "    {'type': 'string', 'format': 'date-time'}\n\nOn instance:\n    '2025-01-02'",
            "Bad Request",
        ),
    ],
)
def test_query_is_refused_in_airflows_words(deploy: Deploy, path: str, detail: str | None, title: str | None) -> None:
    answer = deploy().get(path)

    assert answer.status_code == 400
    assert answer.get_json() == {"detail": detail, "status": 400, "title": title, "type": LINK + "BadRequest"}


def test_undeclared_query_is_ignored_where_nothing_is_declared(deploy: Deploy) -> None:
    call = deploy()

    assert call.get("/api/v1/version?x=1").status_code == 200
    assert call.post(POOLS + "?x=1", json={"name": "p", "slots": 1}).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/nope", "/api/v1/dags/", "/api/v1/dags/a%2Fb", "/api/v1/dags/x/"])
def test_unknown_path_is_a_problem_of_the_router(deploy: Deploy, path: str) -> None:
    answer = deploy().get(path, by=None)

    assert answer.status_code == 404
    assert answer.get_json()["type"] == "about:blank"
    assert answer.headers["Vary"] == "Cookie"


def test_wrong_method_names_no_right_ones(deploy: Deploy) -> None:
    answer = deploy()("PUT", "/api/v1/dags")

    assert (answer.status_code, answer.get_json()["detail"]) == (
        405,
        "The method is not allowed for the requested URL.",
    )
    assert "Allow" not in answer.headers


def test_options_tells_the_methods_to_everybody(deploy: Deploy) -> None:
    answer = deploy()("OPTIONS", POOLS + "/default_pool", by=None)

    assert (answer.status_code, answer.get_data()) == (200, b"")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "PATCH", "DELETE", "HEAD", "OPTIONS"}


def test_head_is_a_get_without_its_body(deploy: Deploy) -> None:
    answer = deploy()("HEAD", "/api/v1/dags")

    assert (answer.status_code, answer.get_data(), answer.headers["Content-Type"]) == (200, b"", "application/json")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "dags"), ("POST", "dags/etl/dagRuns"), ("POST", "datasets/events")]
)
def test_doubled_slash_is_redirected_before_anything_else(deploy: Deploy, method: str, path: str) -> None:
    answer = deploy()(method, f"/api/v1//{path}", by=None)

    assert answer.status_code == 308
    assert answer.headers["Location"].endswith(f"/api/v1/{path}")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_outside_of_the_api_an_error_is_a_page(deploy: Deploy) -> None:
    answer = deploy().get("/somewhere")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_open_operations_ignore_credentials(deploy: Deploy) -> None:
    call = deploy()

    assert call.get("/api/v1/health", by="nobody").status_code == 200
    assert call.get("/api/v1/version", by=None).status_code == 200


def test_refused_handler_changes_nothing_but_the_audit_log(deploy: Deploy) -> None:
    call = deploy()
    before = len(call.deployment.airflow.event_logs)

    call.post("/api/v1/dags/none/dagRuns", json={"note": "x"})

    entry = list(call.deployment.airflow.event_logs)[-1]
    assert len(call.deployment.airflow.event_logs) == before + 1
    assert (entry.event, entry.owner, entry.dag_id, entry.run_id) == ("api.post_dag_run", "admin", "none", None)
    assert json.loads(entry.extra or "") == {"note": "x"}
    assert len(call.deployment.airflow.dag_runs) == 0


def test_stock_set_up_answers_403_where_one_expects_401(deploy: Deploy) -> None:
    call = deploy()

    for by in (None, "nobody"):
        answer = call.get("/api/v1/dags", by=by)
        assert (answer.status_code, answer.get_json()["title"], answer.get_json()["detail"]) == (403, "Forbidden", None)


def test_without_a_public_role_it_is_401(deploy: Deploy) -> None:
    call = deploy(auth_role_public="")

    answer = call.get("/api/v1/dags", by=None)
    assert (answer.status_code, answer.get_json()["title"]) == (401, "Unauthorized")
    assert answer.get_json()["type"] == LINK + "Unauthenticated"
    assert "WWW-Authenticate" not in answer.headers
    assert call.get("/api/v1/dags", by="public").status_code == 403


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Bearer abc", "scheme 'Bearer'"),
        ("Basic !!!", "not valid base64"),
        ("Basic YWRtaW46", "lacks a name or a password"),
        ("Basic YWRtaW46d3Jvbmc=", "password of the user 'admin' does not match"),
        ("Basic bm9ib2R5Om5v", "no user 'nobody'"),
    ],
)
def test_journal_knows_why_nobody_was_let_in(deploy: Deploy, header: str, reason: str) -> None:
    call = deploy(explain_header=True)

    answer = call.get("/api/v1/dags", by=None, headers={"Authorization": header})

    entry = list(call.deployment.journal)[-1]
    assert answer.status_code == 403
    assert reason in entry.reason
    assert "can_read on DAGs" in entry.would_pass
    assert answer.headers["X-Mock-Airflow-Reason"] == entry.reason


def test_reason_is_only_told_on_request(deploy: Deploy) -> None:
    assert "X-Mock-Airflow-Reason" not in deploy().get("/api/v1/dags", by=None).headers


def test_bugs_of_airflow_can_be_switched_off(deploy: Deploy) -> None:
    world = {"dags": [{"dag_id": "etl", "tasks": ["one"]}]}

    faithful = deploy(world).patch("/api/v1/dags/etl", json={})
    kind = deploy(world, airflow_bugs=False).patch("/api/v1/dags/etl", json={})

    assert (faithful.status_code, faithful.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert (kind.status_code, kind.headers["Content-Type"]) == (400, "application/problem+json")


def test_fault_of_ours_is_logged_and_hidden(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    call = deploy()
    monkeypatch.setattr("mock_airflow.domain.dags.find", lambda *a, **k: 1 / 0)

    answer = call.get("/api/v1/dags")

    assert (answer.status_code, "ZeroDivisionError" in answer.get_data(as_text=True)) == (500, False)
    assert "ZeroDivisionError" in caplog.text
