"""A world for the experimental API, and how its refusals are read."""

from __future__ import annotations

from typing import Any

X = "/api/experimental"
RUNS = f"{X}/dags/etl/dag_runs"
RUN_DATE = "2025-05-01T00:00:00+00:00"
OPEN = {"enable_experimental_api": True, "runs": "manual"}
WORLD: dict[str, Any] = {
    "dags": [
        {
            "dag_id": "etl",
            "start_date": "2024-01-01T00:00:00Z",
            "tags": ["a", "b"],
            "tasks": [
                {
                    "task_id": "extract",
                    "operator_name": "@task",
                    "class_ref": {"class_name": "_PythonDecoratedOperator"},
                },
                {"task_id": "load", "retries": 2, "retry_delay": {"days": 0, "seconds": 90, "microseconds": 0}},
            ],
        },
        {"dag_id": "gone", "is_active": False},
    ],
    "dag_runs": [
        {"dag_id": "etl", "dag_run_id": "second", "logical_date": "2025-05-02T00:00:00Z", "state": "failed"},
        {"dag_id": "etl", "dag_run_id": "first", "logical_date": RUN_DATE, "state": "success"},
    ],
    "task_instances": [
        {
            "dag_id": "etl",
            "dag_run_id": "first",
            "task_id": "extract",
            "execution_date": RUN_DATE,
            "state": "success",
            "start_date": "2025-05-01T00:00:05Z",
            "end_date": "2025-05-01T00:00:07Z",
            "duration": 2.0,
            "try_number": 1,
            "pid": 77,
            "hostname": "h",
        }
    ],
}


def error(answer: Any) -> tuple[int, str]:
    """The status and the text of a refusal, which is all that its body has."""
    body = answer.get_json()
    assert list(body) == ["error"]
    assert answer.content_type == "application/json"
    return answer.status_code, body["error"]
