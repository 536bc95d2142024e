"""Reading and changing the task instances of an Airflow 3."""

from __future__ import annotations

from typing import Any

import pytest

RUN = "/dags/etl/dagRuns/one"
ALL = f"{RUN}/taskInstances"


def _names(told: dict[str, Any]) -> list[tuple[str, int]]:
    return [(ti["task_id"], ti["map_index"]) for ti in told["task_instances"]]


def test_one_is_read_by_its_index(call: Any) -> None:
    assert call("GET", f"{ALL}/parts.ship/1")[1]["state"] == "failed"
    assert call("GET", f"{ALL}/start/-1")[0] == 200
    assert call("GET", f"{ALL}/parts.ship") == (
        404,
        {"detail": "Task instance is mapped, add the map_index value to the URL"},
    )
    assert call("GET", f"{ALL}/start/x")[1]["detail"][0]["loc"] == ["path", "map_index"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("task_group_id=parts&state=failed", [("parts.ship", 1)]),
        ("map_index=0&map_index=2", [("parts.ship", 0), ("parts.ship", 2)]),
        ("task_display_name_prefix_pattern=st", [("start", -1)]),
        ("rendered_map_index_pattern=2", [("parts.ship", 2)]),
        ("duration_gte=5", []),
        ("start_date_gt=2090-01-01T00:00:00Z", [("ask", -1), ("end", -1)]),
        ("state=none", []),
        ("limit=0", []),
    ],
)
def test_a_list_is_filtered(call: Any, query: str, names: list[tuple[str, int]]) -> None:
    status, told = call("GET", f"{ALL}?{query}")
    assert status == 200
    assert sorted(_names(told)) == names
    assert told["next_cursor"] is None


def test_a_bound_of_zero_is_none(call: Any) -> None:
    assert call("GET", f"{ALL}?duration_gte=0")[1]["total_entries"] == 7


def test_lists_are_paged_by_cursor(call: Any) -> None:
    first = call("GET", f"{ALL}?cursor=&limit=3&order_by=-map_index")[1]
    second = call("GET", f"{ALL}?cursor={first['next_cursor']}&limit=3&order_by=-map_index")[1]
    assert _names(first) == [("parts.ship", 2), ("parts.ship", 1), ("parts.ship", 0)]
    assert {name for name, _ in _names(second)} < {"start", "parts.plan", "ask", "end"}
    assert second["previous_cursor"]


def test_a_body_lists_without_a_cap(call: Any) -> None:
    path = "/dags/~/dagRuns/~/taskInstances/list"
    assert call("POST", path, {"task_ids": ["ask"], "state": ["awaiting_input"]})[1]["total_entries"] == 1
    assert call("POST", path, {"order_by": "try_number"})[0] == 400
    assert call("POST", path.replace("~", "etl", 1), {})[1]["detail"][0]["type"] == "literal_error"


def test_marking_clears_what_failed_after_it(call: Any) -> None:
    status, told = call("PATCH", f"{ALL}/parts.ship/1", {"new_state": "success", "note": "by hand"})
    assert (status, told["task_instances"][0]["state"], told["task_instances"][0]["note"]) == (
        200,
        "success",
        "by hand",
    )
    assert call("GET", f"{ALL}/ask")[1]["state"] is None
    assert call("GET", RUN)[1]["state"] == "queued"
    assert call("PATCH", f"{ALL}/parts.ship/1", {"new_state": "success", "note": "lost"}) == (
        409,
        {"detail": "Task id parts.ship is already in success state"},
    )
    assert call("GET", f"{ALL}/parts.ship/1")[1]["note"] == "by hand"


def test_a_dry_run_changes_nothing(call: Any) -> None:
    told = call("PATCH", f"{ALL}/parts.ship/dry_run", {"new_state": "failed", "include_downstream": True})[1]
    assert sorted(_names(told)) == [("ask", -1), ("end", -1), ("parts.ship", 0), ("parts.ship", 2)]
    assert call("GET", f"{ALL}/parts.ship/0")[1]["state"] == "success"


def test_a_group_is_changed_as_one(call: Any) -> None:
    group = f"{RUN}/taskGroupInstances/parts"
    told = call("PATCH", group, {"new_state": "skipped"})[1]
    assert {ti["state"] for ti in told["task_instances"]} == {"skipped"}
    assert told["total_entries"] == 4
    assert call("PATCH", group, {"new_state": "skipped"})[1] == {
        "detail": "All task instances in the group are already in skipped state"
    }
    assert call("PATCH", f"{RUN}/taskGroupInstances/no", {"note": "x"})[0] == 404


def test_bulk_changes_tell_of_each(call: Any) -> None:
    actions = [
        {"action": "create", "entities": [{"task_id": "start"}]},
        {
            "action": "update",
            "entities": [
                {"task_id": "start", "map_index": -1, "new_state": "failed"},
                {"task_id": "parts.ship", "new_state": "skipped"},
            ],
        },
        {"action": "delete", "entities": [{"task_id": "parts.ship", "map_index": 9}, "end"]},
        {"action": "delete", "entities": ["end", "nope"], "action_on_non_existence": "skip"},
    ]
    status, told = call("PATCH", ALL, {"actions": actions})
    assert status == 200
    assert told["create"]["errors"] == [{"error": "Task instances bulk create is not supported", "status_code": 405}]
    # without an index the first instance takes the others along, and the second is in the state then
    assert told["update"]["success"] == ["etl.one.start[-1]", "etl.one.parts.ship[0]"]
    assert told["update"]["errors"] == [{"error": "Task id parts.ship is already in skipped state", "status_code": 409}]
    assert told["delete"]["errors"][0]["status_code"] == 404
    assert "'map_index': 9" in told["delete"]["errors"][0]["error"]
    assert told["delete"]["success"] == ["etl.one.end[-1]"]
    assert call("GET", f"{ALL}/end")[0] == 404


