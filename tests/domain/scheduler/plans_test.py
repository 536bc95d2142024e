"""Plans: how runs unfold when a test, the control API or a world file says it."""

from __future__ import annotations

import ast
from datetime import datetime, timezone
from itertools import pairwise
from typing import Any

import pytest

from mock_airflow import MockAirflow
from mock_airflow.errors import PlanError
from tests.support import Deploy

TASKS = [
    {"task_id": "extract", "downstream_task_ids": ["transform"]},
    {"task_id": "transform", "retries": 2, "retry_delay": 60, "downstream_task_ids": ["load"]},
    {"task_id": "load"},
]


@pytest.fixture
def airflow() -> MockAirflow:
    mock = MockAirflow(clock="2025-06-01T12:00:00Z", frozen=True)
    mock.add_dag("etl", TASKS)
    return mock


def states(airflow: MockAirflow, run_id: str = "r", dag_id: str = "etl") -> dict[str, Any]:
    airflow.deployment.settle()
    rows = airflow.deployment.airflow.task_instances.group("run", (dag_id, run_id)).values()
    return {f"{row.task_id}[{row.map_index}]" if row.map_index >= 0 else row.task_id: row.state for row in rows}


def seen(airflow: MockAirflow, task_id: str, seconds: int, step: float = 1, dag_id: str = "etl") -> list[Any]:
    """The states that a poller meets, each once in a row."""
    met: list[Any] = []
    for _ in range(int(seconds / step)):
        state = states(airflow, dag_id=dag_id)[task_id]
        if not met or met[-1] != state:
            met.append(state)
        airflow.clock.advance(step)
    return met


def test_task_takes_its_seconds_and_ends_as_told(airflow: MockAirflow) -> None:
    airflow.plan("etl", {"extract": 30, "transform": "skipped"})
    airflow.trigger("etl", run_id="r")
    airflow.clock.advance(31)
    assert states(airflow)["extract"] == "running"
    airflow.clock.advance(60)
    assert states(airflow) == {"extract": "success", "transform": "skipped", "load": "skipped"}
    row = airflow.deployment.airflow.task_instances.get(("etl", "r", "extract", -1))
    assert row is not None
    assert row.duration == 30


def test_fails_twice_then_succeeds(airflow: MockAirflow) -> None:
    airflow.plan("etl", {"extract": 1, "transform": {"fails": 2, "seconds": [5, 6, 7], "error": "ValueError: no"}})
    airflow.trigger("etl", run_id="r")

    once = ["queued", "running", "up_for_retry"]
    assert seen(airflow, "transform", 200) == [None, *once, *once, "queued", "running", "success"]
    tries = airflow.deployment.airflow.tries.group("run", ("etl", "r")).values()
    assert [(one.try_number, one.state, one.duration) for one in tries] == [(1, "failed", 5), (2, "failed", 6)]
    assert airflow.dag_run("etl", "r").state == "success"


def test_backing_off_waits_longer_each_time_and_no_longer_than_allowed(airflow: MockAirflow) -> None:
    task = {"task_id": "t", "retries": 3, "retry_delay": 10, "retry_exponential_backoff": True, "max_retry_delay": 35}
    airflow.add_dag("slow", [task])
    airflow.trigger("slow", run_id="r", plan={"t": {"outcome": "failed", "seconds": 1}})
    airflow.clock.advance(1000)
    airflow.deployment.settle()
    rows = [*airflow.deployment.airflow.tries.group("run", ("slow", "r")).values()]
    rows.append(airflow.deployment.airflow.task_instances.get(("slow", "r", "t", -1)))  # type: ignore[arg-type]
    gaps = [(b.queued_when - a.end_date).total_seconds() for a, b in pairwise(rows)]  # type: ignore[operator]
    assert 10 <= gaps[0] < 20 <= gaps[1] <= 35 == gaps[2]


def test_execution_timeout_fails_the_attempt(airflow: MockAirflow) -> None:
    airflow.add_dag("long", [{"task_id": "t", "execution_timeout": 20}])
    airflow.trigger("long", run_id="r", plan={"t": 300})
    airflow.clock.advance(60)
    assert states(airflow, dag_id="long") == {"t": "failed"}
    row = airflow.deployment.airflow.task_instances.get(("long", "r", "t", -1))
    assert row is not None
    assert row.duration == 20


