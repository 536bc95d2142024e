"""A DAG whose task instances ran on three days, for tests that change them."""

from __future__ import annotations

from typing import Any

from tests.support import Caller

DAYS = ("2025-05-01", "2025-05-02", "2025-05-03")
RAN = {"try_number": 1, "hostname": "worker", "pid": 9}
TIMES = {"start_date": "2025-05-10T00:00:10Z", "end_date": "2025-05-10T00:00:12Z"}
TASKS = [
    {"task_id": "b", "downstream_task_ids": ["c"], "retries": 2, "priority_weight": 5, "pool": "own"},
    {"task_id": "a", "downstream_task_ids": ["b"]},
    {"task_id": "c"},
    {"task_id": "m", "is_mapped": True},
]


def run_of(day: str) -> str:
    return f"scheduled__{day}T06:00:00+00:00"


def rows(day: str, state: str) -> list[dict[str, Any]]:
    base = {"dag_id": "etl", "dag_run_id": run_of(day), **RAN, **TIMES, "duration": 2.0}
    plain = [{**base, "task_id": task, "state": state, "max_tries": 0, "pool": "old"} for task in ("b", "a", "c")]
    return [*plain, *({**base, "task_id": "m", "map_index": index, "state": "success"} for index in (0, 1))]


WORLD = {
    "pools": [{"name": "own", "slots": 3}],
    "dags": [{"dag_id": "etl", "schedule": "0 6 * * *", "tasks": TASKS}],
    "dag_runs": [
        {
            "dag_id": "etl",
            "dag_run_id": run_of(day),
            "run_type": "scheduled",
            "state": "success",
            "logical_date": f"{day}T06:00:00Z",
            "last_scheduling_decision": "2025-05-10T00:00:12Z",
            **TIMES,
        }
        for day in DAYS
    ],
    "task_instances": [*rows(DAYS[0], "success"), *rows(DAYS[1], "failed"), *rows(DAYS[2], "success")],
}
CLEAR = "/api/v1/dags/etl/clearTaskInstances"
MARK = "/api/v1/dags/etl/updateTaskInstancesState"
MARKED = {
    "dag_run_id": run_of(DAYS[1]),
    "include_downstream": False,
    "include_future": False,
    "include_past": False,
    "include_upstream": False,
    "new_state": "skipped",
    "task_id": "b",
}


def path(task: str, day: str = DAYS[1]) -> str:
    return f"/api/v1/dags/etl/dagRuns/{run_of(day).replace('+', '%2B')}/taskInstances/{task}"


def run(call: Caller, day: str = DAYS[1]) -> Any:
    return call.get(path("x", day).removesuffix("/taskInstances/x")).get_json()


def problem(answer: Any) -> tuple[int, Any, Any]:
    told = answer.get_json()
    return answer.status_code, told["title"], told["detail"]


def touched(answer: Any) -> list[str]:
    """The references an answer gives, as day/task."""
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [f"{one['dag_run_id'][19:21]}/{one['task_id']}" for one in answer.get_json()["task_instances"]]