def test_bulk_changes_under_a_wildcard_name_the_run(call: Any) -> None:
    path = "/dags/~/dagRuns/~/taskInstances"
    told = call("PATCH", path, {"actions": [{"action": "delete", "entities": ["end", {"task_id": "ask"}]}]})[1]
    assert [each["status_code"] for each in told["delete"]["errors"]] == [400, 400]
    assert call("PATCH", path, {"actions": [{"action": "nope", "entities": []}]})[0] == 500
    assert call("PATCH", path, {"actions": []}, by="viewer")[0] == 403


def test_clearing_keeps_the_attempt_as_history(call: Any) -> None:
    path = "/dags/etl/clearTaskInstances"
    dry = call("POST", path, {"dag_run_id": "one"})[1]
    assert sorted(_names(dry)) == [("ask", -1), ("end", -1), ("parts.ship", 1)]
    told = call("POST", path, {"dag_run_id": "one", "task_ids": [["parts.ship", 1]], "dry_run": False})[1]
    assert [(ti["state"], ti["try_number"], ti["max_tries"]) for ti in told["task_instances"]] == [(None, 1, 1)]
    tries = call("GET", f"{ALL}/parts.ship/1/tries")[1]["task_instances"]
    assert [each["state"] for each in tries] == ["failed", None]
    assert call("POST", path, {"dag_run_id": "two", "include_past": True})[0] == 400
    assert call("POST", path, {"dag_run_id": "one", "end_date": "2025-01-01T00:00:00Z"})[0] == 422


def test_deleting_answers_null(call: Any, etl: Any) -> None:
    response = etl("DELETE", f"{ALL}/start")
    assert (response.status_code, response.text) == (200, "null")
    assert call("GET", f"{ALL}/start/xcomEntries/return_value")[0] == 404
    assert call("DELETE", f"{ALL}/start")[0] == 404
    assert call("DELETE", f"{ALL}/nope", by="viewer")[0] == 403


def test_dependencies_are_a_list_of_one_sentence_where_there_is_no_instance(call: Any) -> None:
    assert call("GET", f"{ALL}/start/dependencies") == (200, {"dependencies": []})
    status, told = call("GET", f"{ALL}/start/7/dependencies")
    assert status == 404
    assert len(told["detail"]) == 1


def test_logs_are_events_or_lines(call: Any, etl: Any) -> None:
    told = call("GET", f"{ALL}/start/logs/1")[1]
    assert [line["event"] for line in told["content"]][-1] == "hello"
    assert told["continuation_token"] is None
    lines = etl("GET", f"{ALL}/start/logs/1", headers={"Accept": "application/x-ndjson"})
    assert lines.content_type == "application/x-ndjson"
    assert lines.text.splitlines()[-1] == '{"timestamp":null,"event":"hello","level":"info"}'
    assert call("GET", f"{ALL}/start/logs/1", headers={"Accept": "text/plain"})[0] == 406
    assert call("GET", f"{ALL}/start/logs/0")[0] == 404
    assert call("GET", f"{ALL}/start/logs/1?token=x")[0] == 400
    assert "upstream" in call("GET", f"{ALL}/end/logs/0")[1]["content"][-1]["event"]
    assert call("GET", f"{ALL}/nope/externalLogUrl/1")[0] == 400


def test_tasks_are_ordered_by_an_attribute(call: Any) -> None:
    told = call("GET", "/dags/etl/tasks?order_by=-task_id")[1]
    assert [task["task_id"] for task in told["tasks"]] == ["start", "parts.ship", "parts.plan", "end", "ask"]
    assert call("GET", "/dags/etl/tasks?order_by=params")[0] == 400
    assert call("GET", "/dags/etl/tasks/ask")[1]["retries"] == 0.0
    assert call("GET", "/dags/etl/tasks/parts") == (404, {"detail": "Task with id parts was not found"})


def test_links_of_a_try_that_was_not_made(call: Any) -> None:
    assert call("GET", f"{ALL}/start/links") == (200, {"extra_links": {}, "total_entries": 0})
    assert call("GET", f"{ALL}/start/links?try_number=4")[0] == 404


def test_an_id_lives_as_long_as_its_attempt(call: Any) -> None:
    path = f"{ALL}/parts.ship/2"
    first = call("GET", path)[1]["id"]
    assert call("PATCH", path, {"new_state": "failed"})[1]["task_instances"][0]["id"] == first
    call("POST", "/dags/etl/clearTaskInstances", {"dag_run_id": "one", "dry_run": False})
    assert call("GET", path)[1]["id"] not in ("", first)
    assert call("GET", f"{ALL}/start")[1]["id"] < call("GET", f"{ALL}/parts.plan")[1]["id"]
