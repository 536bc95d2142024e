"""DAGs and tasks over the experimental API: pausing, deleting, attributes."""

from __future__ import annotations

import pytest

from tests.api.experimental.small_world import OPEN, RUNS, WORLD, X, error
from tests.support import Caller, Deploy


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, **OPEN)


# DAGs and tasks


def test_pausing_takes_only_true(call: Caller) -> None:
    paused = f"{X}/dags/etl/paused"

    assert call.get(f"{paused}/true").get_json() == {"response": "ok"}
    assert call.get(paused).get_json() == {"is_paused": True}
    assert call.get("/api/v1/dags/etl").get_json()["is_paused"] is True
    call.get(f"{paused}/True")
    assert call.get(paused).get_json() == {"is_paused": False}
    assert call.get(f"{X}/dags/none/paused").status_code == 500
    assert call.get(f"{X}/dags/none/paused/true").status_code == 500


def test_delete_counts_rows(call: Caller) -> None:
    answer = call.delete(f"{X}/dags/etl")

    assert answer.get_json() == {"count": 6, "message": "Removed 6 record(s)"}  # DAG, 2 tags, 2 runs, 1 job
    assert error(call.delete(f"{X}/dags/etl")) == (404, "Dag id etl not found")
    assert call.get("/api/v1/dags/etl").status_code == 404


def test_delete_waits_for_running_tasks(deploy: Deploy) -> None:
    running = {**WORLD["task_instances"][0], "state": "running", "end_date": None}
    for settings, status in (({}, 500), ({"airflow_bugs": False}, 400)):
        caller = deploy({**WORLD, "task_instances": [running]}, **OPEN, **settings)

        assert error(caller.delete(f"{X}/dags/etl")) == (status, "TaskInstances still running")


def test_instance_attributes_are_texts(call: Caller) -> None:
    told = call.get(f"{RUNS}/2025-05-01/tasks/extract").get_json()

    assert len(told) == 34
    assert {type(value) for value in told.values()} == {str}
    assert (told["duration"], told["pid"], told["map_index"], told["test_mode"]) == ("2.0", "77", "-1", "False")
    assert (told["start_date"], told["external_executor_id"]) == ("2025-05-01 00:00:05+00:00", "None")
    assert told["custom_operator_name"] == "@task"
    assert told["job_id"] == "2"  # the scheduler's own is the first
    assert told["dag_run"].startswith("<DagRun etl @ 2025-05-01 00:00:00+00:00: first, state:success, queued_at: 20")


def test_task_attributes_are_texts(call: Caller) -> None:
    told = call.get(f"{X}/dags/etl/tasks/load").get_json()

    assert len(told) == 57
    assert {type(value) for value in told.values()} == {str}
    assert (told["retries"], told["retry_delay"], told["email_on_failure"]) == ("2", "0:01:30", "True")
    assert (told["upstream_task_ids"], told["doc_md"], told["inlets"]) == ("set()", "None", "[]")
    assert told["weight_rule"].startswith(
        "<airflow.task.priority_strategy._DownstreamPriorityWeightStrategy object at 0x7f"
    )
