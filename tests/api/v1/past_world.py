"""DAGs with a past, and what a test asks of the runs that follow it."""

from __future__ import annotations

from typing import Any

from tests.support import Caller

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
