"""Pages that a list's form asks for, at and beyond the database's 64 bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

BATCHES = ["/api/v1/dags/~/dagRuns/list", "/api/v1/dags/~/dagRuns/~/taskInstances/list"]
WORLD = {
    "dags": [{"dag_id": "etl", "tasks": ["load"]}],
    "dag_runs": [{"dag_id": "etl", "dag_run_id": run, "logical_date": f"2025-01-0{run}T00:00:00Z"} for run in "12"],
}


@pytest.mark.parametrize("path", BATCHES)
@pytest.mark.parametrize("name", ["page_limit", "page_offset"])
def test_beyond_them_airflow_fails(deploy: Callable[..., Any], path: str, name: str) -> None:
    form = {name: 1 << 63}
    failed = deploy(WORLD).post(path, json=form)
    clean = deploy(WORLD, airflow_bugs=False).post(path, json=form)

    assert (failed.status_code, failed.content_type.partition(";")[0]) == (500, "text/html")
    assert (clean.status_code, clean.json["title"]) == (400, "Bad Request")


@pytest.mark.parametrize("path", BATCHES)
def test_the_greatest_is_no_limit(deploy: Callable[..., Any], path: str) -> None:
    answer = deploy(WORLD).post(path, json={"page_limit": (1 << 63) - 1, "page_offset": 1})

    assert answer.status_code == 200
    rows = next(value for value in answer.json.values() if isinstance(value, list))
    assert len(rows) == answer.json["total_entries"] - 1 == 1
