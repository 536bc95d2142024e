"""What becomes of runs whose tasks are cleared, marked or deleted by hand."""

from __future__ import annotations

import pytest

from tests.domain.scheduler.past_world import WORLD, events, one, state_of, states, trigger, wait
from tests.support import Caller, Deploy


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD)


# by hand


def test_cleared_attempts_count_on(call: Caller) -> None:
    trigger(call, "flaky")
    wait(call, 100)
    form = {"dag_run_id": "new", "dry_run": False, "reset_dag_runs": True}
    call.post("/api/v1/dags/flaky/clearTaskInstances", json=form)
    wait(call, 100)

    tries = call.get("/api/v1/dags/flaky/dagRuns/new/taskInstances/boom/tries").get_json()["task_instances"]
    assert [(t["try_number"], t["max_tries"]) for t in tries] == [(1, 1), (2, 1), (3, 3), (4, 3)]
    assert state_of(call, "flaky") == "failed"


def test_rerun_starts_without_its_old_xcoms(call: Caller) -> None:
    trigger(call, "report")
    wait(call, 60)
    call.post("/api/v1/dags/report/dagRuns/new/clear", json={"dry_run": False})
    entries = "/api/v1/dags/report/dagRuns/new/taskInstances/collect/xcomEntries"
    assert call.get(entries).get_json()["total_entries"] == 1
    wait(call, 2.5)
    assert one(call, "report", "collect")["state"] == "running"
    assert call.get(entries).get_json()["total_entries"] == 0


def test_running_task_that_is_cleared_goes_on_to_its_end(call: Caller) -> None:
    trigger(call, "producer")
    wait(call, 2.5)
    form = {"dag_run_id": "new", "dry_run": False, "only_failed": False, "only_running": True}
    assert len(call.post("/api/v1/dags/producer/clearTaskInstances", json=form).get_json()["task_instances"]) == 1
    assert one(call, "producer", "write")["state"] == "running"
    wait(call, 100)
    told = one(call, "producer", "write")
    assert (told["state"], told["try_number"], told["max_tries"]) == ("success", 1, 0)
    assert state_of(call, "producer") == "success"


@pytest.mark.parametrize(("state", "expected"), [("failed", "upstream_failed"), ("success", "success")])
def test_marking_a_running_task_ends_it_and_the_run_goes_on(call: Caller, state: str, expected: str) -> None:
    trigger(call, "flaky")
    wait(call, 2.5)
    call.patch("/api/v1/dags/flaky/dagRuns/new/taskInstances/boom", json={"dry_run": False, "new_state": state})
    wait(call, 100)

    assert states(call, "flaky") == {"boom": [state], "after": [expected]}
    assert one(call, "flaky", "boom")["end_date"] == "2025-06-01T12:00:02.500000+00:00"


def test_marking_a_run_stops_it(call: Caller) -> None:
    trigger(call, "report")
    wait(call, 2.5)
    call.patch("/api/v1/dags/report/dagRuns/new", json={"state": "failed"})
    wait(call, 100)

    assert states(call, "report") == {"collect": ["failed"], "kick": ["skipped"]}
    assert call.get("/api/v1/dags/report/dagRuns/new").get_json()["end_date"] == "2025-06-01T12:00:02.500000+00:00"


def test_run_that_is_queued_again_ends_by_its_tasks_as_they_are(call: Caller) -> None:
    trigger(call, "flaky")
    wait(call, 100)
    call.patch("/api/v1/dags/flaky/dagRuns/new", json={"state": "queued"})
    wait(call, 5)

    told = call.get("/api/v1/dags/flaky/dagRuns/new").get_json()
    assert told["state"] == "failed"
    assert told["start_date"] == told["end_date"] == "2025-06-01T12:01:41+00:00"


def test_runs_beyond_the_most_active_ones_wait_for_room(deploy: Deploy) -> None:
    task = {"task_id": "work", "operator_name": "PythonOperator"}
    call = deploy({"dags": [{"dag_id": "plain", "max_active_runs": 2, "tasks": [task]}]})
    for number in range(3):
        trigger(call, "plain", f"r{number}", logical_date=f"2025-05-2{number}T00:00:00Z")
    wait(call, 2)
    assert [state_of(call, "plain", f"r{number}") for number in range(3)] == ["running", "running", "queued"]
    wait(call, 100)
    assert [state_of(call, "plain", f"r{number}") for number in range(3)] == ["success"] * 3


def test_deleted_run_takes_everything_along_and_can_be_made_again(call: Caller) -> None:
    trigger(call, "report")
    wait(call, 60)
    logged = len(events(call, "report"))
    assert call.delete("/api/v1/dags/report/dagRuns/new").status_code == 204

    airflow = call.deployment.airflow
    tables = (airflow.task_instances, airflow.tries, airflow.xcoms, airflow.task_logs, airflow.extra_links)
    assert not any(row.run_id == "new" and row.dag_id == "report" for table in tables for row in table)
    assert len(events(call, "report")) == logged + 1
    trigger(call, "report")
    assert states(call, "report") == {"collect": [None], "kick": [None]}


def test_deleted_dag_takes_everything_along_but_the_event_log(call: Caller) -> None:
    trigger(call, "report")
    wait(call, 60)
    assert call.delete("/api/v1/dags/report").status_code == 204

    airflow = call.deployment.airflow
    tables = (airflow.dag_runs, airflow.task_instances, airflow.xcoms, airflow.task_logs, airflow.models)
    assert not any(row.dag_id == "report" for table in tables for row in table)
    assert events(call, "report", event="success")


def test_snapshot_holds_what_is_still_to_happen(call: Caller) -> None:
    trigger(call, "producer")
    wait(call, 2.5)
    snapshot = call.deployment.snapshot()
    wait(call, 100)
    assert state_of(call, "producer") == "success"
    for _ in range(2):
        call.deployment.restore(snapshot)
        assert state_of(call, "producer") == "running"
        wait(call, 100)
        assert state_of(call, "producer") == "success"
