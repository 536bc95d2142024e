"""What a run leaves that follows its DAG's history, as the API tells it: xcoms, logs, links, events."""

from __future__ import annotations

import ast

import pytest

from tests.api.v1.past_world import WORLD, events, one, state_of, states, trigger, wait
from tests.support import Caller, Deploy


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD)


def test_failure_follows_the_history_with_its_retry(call: Caller) -> None:
    trigger(call, "flaky")
    wait(call, 10)
    assert one(call, "flaky", "boom")["state"] == "up_for_retry"
    wait(call, 60)

    tries = call.get("/api/v1/dags/flaky/dagRuns/new/taskInstances/boom/tries").get_json()["task_instances"]
    assert [(t["try_number"], t["state"], t["duration"], t["max_tries"]) for t in tries] == [
        (1, "failed", 3.0, 1),
        (2, "failed", 4.0, 1),
    ]
    assert states(call, "flaky") == {"boom": ["failed"], "after": ["upstream_failed"]}
    assert state_of(call, "flaky") == "failed"
    assert one(call, "flaky", "after")["duration"] == 0.0


def test_branch_skips_what_it_does_not_follow_and_the_rest_expands(call: Caller) -> None:
    trigger(call, "branchy")
    wait(call, 60)

    skipped = one(call, "branchy", "right")
    assert (skipped["state"], skipped["duration"], skipped["try_number"]) == ("skipped", None, 0)
    assert one(call, "branchy", "spread/1")["rendered_map_index"] == "two"
    assert one(call, "branchy", "done")["try_number"] == 1
    assert states(call, "branchy")["spread"] == ["success", "success"]


def test_what_a_run_leaves_is_in_its_own_words(call: Caller) -> None:
    trigger(call, "report", conf={"rows": 7, "region": "south"})
    wait(call, 60)

    base = "/api/v1/dags/report/dagRuns/new/taskInstances"
    value = call.get(f"{base}/collect/xcomEntries/return_value", query_string={"stringify": "false"}).get_json()[
        "value"
    ]
    assert value == ["south", 7]
    assert one(call, "report", "collect")["rendered_fields"] == {"op_args": ["south", 7], "day": "2025-05-20"}
    ((host, text),) = ast.literal_eval(call.get(f"{base}/collect/logs/1").get_json()["content"])
    assert host == "mock-airflow"
    assert "] {python.py:240} INFO - rows of 2025-05-20 for north: ['south', 7]\n" in text
    assert "[2025-06-01T12:00:03.500+0000] {python.py:240}" in text
    assert "Marking task as SUCCESS. dag_id=report, task_id=collect, run_id=new, execution_date=20250520T000000" in text
    assert "attempt=1.log" in text


def test_trigger_starts_a_run_and_leaves_its_name(call: Caller) -> None:
    trigger(call, "report")
    wait(call, 60)

    assert state_of(call, "plain", "relay__new") == "success"
    base = "/api/v1/dags/report/dagRuns/new/taskInstances/kick"
    assert call.get(f"{base}/xcomEntries/trigger_run_id").get_json()["value"] == "relay__new"
    assert call.get(f"{base}/links").get_json() == {"Triggered DAG": "/dags/plain/grid?dag_run_id=relay__new"}


def test_trigger_of_a_run_that_exists_fails(call: Caller) -> None:
    trigger(call, "plain", "relay__new")
    trigger(call, "report")
    wait(call, 60)

    assert states(call, "report") == {"collect": ["success"], "kick": ["failed"]}
    log = call.get("/api/v1/dags/report/dagRuns/new/taskInstances/kick/logs/1").get_json()["content"]
    assert "DagRunAlreadyExists: A Dag Run already exists for dag id plain" in log


def test_success_of_a_producer_starts_the_consumer(call: Caller) -> None:
    trigger(call, "producer")
    wait(call, 60)

    told = call.get("/api/v1/datasets/events", query_string={"source_run_id": "new"}).get_json()["dataset_events"]
    started = told[0]["created_dagruns"][0]
    assert (started["dag_id"], started["state"]) == ("consumer", "success")
    assert started["data_interval_start"] == "2025-05-20T00:00:00+00:00"


def test_tasks_report_to_the_event_log(call: Caller) -> None:
    trigger(call, "report")
    wait(call, 3.5)
    assert events(call, "report", task_id="collect") == [
        ("cli_task_run", "root"),
        ("running", "ana"),
        ("cli_task_run", "root"),
    ]
    wait(call, 60)
    assert events(call, "report", run_id="new", task_id="collect") == [("running", "ana"), ("success", "ana")]


def test_dag_without_history_succeeds_with_something_to_show(call: Caller) -> None:
    trigger(call, "plain")
    wait(call, 60)

    base = "/api/v1/dags/plain/dagRuns/new/taskInstances/work"
    assert state_of(call, "plain") == "success"
    assert 1.0 <= one(call, "plain", "work")["duration"] <= 3.0
    value = call.get(f"{base}/xcomEntries/return_value").get_json()["value"]
    assert (
        f"Done. Returned value was: {value}" in ast.literal_eval(call.get(f"{base}/logs/1").get_json()["content"])[0][1]
    )
