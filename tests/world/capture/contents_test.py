"""What a captured world holds, what it says that it lacks, and what is scrubbed out of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mock_airflow.errors import CaptureError, ScrubRuleError
from mock_airflow.world.capture.gathering import WantedRows

from .servers import ADMIN, ETL, EVERYTHING, Gate, captured, content_of, deployment_of, get

VIEWER = {"Authorization": "Basic dmlld2VyOnZpZXdlcg=="}
ACME = {
    "dags": [
        {
            "dag_id": "acme_orders",
            "owners": ["acme-team"],
            "tasks": ["load_acme"],
            "description": "For Acme",
            "doc_md": "Ask vera@acme.example",
        },
        {"dag_id": "other", "tasks": ["load"]},
    ],
    "dag_sources": {"/opt/airflow/dags/acme_orders.py": "# of acme_orders, by vera@acme.example\n"},
    "dag_runs": [{"dag_id": "acme_orders", "dag_run_id": "first", "state": "success", "conf": {"acme": "globex 12"}}],
    "connections": [
        {
            "connection_id": "a",
            "conn_type": "http",
            "host": "https://me:hunter2@acme.example",
            "extra": "token=hunter2",
        },
        {"connection_id": "b", "conn_type": "http", "extra": {"api_token": "hunter2", "nested": {"secret": "hunter2"}}},
    ],
}


def test_what_may_not_be_read_is_told_and_the_rest_loads(tmp_path: Path) -> None:
    file = tmp_path / "world.json"

    found = captured(deployment_of(ETL).wsgi, file, headers=VIEWER)

    unread = {line.split(":")[0] for line in found.unread}
    assert (
        unread
        == {"roles", "permissions", "users", "variables", "connections", "event_logs"}
        - {"roles", "permissions", "users"}
        | unread
    )
    assert {"variables", "connections"} <= unread
    assert any(line == "variables: 403 Forbidden (GET /variables)" for line in found.unread)
    assert content_of(file)["about"]["not_read"] == found.unread
    assert len(deployment_of(file).airflow.task_instances) == 10


def test_what_fails_for_some_is_told_once_with_its_count(tmp_path: Path) -> None:
    gate = Gate(deployment_of(ETL).wsgi, logs=("500 Internal Server Error", "no JSON"))

    found = captured(gate, tmp_path / "world.json")

    path = "/dags/etl/dagRuns/run_1/taskInstances/extract/logs/1"
    assert found.unread == [f"logs: 500 Internal Server Error (GET {path} and 9 more)"]


def test_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    gate = Gate(deployment_of(ETL).wsgi)

    captured(gate, tmp_path / "world.json", WantedRows(skip=frozenset({"dag_sources", "pools", "task_instances"})))

    world = content_of(tmp_path / "world.json")
    assert not {"users", "xcoms", "logs", "event_logs", "dag_sources", "pools", "task_instances"} & set(world)
    left_alone = ("users", "xcom", "logs", "eventLogs", "dagSources", "pools", "taskInstances")
    assert [asked for asked in gate.asked if any(part in asked for part in left_alone)] == []


def test_fields_that_a_world_file_does_not_know_are_left_out_and_told(tmp_path: Path) -> None:
    deployment = deployment_of(ETL)
    dags = json.loads(get(deployment, "/api/v1/dags").data)
    dags["dags"][0]["dag_idd"] = "main"
    gate = Gate(deployment.wsgi)
    gate.answers = {"/dags/": ("404 Not Found", "{}")} | {"/api/v1/dags": ("200 OK", json.dumps(dags))}

    found = captured(gate, tmp_path / "world.json", WantedRows())

    assert found.left_out == ["dags[0]: there is no key 'dag_idd' here. Did you mean 'dag_id'?"]
    assert content_of(tmp_path / "world.json")["about"]["left_out"] == found.left_out
    assert "etl" in deployment_of(tmp_path / "world.json").airflow.dags


def test_secrets_of_connections_do_not_get_into_the_world(tmp_path: Path) -> None:
    file = tmp_path / "world.json"

    captured(deployment_of(ACME).wsgi, file)

    first, second = content_of(file)["connections"]
    assert "hunter2" not in file.read_text("utf-8")
    assert (first["host"], first["extra"]) == ("https://me:***@acme.example", None)
    assert json.loads(second["extra"]) == {"api_token": "***", "nested": {"secret": "***"}}


def test_scrubbing_gives_names_pseudonyms_and_blackens_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "world.json"

    captured(deployment_of(ACME).wsgi, file, scrub=[r"(?i)acme", r"\w+@\S+", r"globex \d+"])

    world, text = content_of(file), file.read_text("utf-8")
    assert "acme" not in text.lower().replace("scrubbed_", "")
    assert [dag["dag_id"] for dag in world["dags"]] == ["scrubbed_1_orders", "other"]
    assert world["dag_runs"][0]["dag_id"] == "scrubbed_1_orders"
    assert world["dag_runs"][0]["conf"] == {"scrubbed_1": "***"}
    assert world["dags"][0]["owners"] == ["scrubbed_1-team"]
    assert world["dags"][0]["description"] == "For ***"
    assert set(world["dag_sources"]) == {dag["fileloc"] for dag in world["dags"]}
    assert "file_token" not in world["dags"][0]
    assert get(deployment_of(file), "/api/v1/dags/scrubbed_1_orders/dagRuns/first").status_code == 200


@pytest.mark.parametrize(("pattern", "sentence"), [("(", "in the pattern"), ("x*", "matches the empty text")])
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(ScrubRuleError, match=sentence):
        captured(deployment_of(ETL).wsgi, tmp_path / "world.json", scrub=[pattern])


def test_the_world_says_what_it_is(tmp_path: Path) -> None:
    captured(deployment_of(ETL).wsgi, tmp_path / "world.json", EVERYTHING, headers=ADMIN)

    about = content_of(tmp_path / "world.json")["about"]
    assert about["from"] == "https://airflow.example.com/api/v1"
    assert (about["runs_per_dag"], about["not_read"], about["left_out"]) == (10, [], [])


def test_answers_of_another_shape_are_told_in_a_sentence(tmp_path: Path) -> None:
    gate = Gate(deployment_of(ETL).wsgi)
    gate.answers = {"/taskInstances": ("200 OK", '{"task_instances": [{"task_id": "extract"}], "total_entries": 1}')}

    with pytest.raises(CaptureError, match="is not what an Airflow 2 answers: 'map_index' is missing"):
        captured(gate, tmp_path / "world.json", WantedRows())
