"""An Airflow 3 to call, as anybody whose password equals the name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pytest

from tests.support import PEOPLE, Caller3, Deploy3, deployed


@pytest.fixture
def deploy3() -> Deploy3:
    """Makes an Airflow 3 of a world, frozen at 2025-06-01T12:00 UTC, and gives its caller."""
    users = [{"username": name, "password": name, "role": name} for name in PEOPLE if name != "public"]

    def make(world: Mapping[str, Any] | None = None, **settings: Any) -> Caller3:
        return Caller3(deployed(users, world, **{"airflow_version": "3.3.2", **settings}))

    return make


_BEGUN, _ENDED = "2025-06-01T10:00:00Z", "2025-06-01T10:00:02Z"


def _task(task_id: str, *after: str, **more: Any) -> dict[str, Any]:
    return {"task_id": task_id, "downstream_task_ids": list(after), **more}


def _ti(run_id: str, task_id: str, state: str | None, map_index: int = -1, **more: Any) -> dict[str, Any]:
    ran = state in ("success", "failed")
    return {
        "dag_id": "etl",
        "dag_run_id": run_id,
        "task_id": task_id,
        "map_index": map_index,
        "state": state,
        "try_number": int(ran or state == "awaiting_input"),
        "max_tries": 0,
        "start_date": _BEGUN if ran else None,
        "end_date": _ENDED if ran else None,
        "duration": 2.0 if ran else None,
        "hostname": "vm" if ran else "",
        **more,
    }


def _etl() -> dict[str, Any]:
    """One DAG of a mapped task group, two runs, and a task that waits for an answer."""
    tasks = [
        _task("start", "parts.plan"),
        _task("parts.plan", "parts.ship"),
        _task("parts.ship", "ask", is_mapped=True),
        _task("ask", "end", operator_name="ApprovalOperator"),
        _task("end"),
    ]
    run = {
        "dag_id": "etl",
        "run_type": "manual",
        "run_after": "2025-06-01T09:59:00Z",
        "queued_at": "2025-06-01T09:59:00Z",
        "start_date": _BEGUN,
    }
    runs = [
        {**run, "dag_run_id": "one", "logical_date": "2025-05-01T00:00:00Z", "state": "failed", "end_date": _ENDED},
        {**run, "dag_run_id": "two", "logical_date": None, "state": "running", "partition_key": "north"},
    ]
    instances = [
        _ti("one", "start", "success"),
        _ti("one", "parts.plan", "success"),
        *(_ti("one", "parts.ship", "failed" if index == 1 else "success", index) for index in range(3)),
        _ti("one", "ask", "upstream_failed"),
        _ti("one", "end", "upstream_failed"),
        _ti("two", "start", "success", pid=7),
        _ti("two", "ask", "awaiting_input"),
    ]
    asked = {
        "options": ["Approve", "Reject"],
        "subject": "Ship it?",
        "body": "Please decide",
        "created_at": _ENDED,
        "task_instance": {"dag_id": "etl", "dag_run_id": "two", "task_id": "ask", "map_index": -1, "try_number": 1},
    }
    left = {"dag_id": "etl", "run_id": "one", "task_id": "start", "key": "return_value", "timestamp": _ENDED}
    lines = [
        {"event": "::group::Log message source details"},
        {"event": "::endgroup::"},
        {"event": "hello", "level": "info"},
    ]
    logged = {"dag_id": "etl", "dag_run_id": "one", "task_id": "start", "try_number": 1, "content": lines}
    return {
        "dags": [{"dag_id": "etl", "is_paused": False}],
        "tasks": {"etl": tasks},
        "dag_runs": runs,
        "task_instances": instances,
        "hitl_details": [asked],
        "xcoms": [{**left, "value": {"rows": 3}}],
        "logs": [logged],
    }


class Call(Protocol):
    """Calls the Airflow with a JSON body, and gives status and JSON."""

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]: ...


@pytest.fixture
def etl(deploy3: Deploy3) -> Caller3:
    """The caller of an Airflow 3 with the DAG ``etl``, whose scheduler does not run."""
    return deploy3(_etl(), runs="manual")


@pytest.fixture
def call(etl: Caller3) -> Call:
    """Calls that Airflow with a JSON body, and gives status and JSON."""

    def send(method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        answer = etl(method, path, json=body, **more)
        return answer.status_code, answer.get_json(silent=True)

    return send
