"""Plans for runs, given over HTTP, and what the API tells of tasks that follow them."""

from __future__ import annotations

import ast

from tests.support import Deploy


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
