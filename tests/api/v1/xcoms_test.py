"""XComs over the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Caller, Deploy

WHERE = {"dag_id": "etl", "dag_run_id": "r", "task_id": "one"}
WORLD = {
    "dags": [{"dag_id": "etl", "tasks": ["one", "two"]}, {"dag_id": "alpha", "tasks": ["x"]}],
    "dag_runs": [
        {"dag_id": "etl", "dag_run_id": "r", "state": "success", "logical_date": "2025-05-01T00:00:00Z"},
        {"dag_id": "alpha", "dag_run_id": "r", "state": "success", "logical_date": "2025-05-02T00:00:00Z"},
    ],
    "xcoms": [
        {**WHERE, "task_id": "two", "key": "b", "value": "text"},
        {**WHERE, "key": "return_value", "value": {"day": "2025-05-01", "ok": True, "none": None}},
        {**WHERE, "key": "with/slash", "value": 42},
        {**WHERE, "key": "empty", "value": None},
        {**WHERE, "key": "return_value", "map_index": 1, "value": [1, 2]},
        {"dag_id": "alpha", "dag_run_id": "r", "task_id": "x", "key": "z", "value": True},
    ],
}


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, runs="manual")


def path(key: str = "", task: str = "one", dag: str = "etl", run: str = "r") -> str:
    base = f"/api/v1/dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries"
    return f"{base}/{key}" if key else base


def keys(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [f"{one['task_id']}.{one['key']}[{one['map_index']}]" for one in answer.get_json()["xcom_entries"]]


def problem(answer: Any) -> tuple[int, Any, Any]:
    told = answer.get_json()
    return answer.status_code, told["title"], told["detail"]


ONE = ["one.empty[-1]", "one.return_value[-1]", "one.with/slash[-1]", "one.return_value[1]"]


@pytest.mark.parametrize(
    ("where", "query", "expected"),
    [
        (path(), {}, ONE),
        (path(task="~"), {}, [*ONE, "two.b[-1]"]),
        (path(task="~", dag="~", run="~"), {}, ["x.z[-1]", *ONE, "two.b[-1]"]),
        (path(), {"map_index": 1}, ["one.return_value[1]"]),
        (path(), {"xcom_key": "empty"}, ["one.empty[-1]"]),
        (path(), {"xcom_key": ""}, []),
        (path(), {"limit": 1, "offset": 1}, ["one.return_value[-1]"]),
        (path(dag="none"), {}, []),
    ],
)
def test_list_is_ordered_filtered_and_has_no_values(call: Caller, where: str, query: Any, expected: list[str]) -> None:
    answer = call.get(where, query_string=query)

    assert keys(answer) == expected
    assert all("value" not in one for one in answer.get_json()["xcom_entries"])
    assert answer.get_json()["total_entries"] == (4 if "limit" in query else len(expected))


@pytest.mark.parametrize(
    ("key", "query", "as_text", "native"),
    [
        (
            "return_value",
            {},
            "{'day': '2025-05-01', 'ok': True, 'none': None}",
            {"day": "2025-05-01", "ok": True, "none": None},
        ),
        ("with/slash", {}, "42", 42),
        ("with%2Fslash", {}, "42", 42),
        ("empty", {}, None, None),
        ("return_value", {"map_index": 1}, "[1, 2]", [1, 2]),
    ],
)
def test_value_is_python_text_unless_json_is_asked_for(
    call: Caller, key: str, query: dict[str, Any], as_text: str | None, native: Any
) -> None:
    assert call.get(path(key), query_string=query).get_json()["value"] == as_text
    assert call.get(path(key), query_string={**query, "stringify": "false"}).get_json()["value"] == native


@pytest.mark.parametrize(
    "where", [path("none"), path("with/slash/"), path("empty", dag="~"), path("empty", run="none")]
)
def test_unknown_entry(call: Caller, where: str) -> None:
    assert problem(call.get(where)) == (404, "XCom entry not found", None)


def test_deserialize_needs_its_setting(deploy: Deploy) -> None:
    asked = {"deserialize": "true", "stringify": "false"}
    refused = deploy(WORLD).get(path("none"), query_string=asked)
    assert problem(refused) == (400, "Bad Request", "XCom deserialization is disabled in configuration.")
    allowed = deploy(WORLD, enable_xcom_deserialize_support=True).get(path("return_value"), query_string=asked)
    assert allowed.get_json()["value"]["ok"] is True


def test_run_and_dag_take_their_xcoms_along(call: Caller) -> None:
    assert call.delete("/api/v1/dags/etl/dagRuns/r").status_code == 204
    assert keys(call.get(path(task="~", dag="~", run="~"))) == ["x.z[-1]"]
    assert call.delete("/api/v1/dags/alpha").status_code == 204
    assert keys(call.get(path(task="~", dag="~", run="~"))) == []
