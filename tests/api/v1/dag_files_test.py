"""DAG files over the API: sources, requests to parse, import errors, warnings; and the counts of runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Caller, Deploy

FILE, OTHER, BROKEN = "/dags/both.py", "/dags/other.py", "/dags/broken.py"
SOURCE = 'print("größer")\n'
WORLD = {
    "dags": [
        {"dag_id": "etl", "tasks": ["one"], "fileloc": FILE},
        {"dag_id": "report", "tasks": ["one"], "fileloc": FILE},
        {"dag_id": "other", "tasks": ["one"], "fileloc": OTHER, "file_token": "captured.token"},
    ],
    "dag_sources": {FILE: SOURCE, OTHER: "other = 1\n"},
    "import_errors": [
        {"import_error_id": 7, "filename": BROKEN, "stack_trace": "boom", "timestamp": "2025-01-02T00:00:00Z"},
        {"import_error_id": 9, "filename": FILE, "stack_trace": "bang", "timestamp": "2025-01-01T00:00:00Z"},
    ],
    "dag_warnings": [
        {"dag_id": "report", "message": "late", "timestamp": "2025-01-02T00:00:00Z", "warning_type": "odd"},
        {"dag_id": "etl", "message": "no pool", "timestamp": "2025-01-01T00:00:00Z"},
    ],
}


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, runs="manual")


def token(call: Caller, dag_id: str = "etl") -> str:
    return str(call.get(f"/api/v1/dags/{dag_id}").get_json()["file_token"])


def user_with(call: Caller, *permissions: str) -> None:
    pairs = [permission.split(" ", 1) for permission in permissions]
    actions = [{"action": {"name": action}, "resource": {"name": resource}} for action, resource in pairs]
    call.post("/api/v1/roles", json={"name": "some", "actions": actions})
    person = {"username": "vera", "email": "v@example.com", "first_name": "V", "last_name": "V", "password": "vera"}
    assert call.post("/api/v1/users", json={**person, "roles": [{"name": "some"}]}).status_code == 200


# sources


@pytest.mark.parametrize(
    ("accept", "status", "kind"),
    [
        ("application/json", 200, "application/json"),
        ("text/plain", 200, "text/plain"),
        ("*/*", 200, "text/plain"),
        ("text/*", 200, "text/plain"),
        ("application/*", 200, "application/json"),
        ("application/json, text/plain", 200, "text/plain"),
        ("text/plain;q=0.5, application/json", 200, "application/json"),
        ("text/html", 406, "text/html; charset=utf-8"),
        ("", 406, "text/html; charset=utf-8"),
        (None, 406, "text/html; charset=utf-8"),
    ],
)
def test_source_comes_as_the_client_takes_it(call: Caller, accept: str | None, status: int, kind: str) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answer = call.get(f"/api/v1/dagSources/{token(call)}", headers=headers)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, kind)
    expected = {"text/plain": SOURCE, "application/json": '{"content": "print(\\"gr\\u00f6\\u00dfer\\")\\n"}'}
    assert answer.get_data(as_text=True) == expected.get(kind, "Not Allowed Accept Header")


@pytest.mark.parametrize("bad", ["bad", "Ii9ldGMvcGFzc3dkIg.abc", "Ii9ldGMvcGFzc3dkIg", "é.é"])
def test_unknown_token_is_told_before_the_accept_header(call: Caller, bad: str) -> None:
    for method, path, title in (
        ("GET", "dagSources", "Dag source not found"),
        ("PUT", "parseDagFile", "File not found"),
    ):
        answer = call(method, f"/api/v1/{path}/{bad}", headers={"Accept": "text/html"})
        assert (answer.status_code, answer.get_json()["title"], answer.get_json()["detail"]) == (404, title, None)


def test_token_of_a_captured_world_opens_the_file_also_without_its_dag(call: Caller) -> None:
    assert token(call, "other") == "captured.token"
    call.delete("/api/v1/dags/other")

    assert call.get("/api/v1/dagSources/captured.token", headers={"Accept": "*/*"}).get_data() == b"other = 1\n"
    assert call("PUT", "/api/v1/parseDagFile/captured.token").status_code == 404


def test_source_needs_every_dag_of_the_file(call: Caller) -> None:
    user_with(call, "can_read DAG Code", "can_read DAG:etl", "can_read DAG:other")

    path = "/api/v1/dagSources/{}".format
    assert call.get(path(token(call)), by="vera", headers={"Accept": "*/*"}).status_code == 403
    assert call.get(path("captured.token"), by="vera", headers={"Accept": "*/*"}).status_code == 200
    assert call.get(path(token(call)), by="public").status_code == 403


# parsing


def test_file_is_asked_to_be_parsed_once(call: Caller) -> None:
    path = f"/api/v1/parseDagFile/{token(call)}"

    first, second = call("PUT", path), call("PUT", path, data="ignored")
    for answer, told in ((first, ""), (second, "Duplicate request")):
        assert (answer.status_code, answer.get_data(as_text=True)) == (201, told)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert len(call.deployment.airflow.event_logs) == 0


def test_scheduler_takes_the_request_up(deploy: Deploy) -> None:
    call = deploy(WORLD, runs="timed")
    path = f"/api/v1/parseDagFile/{token(call)}"

    assert call("PUT", path).get_data() == b""
    assert call("PUT", path).get_data() == b"Duplicate request"
    call.deployment.clock.advance(5)
    assert call("PUT", path).get_data() == b""


def test_parsing_needs_the_right_to_edit_every_dag_of_the_file(call: Caller) -> None:
    user_with(call, "can_edit DAG:etl", "can_read DAG:report", "can_edit DAG:other")

    assert call("PUT", f"/api/v1/parseDagFile/{token(call)}", by="vera").status_code == 403
    assert call("PUT", "/api/v1/parseDagFile/captured.token", by="vera").status_code == 201
    assert call("PUT", "/api/v1/parseDagFile/bad", by="vera").status_code == 404
    assert call("PUT", "/api/v1/parseDagFile/bad", by="viewer").status_code == 403


# import errors


def errors(call: Caller, query: str = "", **more: Any) -> list[tuple[int, str]]:
    rows = call.get(f"/api/v1/importErrors?{query}", **more).get_json()["import_errors"]
    return [(row["import_error_id"], row["stack_trace"][:8]) for row in rows]


def test_import_errors_are_listed_and_mark_their_dags(call: Caller) -> None:
    assert errors(call) == [(7, "boom"), (9, "bang")]
    assert errors(call, "order_by=timestamp&limit=1") == [(9, "bang")]
    assert errors(call, "order_by=-filename") == [(7, "boom"), (9, "bang")]
    assert call.get("/api/v1/importErrors/7").get_json() == {
        "filename": BROKEN,
        "import_error_id": 7,
        "stack_trace": "boom",
        "timestamp": "2025-01-02T00:00:00+00:00",
    }
    assert [call.get(f"/api/v1/dags/{d}").get_json()["has_import_errors"] for d in ("etl", "other")] == [True, False]
    missing = call.get("/api/v1/importErrors/8").get_json()
    assert missing["detail"] == "The ImportError with import_error_id: `8` was not found"
    assert call.get("/api/v1/importErrors?order_by=stack_trace").status_code == 400
    assert call.get(f"/api/v1/importErrors/{10**20}").status_code == 500


def test_import_error_of_unreadable_dags_is_hidden_and_of_some_is_redacted(call: Caller) -> None:
    user_with(call, "can_read ImportError", "can_read DAG:etl")

    assert errors(call, by="vera") == [(9, "REDACTED")]
    assert call.get("/api/v1/importErrors/9", by="vera").get_json()["stack_trace"].startswith("REDACTED - ")
    hidden = call.get("/api/v1/importErrors/7", by="vera")
    assert (hidden.status_code, hidden.get_json()["detail"]) == (
        403,
        "You do not have read permission on any of the DAGs in the file",
    )
    more = [{"action": {"name": "can_read"}, "resource": {"name": "DAG:report"}}]
    call.patch("/api/v1/roles/some", json={"name": "some", "actions": more})
    assert errors(call, by="vera") == [(9, "bang")]


def test_editor_of_all_dags_sees_errors_but_not_the_traces_in_the_list(call: Caller) -> None:
    user_with(call, "can_read ImportError", "can_edit DAGs")

    assert errors(call, by="vera") == [(9, "REDACTED")]
    assert call.get("/api/v1/importErrors/9", by="vera").get_json()["stack_trace"] == "bang"


# warnings


def warned(call: Caller, query: str = "", **more: Any) -> list[str]:
    return [row["dag_id"] for row in call.get(f"/api/v1/dagWarnings?{query}", **more).get_json()["dag_warnings"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["etl", "report"]),
        ("order_by=-timestamp", ["report", "etl"]),
        ("order_by=message&limit=1", ["report"]),
        ("dag_id=etl", ["etl"]),
        ("dag_id=none", []),
        ("dag_id=&warning_type=", ["etl", "report"]),
        ("warning_type=odd", ["report"]),
        ("dag_id=etl&warning_type=odd", []),
    ],
)
def test_warnings_are_filtered(call: Caller, query: str, expected: list[str]) -> None:
    assert warned(call, query) == expected


def test_warnings_are_told_of_readable_dags_that_there_are(call: Caller) -> None:
    user_with(call, "can_read DAG Warnings", "can_read DAG:etl")

    assert warned(call, by="vera") == ["etl"]
    assert call.get("/api/v1/dagWarnings?dag_id=report", by="vera").status_code == 403
    call.delete("/api/v1/dags/etl")
    assert warned(call) == ["report"]


# counts of runs


def counted(call: Caller, query: str, **more: Any) -> dict[str, list[int]]:
    answer = call.get(f"/api/v1/dagStats?{query}", **more).get_json()
    told = {row["dag_id"]: row["stats"] for row in answer["dags"]}
    assert answer["total_entries"] == len(told)
    assert all([each["state"] for each in s] == ["queued", "running", "success", "failed"] for s in told.values())
    return {dag_id: [each["count"] for each in stats] for dag_id, stats in told.items()}


def test_runs_are_counted_by_state(call: Caller) -> None:
    for run_id in ("a", "b"):
        call.post(
            "/api/v1/dags/other/dagRuns",
            json={"dag_run_id": run_id, "logical_date": f"2025-01-0{ord(run_id) - 96}T00:00:00Z"},
        )
    call.patch("/api/v1/dags/other/dagRuns/a", json={"state": "failed"})

    assert counted(call, "dag_ids=other,etl,none,,other") == {"other": [1, 0, 0, 1], "etl": [0, 0, 0, 0]}
    assert counted(call, "dag_ids=other&dag_ids=etl") == {"etl": [0, 0, 0, 0]}
    assert counted(call, "dag_ids=") == counted(call, "dag_ids=~") == counted(call, "dag_ids= other") == {}
    assert call.get("/api/v1/dagStats").get_json()["detail"] == "Missing query parameter 'dag_ids'"


def test_runs_of_unreadable_dags_are_not_counted(call: Caller) -> None:
    user_with(call, "can_read DAG Runs", "can_read DAG:etl", "can_edit DAG:report")

    assert counted(call, "dag_ids=etl,report,other", by="vera") == {"etl": [0, 0, 0, 0]}