def test_sensor_pokes_and_lets_go_in_between(airflow: MockAirflow) -> None:
    airflow.plan("etl", {"extract": {"pokes": 2, "interval": 30, "seconds": 3}})
    airflow.trigger("etl", run_id="r")
    once = ["queued", "running", "up_for_reschedule"]
    assert seen(airflow, "extract", 90) == [None, *once, *once, "queued", "running", "success"]
    row = airflow.deployment.airflow.task_instances.get(("etl", "r", "extract", -1))
    assert row is not None
    assert row.try_number == 1
    assert row.duration is not None
    assert row.duration > 60


def test_deferred_task_tells_its_trigger(deploy: Deploy) -> None:
    task = {"task_id": "wait", "operator_name": "PythonOperator"}
    call = deploy({"dags": [{"dag_id": "d", "tasks": [task]}], "plans": {"d": {"wait": {"deferred": 60}}}})
    assert call.post("/api/v1/dags/d/dagRuns", json={"dag_run_id": "r"}).status_code == 200
    call.deployment.clock.advance(10)
    told = call.get("/api/v1/dags/d/dagRuns/r/taskInstances/wait").get_json()
    assert told["state"] == "deferred"
    assert told["trigger"]["classpath"].startswith("airflow.triggers.")
    assert told["triggerer_job"]["job_type"] == "TriggererJob"
    call.deployment.clock.advance(100)
    told = call.get("/api/v1/dags/d/dagRuns/r/taskInstances/wait").get_json()
    assert (told["state"], told["trigger"], told["try_number"]) == ("success", None, 1)


def test_held_task_runs_until_it_is_released(airflow: MockAirflow) -> None:
    airflow.trigger("etl", run_id="r", plan={"extract": {"hold": True}})
    airflow.clock.advance(days=3)
    assert states(airflow)["extract"] == "running"
    airflow.release("etl", "r", "extract")
    assert states(airflow)["extract"] == "success"
    with pytest.raises(PlanError, match="Nothing is held"):
        airflow.release("etl", "r")


def test_branch_goes_where_it_is_told(airflow: MockAirflow) -> None:
    choose = {
        "task_id": "choose",
        "operator_name": "BranchPythonOperator",
        "downstream_task_ids": ["left", "right"],
    }
    airflow.add_dag("fork", [choose, {"task_id": "left"}, {"task_id": "right"}])
    airflow.trigger("fork", run_id="r", plan={"choose": {"follow": "right"}})
    airflow.clock.advance(30)
    assert states(airflow, dag_id="fork") == {"choose": "success", "left": "skipped", "right": "success"}


def test_mapped_task_has_as_many_instances_as_told_and_each_its_own_fate(airflow: MockAirflow) -> None:
    tasks = [{"task_id": "spread", "is_mapped": True, "downstream_task_ids": ["join"]}, {"task_id": "join"}]
    airflow.add_dag("fan", tasks)
    airflow.trigger("fan", run_id="r", plan={"spread": {"length": 3, "items": {1: "failed"}}})
    other = datetime(2025, 1, 1, tzinfo=timezone.utc)
    airflow.trigger("fan", run_id="none", logical_date=other, plan={"spread": {"length": 0}})
    airflow.clock.advance(30)
    assert states(airflow, dag_id="fan") == {
        "spread[0]": "success",
        "spread[1]": "failed",
        "spread[2]": "success",
        "join": "upstream_failed",
    }
    assert states(airflow, "none", "fan") == {"spread": "skipped", "join": "skipped"}


def test_mapped_task_follows_the_list_before_it(airflow: MockAirflow) -> None:
    tasks = [{"task_id": "names", "downstream_task_ids": ["each"]}, {"task_id": "each", "is_mapped": True}]
    airflow.add_dag("fan", tasks)
    airflow.trigger("fan", run_id="r", plan={"names": {"returns": ["a", "b", "c", "d"]}})
    airflow.clock.advance(30)
    assert len(states(airflow, dag_id="fan")) == 5


