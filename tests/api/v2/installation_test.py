"""What an Airflow 3 tells of its installation: sources, tags, warnings, logs, jobs, configuration, and more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import Caller3, Deploy3

DAGS = [
    {"dag_id": "a", "fileloc": "/opt/airflow/dags/x/a.py", "tags": [{"name": "t2"}, {"name": "t1"}]},
    {"dag_id": "b", "fileloc": "/opt/airflow/dags/b.py", "tags": [{"name": "t1"}]},
    {"dag_id": "gone", "is_stale": True, "tags": [{"name": "old"}]},
]
VERSION = {"id": "01a2253e-8c67-7e98-8138-fada1c35b2a1", "version_number": 2, "created_at": "2025-05-01T00:00:00Z"}
WORLD: dict[str, Any] = {
    "dags": DAGS,
    "dag_versions": {"a": [VERSION]},
    "dag_sources": {"a": {"1": "one", "2": "two"}, "/opt/airflow/dags/b.py": "bee"},
    "import_errors": [{"filename": "x/a.py", "stack_trace": "boom"}],
    "dag_warnings": [{"dag_id": "a", "warning_type": "non-existent pool", "message": "m"}],
    "jobs": [{"job_type": "SchedulerJob", "state": "success", "start_date": "2025-01-01T00:00:00Z"}],
    "providers": [{"package_name": "apache-airflow-providers-z", "version": "2.0"}],
    "plugins": [{"name": "p2"}, {"name": "p1", "external_views": [{"name": "Wiki"}]}],
}


@pytest.fixture
def call(deploy3: Deploy3) -> Caller3:
    return deploy3(WORLD, runs="manual")


def test_source_of_the_newest_version_unless_another_is_named(call: Caller3) -> None:
    assert call.get("/dagSources/a") == {
        "content": "two",
        "dag_id": "a",
        "version_number": 2,
        "dag_display_name": "a",
    }
    assert call.get("/dagSources/a?version_number=1")["content"] == "one"
    assert call.get("/dagSources/b")["content"] == "bee"
    text = call("GET", "/dagSources/a", headers={"Accept": "text/plain"})
    assert (text.text, text.content_type) == ("two", "text/plain; charset=utf-8")
    assert call.detail("GET", "/dagSources/a", headers={"Accept": "text/html, application/json"})[0] == 406
    missing = "The source code of the Dag a, version_number 9 was not found"
    assert call.detail("GET", "/dagSources/a?version_number=9") == (404, missing)


def test_tags_of_dags_that_are_there(call: Caller3) -> None:
    assert call.get("/dagTags") == {"tags": ["t1", "t2"], "total_entries": 2}
    assert call.get("/dagTags?order_by=-name&limit=1")["tags"] == ["t2"]
    assert call.get("/dagTags?tag_name_prefix_pattern=T")["tags"] == []


def test_warnings_and_import_errors(call: Caller3) -> None:
    assert call.get("/dagWarnings?warning_type=asset%20conflict")["total_entries"] == 0
    assert call.get("/dagWarnings")["dag_warnings"][0]["dag_display_name"] == "a"
    error = call.get("/importErrors?filename_prefix_pattern=x/")["import_errors"][0]
    assert (error["filename"], error["bundle_name"], error["stack_trace"]) == ("x/a.py", "dags-folder", "boom")
    assert call.get(f"/importErrors/{error['import_error_id']}") == error
    assert call.get("/dags/a")["has_import_errors"] is True


def test_audit_log(call: Caller3) -> None:
    call("POST", "/variables", json={"key": "k", "value": "v"})
    call("POST", "/pools", json={"name": "p", "slots": 1})

    rows = call.get("/eventLogs?event_pattern=post_&order_by=-event_log_id")["event_logs"]
    assert [row["event"] for row in rows] == ["post_pool", "post_variable"]
    assert call.get("/eventLogs?excluded_events=post_pool&excluded_events=post_variable")["total_entries"] == 0
    assert call.get(f"/eventLogs/{rows[0]['event_log_id']}") == rows[0]
    assert call.get("/eventLogs?before=2025-06-01T12:00:00Z")["total_entries"] == 0
    assert call.detail("GET", "/eventLogs/abc") == (400, "'event_log_id' must be an integer")
    assert call.detail("GET", "/eventLogs/999") == (404, "The Event Log with id: `999` not found")


def test_audit_log_tells_no_secret(call: Caller3) -> None:
    connection = {"connection_id": "c", "conn_type": "http", "password": "pw-1", "extra": '{"a": "pw-2"}'}
    call("POST", "/connections", json=connection)
    create = {"action": "create", "entities": [{**connection, "connection_id": "d"}]}
    call("PATCH", "/connections", json={"actions": [create]})
    call("PATCH", "/variables", json={"actions": [{"action": "create", "entities": [{"key": "k", "value": "pw-3"}]}]})

    rows = call.get("/eventLogs?event_pattern=connection|variable")["event_logs"]
    assert [row["event"] for row in rows] == ["post_connection", "bulk_connections", "bulk_variables"]
    assert all("pw-" not in row["extra"] for row in rows)
    shown = {"connection_id": "c", "conn_type": "http", "password": "***", "extra": {"a": "***"}, "method": "POST"}
    assert json.loads(rows[0]["extra"]) == shown


def test_all_parts_are_healthy_where_runs_go(call: Caller3, deploy3: Deploy3) -> None:
    parts = ("scheduler", "triggerer", "dag_processor")

    assert [deploy3().get("/monitor/health")[part]["status"] for part in parts] == ["healthy"] * 3
    assert call.get("/monitor/health")["scheduler"]["status"] == "unhealthy"


def test_jobs_without_a_scheduler_and_with_one(call: Caller3, deploy3: Deploy3) -> None:
    assert call.get("/jobs?is_alive=true") == {"jobs": [], "total_entries": 1}
    assert call.get("/jobs?job_state=success")["jobs"][0]["job_type"] == "SchedulerJob"

    timed = deploy3(WORLD)
    alive = timed.get("/jobs?is_alive=true&job_type=SchedulerJob")
    assert alive["total_entries"] == 2
    assert [job["latest_heartbeat"] for job in alive["jobs"]] == ["2025-06-01T12:00:00Z"]


def test_plugins_and_providers(call: Caller3) -> None:
    plugins = call.get("/plugins")["plugins"]
    assert [plugin["name"] for plugin in plugins] == ["p1", "p2"]
    assert (plugins[0]["external_views"], plugins[0]["react_apps"]) == ([{"name": "Wiki"}], [])
    provider = call.get("/providers")["providers"][0]
    assert provider["documentation_url"] == "https://airflow.apache.org/docs/apache-airflow-providers-z/2.0"


def test_parse_request(call: Caller3) -> None:
    token = call.get("/dags/a/details")["file_token"]

    assert call.detail("PUT", f"/parseDagFile/{token}", by="viewer") == (403, "Forbidden")
    made = call("PUT", f"/parseDagFile/{token}")
    assert (made.status_code, made.json) == (201, None)
    assert call.detail("PUT", f"/parseDagFile/{token}")[0] == 409
    assert call.detail("PUT", "/parseDagFile/nope", by="viewer") == (404, "File not found")


def test_configuration_is_shown_only_where_it_is_exposed(call: Caller3, deploy3: Deploy3) -> None:
    assert call.detail("GET", "/config")[0] == 403
    assert call.detail("GET", "/config", headers={"Accept": "text/html"})[0] == 406

    shown = deploy3(expose_config="True", maximum_page_limit=7)
    value = shown.get("/config/section/API/option/Maximum_Page_Limit")
    assert value == {"sections": [{"name": "API", "options": [{"key": "Maximum_Page_Limit", "value": "7"}]}]}
    assert shown.get("/config/section/core/option/fernet_key")["sections"][0]["options"][0]["value"] == "< hidden >"
    names = [section["name"] for section in shown.get("/config")["sections"]]
    assert names[:3] == ["core", "database", "logging"]
    text = shown("GET", "/config?section=core", headers={"Accept": "text/plain"}).text
    assert text.startswith("[core]\n")
    assert "\nparallelism = 32\n" in text
    assert shown.detail("GET", "/config?section=nope") == (404, "Section nope not found.")
    assert shown.detail("GET", "/config/section/core/option/nope") == (404, "Option [core/nope] not found.")
