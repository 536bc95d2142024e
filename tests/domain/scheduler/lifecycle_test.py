"""How runs live under a scheduler: what they do by their DAG's history, and everything they leave behind."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from tests.support import Caller, Deploy

OLD = "scheduled__2025-05-01T00:00:00+00:00"
BASE = {"dag_run_id": OLD, "hostname": "worker", "pid": 7, "try_number": 1, "max_tries": 0}
LOG = (
    "[2025-05-10T00:00:10.100+0000] {taskinstance.py:740} INFO - ::endgroup::\n"
    "[2025-05-10T00:00:11.500+0000] {python.py:240} INFO - rows of 2025-05-01 for north: ['north', 5]\n"
    "[2025-05-10T00:00:12.000+0000] {taskinstance.py:349} INFO - ::group::Post task execution logs\n"
)


def past(dag: str, task: str, state: str = "success", duration: float = 2.0, **more: Any) -> dict[str, Any]:
    dates = {"start_date": "2025-05-10T00:00:10Z", "end_date": "2025-05-10T00:00:12Z"}
    return {**BASE, **dates, "dag_id": dag, "task_id": task, "state": state, "duration": duration, **more}


def run(dag: str, state: str = "success", **more: Any) -> dict[str, Any]:
    dates = {"start_date": "2025-05-10T00:00:00Z", "end_date": "2025-05-10T00:00:20Z"}
    named = {"dag_id": dag, "dag_run_id": OLD, "run_type": "scheduled", "logical_date": "2025-05-01T00:00:00Z"}
    return {**named, **dates, "state": state, **more}


def left(dag: str, task: str, key: str, value: Any, map_index: int = -1) -> dict[str, Any]:
    named = {"dag_id": dag, "dag_run_id": OLD, "task_id": task, "map_index": map_index}
    return {**named, "key": key, "value": value, "timestamp": "2025-05-10T00:00:12Z"}


def param(value: Any) -> dict[str, Any]:
    return {"__class": "airflow.models.param.Param", "description": None, "schema": {}, "value": value}


WORLD: dict[str, Any] = {
    "pools": [{"name": "narrow", "slots": 1}],
    "dags": [
        {
            "dag_id": "report",
            "params": {"region": param("north"), "rows": param(10), "memo": param(None)},
            "tasks": [
                {
                    "task_id": "collect",
                    "operator_name": "PythonOperator",
                    "owner": "ana",
                    "downstream_task_ids": ["kick"],
                },
                {
                    "task_id": "kick",
                    "operator_name": "TriggerDagRunOperator",
                    "extra_links": [{"class_name": "TriggerDagRunLink"}],
                },
            ],
        },
        {
            "dag_id": "flaky",
            "tasks": [
                {
                    "task_id": "boom",
                    "operator_name": "BashOperator",
                    "retries": 1,
                    "retry_delay": 30,
                    "downstream_task_ids": ["after"],
                },
                {"task_id": "after", "operator_name": "PythonOperator"},
            ],
        },
        {
            "dag_id": "branchy",
            "tasks": [
                {
                    "task_id": "choose",
                    "operator_name": "BranchPythonOperator",
                    "downstream_task_ids": ["left", "right"],
                },
                {"task_id": "left", "downstream_task_ids": ["spread"]},
                {"task_id": "right", "downstream_task_ids": ["done"]},
                {
                    "task_id": "spread",
                    "operator_name": "PythonOperator",
                    "is_mapped": True,
                    "downstream_task_ids": ["done"],
                    "pool": "narrow",
                },
                {"task_id": "done", "trigger_rule": "none_failed_min_one_success"},
            ],
        },
        {"dag_id": "producer", "tasks": [{"task_id": "write", "operator_name": "BashOperator"}]},
        {"dag_id": "consumer", "schedule": ["s3://lake/a"], "tasks": ["read"]},
        {"dag_id": "plain", "tasks": [{"task_id": "work", "operator_name": "PythonOperator"}]},
        {"dag_id": "ended", "end_date": "2025-01-01T00:00:00Z", "tasks": ["x"]},
    ],
    "datasets": [
        {
            "uri": "s3://lake/a",
            "consuming_dags": [{"dag_id": "consumer"}],
            "producing_tasks": [{"dag_id": "producer", "task_id": "write"}],
        }
    ],
    "dag_runs": [
        run("report", conf={"rows": 5}),
        run("flaky", "failed"),
        run("branchy"),
        run("producer"),
    ],
    "task_instances": [
        past("report", "collect", rendered_fields={"op_args": ["north", 5], "day": "2025-05-01"}),
        past(
            "report",
            "kick",
            rendered_fields={"trigger_dag_id": "plain", "trigger_run_id": f"relay__{OLD}", "conf": None},
        ),
        past("flaky", "boom", "failed", 4.0, try_number=2, max_tries=1),
        past("flaky", "after", "upstream_failed", 0.0, try_number=0),
        past("branchy", "choose"),
        past("branchy", "left", duration=0.0),
        past("branchy", "right", "skipped", try_number=0),
        past("branchy", "spread", map_index=0, rendered_map_index="one"),
        past("branchy", "spread", map_index=1, rendered_map_index="two"),
        past("branchy", "done", duration=0.0),
        past("producer", "write"),
    ],
    "task_instance_tries": [past("flaky", "boom", "failed", 3.0, try_number=1, max_tries=1)],
    "xcoms": [
        left("report", "collect", "return_value", ["north", 5]),
        left("report", "kick", "trigger_run_id", f"relay__{OLD}"),
        left("branchy", "choose", "skipmixin_key", {"followed": ["left"]}),
        left("branchy", "spread", "return_value", 1, 0),
        left("branchy", "spread", "return_value", 4, 1),
    ],
    "logs": [
        {
            "dag_id": "report",
            "dag_run_id": OLD,
            "task_id": "collect",
            "try_number": 1,
            "content": str([("worker", LOG)]),
        }
    ],
}


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD)


def trigger(call: Caller, dag: str, run_id: str = "new", **body: Any) -> None:
    body = {"dag_run_id": run_id, "logical_date": "2025-05-20T00:00:00Z", **body}
    assert call.post(f"/api/v1/dags/{dag}/dagRuns", json=body).status_code == 200


def wait(call: Caller, seconds: float) -> None:
    call.deployment.clock.advance(seconds)


def one(call: Caller, dag: str, task: str, run_id: str = "new") -> Any:
    return call.get(f"/api/v1/dags/{dag}/dagRuns/{run_id}/taskInstances/{task}").get_json()


def state_of(call: Caller, dag: str, run_id: str = "new") -> str | None:
    return call.get(f"/api/v1/dags/{dag}/dagRuns/{run_id}").get_json().get("state")  # type: ignore[no-any-return]


def states(call: Caller, dag: str, run_id: str = "new") -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = {}
    for ti in call.get(f"/api/v1/dags/{dag}/dagRuns/{run_id}/taskInstances").get_json()["task_instances"]:
        told.setdefault(ti["task_id"], []).append(ti["state"])
    return told


def events(call: Caller, dag: str, **query: Any) -> list[tuple[str, str]]:
    rows = call.get("/api/v1/eventLogs", query_string={"dag_id": dag, "limit": 100, **query}).get_json()["event_logs"]
    return [(row["event"], row["owner"]) for row in rows]


# the steps of a run


def test_run_goes_through_its_states_by_the_clock(call: Caller) -> None:
    trigger(call, "producer")
    seen = []
    for _ in range(6):
        seen.append((state_of(call, "producer"), one(call, "producer", "write")["state"]))
        wait(call, 1)

    assert seen == [
        ("queued", None),
        ("running", "queued"),
        ("running", "running"),
        ("running", "running"),
        ("running", "success"),
        ("success", "success"),
    ]


@pytest.mark.parametrize("step", [0.1, 0.7, 1000.0])
def test_history_is_the_same_however_often_somebody_looks(deploy: Deploy, step: float) -> None:
    call = deploy(WORLD)
    trigger(call, "flaky")
    for _ in range(int(100 / step) + 1):
        state_of(call, "flaky")
        wait(call, step)

    told = one(call, "flaky", "boom")
    assert (told["start_date"], told["end_date"]) == ("2025-06-01T12:00:36+00:00", "2025-06-01T12:00:40+00:00")
    assert call.get("/api/v1/dags/flaky/dagRuns/new").get_json()["end_date"] == "2025-06-01T12:00:41+00:00"


def test_instant_run_is_over_at_once(deploy: Deploy) -> None:
    call = deploy(WORLD, runs="instant")
    trigger(call, "branchy")
    assert state_of(call, "branchy") == "success"
    assert one(call, "branchy", "spread/1")["end_date"] == "2025-06-01T12:00:00+00:00"


def test_run_without_task_instances_is_a_success(call: Caller) -> None:
    trigger(call, "ended")
    wait(call, 1)
    assert states(call, "ended") == {}
    assert state_of(call, "ended") == "success"


def test_run_of_the_future_stays_queued_until_then(call: Caller) -> None:
    trigger(call, "plain", logical_date="2025-06-02T00:00:00Z")
    wait(call, 3600)
    assert state_of(call, "plain") == "queued"
    wait(call, 24 * 3600)
    assert state_of(call, "plain") == "success"


def test_paused_dag_starts_nothing_new(call: Caller) -> None:
    trigger(call, "report")
    wait(call, 2.5)
    call.patch("/api/v1/dags/report", json={"is_paused": True})
    wait(call, 100)
    assert states(call, "report") == {"collect": ["success"], "kick": [None]}
    call.patch("/api/v1/dags/report", json={"is_paused": False})
    wait(call, 100)
    assert state_of(call, "report") == "success"


def test_tasks_share_the_slots_of_their_pool(call: Caller) -> None:
    trigger(call, "branchy")
    wait(call, 7.5)
    assert sorted(states(call, "branchy")["spread"]) == ["running", "scheduled"]
    wait(call, 20)
    assert state_of(call, "branchy") == "success"


def test_task_of_a_missing_pool_waits_until_there_is_one(call: Caller) -> None:
    assert call.delete("/api/v1/pools/narrow").status_code == 204
    trigger(call, "branchy")
    wait(call, 1000)
    assert states(call, "branchy")["spread"] == ["scheduled", "scheduled"]
    call.post("/api/v1/pools", json={"name": "narrow", "slots": 2})
    wait(call, 20)
    assert state_of(call, "branchy") == "success"


# by history


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


def test_changing_or_deleting_history_by_hand_does_not_change_the_dag(call: Caller) -> None:
    call.patch(f"/api/v1/dags/flaky/dagRuns/{OLD.replace('+', '%2B')}", json={"state": "success"})
    trigger(call, "flaky")
    call.delete(f"/api/v1/dags/producer/dagRuns/{OLD.replace('+', '%2B')}")
    trigger(call, "producer")
    wait(call, 100)

    assert state_of(call, "flaky") == "failed"
    assert one(call, "producer", "write")["duration"] == 2.0


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
