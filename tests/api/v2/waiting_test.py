"""What tasks ask people for, what they leave and keep, and clearing runs by their partitions."""

from __future__ import annotations

from typing import Any

ASK = "/dags/etl/dagRuns/two/taskInstances/ask/-1/hitlDetails"
LEFT = "/dags/etl/dagRuns/one/taskInstances/start/xcomEntries"
KEPT = "/dags/etl/dagRuns/one/taskInstances/start/state-store"


def test_an_answer_is_taken_once(call: Any) -> None:
    assert call("PATCH", ASK, {"chosen_options": ["Perhaps"]})[0] == 400
    assert call("PATCH", ASK, {"chosen_options": ["Approve", "Reject"]})[0] == 400
    assert call("PATCH", ASK, {"chosen_options": []})[1]["detail"][0]["type"] == "too_short"
    assert call("PATCH", ASK, {"chosen_options": ["Approve"]}, by="viewer")[0] == 403
    status, told = call("PATCH", ASK, {"chosen_options": ["Approve"], "unknown": 1})
    assert (status, told["responded_by"], told["responded_at"]) == (
        200,
        {"id": "admin", "name": "admin"},
        "2025-06-01T12:00:00Z",
    )
    assert call("PATCH", ASK, {"chosen_options": ["Reject"]})[0] == 409
    found = call("GET", ASK)[1]
    assert (found["response_received"], found["task_instance"]["state"]) == (True, "scheduled")


def test_questions_are_listed_by_what_was_said(call: Any) -> None:
    path = "/dags/~/dagRuns/~/hitlDetails"
    assert call("GET", f"{path}?response_received=false&subject_search=ship")[1]["total_entries"] == 1
    assert call("GET", f"{path}?state=success")[1]["total_entries"] == 0
    assert call("GET", f"{path}?order_by=-task_instance_state&responded_by_user_id=op")[1]["hitl_details"] == []
    assert call("GET", f"{path}?order_by=body")[0] == 400


def test_a_cleared_question_is_history(call: Any) -> None:
    call("PATCH", ASK, {"chosen_options": ["Reject"]})
    call("POST", "/dags/etl/clearTaskInstances", {"dag_run_id": "two", "only_failed": False, "dry_run": False})
    status, told = call("GET", ASK)
    assert status == 404
    assert told["detail"].startswith("Human-in-the-loop detail does not exist for Task Instance with id ")
    assert call("GET", f"{ASK}/tries/1")[1]["chosen_options"] == ["Reject"]
    assert call("GET", f"{ASK}/tries/3")[0] == 404


def test_values_are_left_changed_and_taken_away(call: Any) -> None:
    status, made = call("POST", LEFT, {"key": "a/b", "value": [1, {"c": None}]})
    assert (status, made["value"]) == (201, [1, {"c": None}])
    assert call("POST", LEFT, {"key": "a/b", "value": 1})[0] == 409
    assert call("POST", LEFT, {"key": "x", "value": {"__classname__": "y"}})[0] == 422
    assert call("POST", LEFT, {"key": "", "value": 1})[0] == 500
    assert call("PATCH", f"{LEFT}/a/b", {"value": None})[1]["value"] is None
    assert call("DELETE", f"{LEFT}/a/b")[0] == 204
    assert call("DELETE", f"{LEFT}/a/b")[0] == 404


def test_values_are_told_as_they_are_or_as_texts(call: Any) -> None:
    assert call("GET", f"{LEFT}/return_value")[1]["value"] == {"rows": 3}
    assert call("GET", f"{LEFT}/return_value?stringify=true")[1]["value"] == "{'rows': 3}"
    listed = call("GET", "/dags/~/dagRuns/~/taskInstances/~/xcomEntries?xcom_key_pattern=RETURN")[1]
    assert [entry["key"] for entry in listed["xcom_entries"]] == ["return_value"]
    assert "value" not in listed["xcom_entries"][0]
    assert call("GET", f"{LEFT}?map_index=-2")[0] == 422


def test_a_task_keeps_values(call: Any) -> None:
    assert call("PUT", f"{KEPT}/at/row", {"value": {"n": 1}})[0] == 204
    kept = call("GET", f"{KEPT}/at/row")[1]
    assert (kept["value"], kept["expires_at"]) == ({"n": 1}, "2025-07-01T12:00:00Z")
    assert call("PATCH", f"{KEPT}/at/row", {"value": 2}) == (200, None)
    assert call("GET", KEPT)[1]["task_state_store"][0]["value"] == 2
    assert call("PUT", f"{KEPT}/x", {"value": None})[0] == 422
    assert call("PUT", f"{KEPT}/x?map_index=4", {"value": 1})[0] == 404
    assert call("DELETE", f"{KEPT}?all_map_indices=true")[0] == 204
    assert call("GET", KEPT)[1]["total_entries"] == 0
    assert call("DELETE", f"{KEPT}/nope")[0] == 204


def test_runs_are_cleared_together(call: Any) -> None:
    path = "/dags/~/clearDagRuns"
    named = {"dag_runs": [{"dag_id": "etl", "dag_run_id": "one"}], "only_failed": True}
    assert call("POST", path, named)[1]["total_entries"] == 3
    told = call("POST", path, {**named, "dry_run": False, "note": "again"})[1]
    assert [(run["state"], run["note"]) for run in told["dag_runs"]] == [("queued", "again")]
    faults = call("POST", path, {})[1]["detail"]
    assert faults[0] == faults[1]
    assert call("POST", path, {"dag_runs": [{"dag_run_id": "one"}]})[0] == 400


def test_tasks_that_are_new_are_told(call: Any) -> None:
    body = {"dag_runs": [{"dag_run_id": "two"}], "only_new": True}
    told = call("POST", "/dags/etl/clearDagRuns", body)[1]
    assert [task["task_id"] for task in told["task_instances"]] == ["end", "parts.plan", "parts.ship"]


def test_partitions_are_taken_away(call: Any) -> None:
    path = "/dags/etl/clearPartitions"
    dry = {"dag_runs_cleared": 1, "task_instances_cleared": 2, "dry_run": True}
    assert call("POST", path, {"partition_key": "north", "clear_task_instances": True})[1] == dry
    assert call("POST", path, {"run_id": "two", "dry_run": False})[1]["dag_runs_cleared"] == 1
    assert call("GET", "/dags/etl/dagRuns/two")[1]["partition_key"] is None
    assert call("POST", path, {"run_id": "two", "partition_key": "x"})[1]["detail"][0]["type"] == "value_error"