def test_values_and_log_lines_are_told(deploy: Deploy) -> None:
    task = {"task_id": "t", "operator_name": "PythonOperator"}
    call = deploy({"dags": [{"dag_id": "d", "tasks": [task]}]})
    plan = {"t": {"returns": {"rows": 7}, "xcoms": {"more": [1]}, "log": ["one row", "two rows"]}}
    assert call.post("/__mock__/dags/d/plan", json=plan).status_code == 204
    call.post("/api/v1/dags/d/dagRuns", json={"dag_run_id": "r"})
    call.deployment.clock.advance(30)
    base = "/api/v1/dags/d/dagRuns/r/taskInstances/t"
    value = call.get(f"{base}/xcomEntries/return_value", query_string={"stringify": "false"}).get_json()["value"]
    assert value == {"rows": 7}
    assert call.get(f"{base}/xcomEntries/more").get_json()["value"] == "[1]"
    ((_, text),) = ast.literal_eval(call.get(f"{base}/logs/1").get_json()["content"])
    assert "INFO - one row\n" in text
    assert "INFO - two rows\n" in text


def test_trigger_starts_the_run_that_the_plan_names(airflow: MockAirflow) -> None:
    airflow.add_dag("child", ("work",))
    airflow.add_dag("parent", [{"task_id": "kick", "operator_name": "TriggerDagRunOperator"}])
    starts = {"dag_id": "child", "run_id": "from_parent", "conf": {"a": 1}}
    airflow.trigger("parent", run_id="r", plan={"kick": {"triggers": starts}})
    airflow.clock.advance(30)
    run = airflow.dag_run("child", "from_parent")
    assert (run.state, run.conf) == ("success", {"a": 1})


def test_plan_of_one_run_leaves_the_others(deploy: Deploy) -> None:
    task = {"task_id": "t", "operator_name": "PythonOperator"}
    call = deploy({"dags": [{"dag_id": "d", "tasks": [task]}]})
    for run_id, day in (("a", 1), ("b", 2)):
        body = {"dag_run_id": run_id, "logical_date": f"2025-05-0{day}T00:00:00Z"}
        assert call.post("/api/v1/dags/d/dagRuns", json=body).status_code == 200
    assert call.post("/__mock__/runs/d/a/plan", json={"t": {"outcome": "failed", "hold": True}}).status_code == 204
    call.deployment.clock.advance(60)
    assert call.get("/api/v1/dags/d/dagRuns/b").get_json()["state"] == "success"
    assert call.get("/api/v1/dags/d/dagRuns/a").get_json()["state"] == "running"
    assert call.post("/__mock__/runs/d/a/release", json={}).get_json()["released"] == [
        {"task_id": "t", "map_index": -1}
    ]
    call.deployment.clock.advance(2)
    assert call.get("/api/v1/dags/d/dagRuns/a").get_json()["state"] == "failed"


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        ({"extrakt": 3}, "does not have; did you mean 'extract'"),
        ({"extract": -1}, "'seconds' is a number of seconds from 0 on, not -1"),
        ({"extract": "sucess"}, "cannot end as 'sucess'; did you mean 'success'"),
        ({"extract": {"second": 1}}, "no key 'second'; did you mean 'seconds'"),
        ({"extract": {"fails": 1}}, "cannot fail 1 times and then succeed, as it has 0 retries"),
        ({"extract": {"length": 2}}, "this one is not mapped"),
        ({"extract": {"follow": "load"}}, "tasks directly after it, and 'load' is none; did you mean"),
        ({"extract": {"attempts": []}}, "a list of at least one"),
        ({"extract": {"hold": "yes"}}, "'hold' is true or false"),
        ({"extract": None}, "seconds, an outcome or an object"),
        ([], "an object by task id"),
    ],
)
def test_plan_that_cannot_be_is_refused_and_changes_nothing(airflow: MockAirflow, plan: Any, sentence: str) -> None:
    with pytest.raises(PlanError) as refused:
        airflow.plan("etl", plan)
    assert sentence.split("; did")[0] in str(refused.value)
    with pytest.raises(PlanError):
        airflow.trigger("etl", run_id="r", plan=plan)
    assert len(airflow.deployment.airflow.plans) == 0
    assert len(airflow.deployment.airflow.dag_runs) == 0
