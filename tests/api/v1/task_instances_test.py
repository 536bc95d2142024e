"""Task instances over the API: reading mapped ones, batches, attempts, and what keeps them waiting."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Caller, Deploy

RUN, OTHER = "past", "later"
ATTEMPT = {"dag_id": "etl", "dag_run_id": RUN, "hostname": "worker", "pid": 7, "try_number": 1}
TIMES = {"start_date": "2025-05-01T00:00:10Z", "end_date": "2025-05-01T00:00:12Z", "duration": 2.0}


def spread(index: int, state: str, duration: float) -> dict[str, Any]:
    return {**ATTEMPT, **TIMES, "task_id": "spread", "map_index": index, "state": state, "duration": duration}


WORLD = {
    "dags": [
        {
            "dag_id": "etl",
            "tasks": [
                {"task_id": "first", "downstream_task_ids": ["spread"], "retries": 1},
                {"task_id": "spread", "is_mapped": True, "downstream_task_ids": ["last"]},
                {"task_id": "last", "trigger_rule": "all_done"},
            ],
        },
        {"dag_id": "hidden", "tasks": ["only"]},
    ],
    "dag_runs": [
        {"dag_id": "etl", "dag_run_id": RUN, "state": "success", "logical_date": "2025-05-01T00:00:00Z", **TIMES},
        {"dag_id": "etl", "dag_run_id": OTHER, "state": "queued", "logical_date": "2025-05-02T00:00:00Z"},
        {"dag_id": "hidden", "dag_run_id": RUN, "state": "success", "logical_date": "2025-05-03T00:00:00Z"},
    ],
    "task_instances": [
        {**ATTEMPT, **TIMES, "task_id": "first", "state": "success", "try_number": 2, "pool": "wide"},
        spread(1, "failed", 3.0),
        spread(0, "success", 9.0),
        spread(2, "success", 1.0),
        {**ATTEMPT, **TIMES, "task_id": "last", "state": "skipped", "try_number": 0},
        {**ATTEMPT, **TIMES, "dag_id": "hidden", "task_id": "only", "state": "success"},
    ],
    "task_instance_tries": [
        {**ATTEMPT, **TIMES, "task_id": "first", "state": "failed", "try_number": 1},
        {**ATTEMPT, **TIMES, "task_id": "first", "state": "success", "try_number": 2},
    ],
}
for _run in WORLD["dag_runs"]:
    _run.pop("duration", None)

LIST = "/api/v1/dags/~/dagRuns/~/taskInstances/list"


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, runs="manual")


def path(task: str, run: str = RUN, dag: str = "etl") -> str:
    return f"/api/v1/dags/{dag}/dagRuns/{run}/taskInstances/{task}"


def problem(answer: Any) -> tuple[int, Any, Any]:
    told = answer.get_json()
    return answer.status_code, told["title"], told["detail"]


def indexes(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [one["map_index"] for one in answer.get_json()["task_instances"]]


def named(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [f"{one['dag_id']}.{one['task_id']}" for one in answer.get_json()["task_instances"]]


# mapped


def test_mapped_instance_is_read_by_its_index(call: Caller) -> None:
    assert call.get(path("spread/1")).get_json()["state"] == "failed"
    assert problem(call.get(path("spread/9"))) == (404, "Task instance not found", None)
    needs_index = (404, "Task instance not found", "Task instance is mapped, add the map_index value to the URL")
    assert problem(call.get(path("spread"))) == needs_index


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        (None, [0, 1, 2]),
        ("-map_index", [2, 1, 0]),
        ("state", [1, 0, 2]),
        ("-state", [0, 2, 1]),
        ("duration", [2, 1, 0]),
        ("-duration", [0, 1, 2]),
        ("start_date", [0, 1, 2]),
        ("-end_date", [0, 1, 2]),
    ],
)
def test_mapped_instances_come_in_the_order_asked_for(call: Caller, order_by: str | None, expected: list[int]) -> None:
    query = {} if order_by is None else {"order_by": order_by}
    assert indexes(call.get(path("spread/listMapped"), query_string=query)) == expected


@pytest.mark.parametrize("order_by", ["map_index", "nope", "", "--state"])
def test_mapped_instances_refuse_other_orders(call: Caller, order_by: str) -> None:
    answer = call.get(path("spread/listMapped"), query_string={"order_by": order_by})
    assert problem(answer) == (400, "Bad Request", f"Ordering with '{order_by}' is not supported")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"state": "success"}, [0, 2]),
        ({"state": "success,failed"}, [0, 1, 2]),
        ({"duration_gte": "2"}, [0, 1]),
        ({"duration_lte": "3.0"}, [1, 2]),
        ({"limit": 2}, [0, 1]),
        ({"limit": 0}, []),
        ({"limit": -1, "offset": 1}, [1, 2]),
        ({"pool": "wide"}, []),
    ],
)
def test_mapped_instances_are_filtered_and_paged(call: Caller, query: dict[str, Any], expected: list[int]) -> None:
    assert indexes(call.get(path("spread/listMapped"), query_string=query)) == expected


@pytest.mark.parametrize(
    ("where", "title"),
    [
        (path("x/listMapped", dag="none"), "DAG none not found"),
        (path("none/listMapped"), "Task id none not found"),
        (path("first/listMapped"), "Task id first is not mapped"),
    ],
)
def test_what_is_not_mapped_has_no_list(call: Caller, where: str, title: str) -> None:
    assert problem(call.get(where)) == (404, title, None)


def test_mapped_task_that_was_not_expanded_has_an_empty_list(call: Caller) -> None:
    assert indexes(call.get(path("spread/listMapped", run=OTHER))) == []
    assert indexes(call.get(path("spread/listMapped", run="no-such-run"))) == []


# batches


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, 9),
        ({"dag_ids": ["hidden"]}, 1),
        ({"dag_ids": ["none"]}, 0),
        ({"dag_ids": [], "task_ids": [], "pool": [], "state": []}, 9),
        ({"dag_run_ids": [RUN], "task_ids": ["first", "only"]}, 2),
        ({"state": ["failed"]}, 1),
        ({"state": [None]}, 3),
        ({"state": ["none", "skipped"]}, 4),
        ({"duration_gte": 2.9, "task_ids": ["spread"]}, 2),
        ({"pool": ["wide"]}, 1),
        ({"execution_date_gte": "2025-05-02T00:00:00Z"}, 4),
        ({"page_limit": 2, "page_offset": 1}, 9),
    ],
)
def test_batch_filters(call: Caller, form: dict[str, Any], expected: int) -> None:
    answer = call.post(LIST, json=form)
    assert answer.get_json()["total_entries"] == expected
    assert len(answer.get_json()["task_instances"]) == (2 if "page_limit" in form else expected)


def role(call: Caller, *dag_ids: str) -> None:
    """A user who may read task instances, and these DAGs."""
    pairs = [
        ("can_read", "Task Instances"),
        ("can_read", "DAG Runs"),
        *(("can_read", f"DAG:{dag_id}") for dag_id in dag_ids),
    ]
    actions = [{"action": {"name": action}, "resource": {"name": name}} for action, name in pairs]
    assert call.post("/api/v1/roles", json={"name": "some", "actions": actions}).status_code == 200
    person = {"username": "vera", "email": "v@example.com", "first_name": "V", "last_name": "V", "password": "vera"}
    assert call.post("/api/v1/users", json={**person, "roles": [{"name": "some"}]}).status_code == 200


def test_batch_shows_only_dags_that_may_be_read(call: Caller) -> None:
    role(call, "hidden")

    assert named(call.post(LIST, json={}, by="vera")) == ["hidden.only"]
    refused = problem(call.post(LIST, json={"dag_ids": ["hidden", "etl"]}, by="vera"))
    assert refused == (403, "Forbidden", "User not allowed to access some of these DAGs: ['hidden', 'etl']")


@pytest.mark.parametrize(("bugs", "shown"), [(True, 9), (False, 0)])
def test_batch_without_a_readable_dag_shows_all_as_airflow_does(deploy: Deploy, bugs: bool, shown: int) -> None:
    call = deploy(WORLD, runs="manual", airflow_bugs=bugs)
    role(call)

    assert call.post(LIST, json={}, by="vera").get_json()["total_entries"] == shown


# attempts


def test_attempts_end_with_the_current_one(call: Caller) -> None:
    answer = call.get(path("first/tries"), query_string={"limit": 1, "order_by": "nope"}).get_json()

    assert [(one["try_number"], one["state"]) for one in answer["task_instances"]] == [(1, "failed"), (2, "success")]
    assert answer["total_entries"] == 2
    assert "note" not in answer["task_instances"][0]
    assert call.get(path("spread/1/tries")).get_json()["total_entries"] == 1
    assert call.get(path("spread/tries")).get_json() == {"task_instances": [], "total_entries": 0}


def test_attempt_is_read_by_number(call: Caller) -> None:
    assert call.get(path("first/tries/1")).get_json()["state"] == "failed"
    assert call.get(path("first/tries/2")).get_json()["state"] == "success"
    assert call.get(path("spread/1/tries/1")).get_json()["map_index"] == 1
    names = "dag_id=etl, run_id=past, task_id=first, map_index=-1, try_number=3."
    assert problem(call.get(path("first/tries/3"))) == (
        404,
        "Task instance not found",
        f"Task Instance not found for {names}",
    )


def test_current_attempt_hides_one_of_its_number_in_the_history(call: Caller) -> None:
    call.post(
        "/api/v1/dags/etl/clearTaskInstances", json={"dry_run": False, "only_failed": False, "task_ids": ["first"]}
    )

    tries = call.get(path("first/tries")).get_json()["task_instances"]
    assert [(one["try_number"], one["state"]) for one in tries] == [(1, "failed"), (2, "success"), (2, None)]
    assert call.get(path("first/tries/2")).get_json()["state"] is None


@pytest.mark.parametrize("number", ["99999999999999999999", "9223372036854775808"])
def test_number_beyond_the_database_makes_airflow_fail(deploy: Deploy, number: str) -> None:
    answers = {bugs: deploy(WORLD, airflow_bugs=bugs).get(path(f"first/tries/{number}")) for bugs in (True, False)}

    assert (answers[True].status_code, answers[True].content_type) == (500, "text/html")
    assert answers[False].status_code == 400


# what they wait for


def reasons(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    told = answer.get_json()["dependencies"]
    assert [one["name"] for one in told] == sorted(one["name"] for one in told)
    return {one["name"]: one["reason"] for one in told}


def test_finished_instance_waits_for_nothing(call: Caller) -> None:
    assert reasons(call.get(path("first/dependencies"))) == {}
    assert reasons(call.get(path("spread/1/dependencies"))) == {}


def test_waiting_instance_tells_why(call: Caller) -> None:
    basic = {
        "Dagrun Running": "Task instance's dagrun was not in the 'running' state but in the state 'queued'.",
        "Task Instance State": "Task is in the 'None' state.",
    }
    assert reasons(call.get(path("first/dependencies", run=OTHER))) == basic
    waiting = reasons(call.get(path("last/dependencies", run=OTHER)))
    assert waiting["Trigger Rule"] == (
        "Task's trigger rule 'all_done' requires all upstream tasks to have completed, but found 1 task(s) that were "
        "not done. "
        "upstream_states=_UpstreamTIStates(success=0, skipped=0, failed=0, upstream_failed=0, removed=0, done=0, "
        "success_setup=0, skipped_setup=0), upstream_task_ids={'spread'}"
    )


def test_paused_dag_missing_pool_and_future_are_told(deploy: Deploy) -> None:
    dag = {"dag_id": "etl", "is_paused": True, "tasks": [{"task_id": "one", "pool": "ghost"}]}
    call = deploy({"dags": [dag]}, runs="manual")
    call.post("/api/v1/dags/etl/dagRuns", json={"dag_run_id": "r", "logical_date": "2031-01-01T00:00:00Z"})

    told = reasons(call.get(path("one/dependencies", run="r")))
    assert told["Dag Not Paused"] == "Task's DAG 'etl' is paused."
    assert told["Pool Slots Available"] == "Tasks using non-existent pool 'ghost' will not be scheduled"
    assert told["Execution Date"] == (
        "Execution date 2031-01-01T00:00:00+00:00 is in the future (the current date is 2025-06-01T12:00:00+00:00)."
    )


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("all_success", "all upstream tasks to have succeeded, but found 2 non-success(es)"),
        ("all_failed", "all upstream tasks to have failed, but found 1 non-failure(s)"),
        ("all_done", None),
        ("one_success", "one upstream task success, but none were found"),
        ("one_failed", None),
        ("one_done", None),
        ("none_failed", "all upstream tasks to have succeeded or been skipped, but found 1 non-success(es)"),
        ("none_skipped", "all upstream tasks to not have been skipped, but found 1 task(s) skipped"),
        ("all_skipped", "all upstream tasks to have been skipped, but found 1 task(s) in non skipped state"),
        ("always", None),
    ],
)
def test_each_trigger_rule_has_its_sentence(deploy: Deploy, rule: str, found: str | None) -> None:
    tasks = [
        {"task_id": "a", "downstream_task_ids": ["c"]},
        {"task_id": "b", "downstream_task_ids": ["c"]},
        {"task_id": "c", "trigger_rule": rule},
    ]
    call = deploy({"dags": [{"dag_id": "etl", "tasks": tasks}]}, runs="manual")
    call.post("/api/v1/dags/etl/dagRuns", json={"dag_run_id": "r"})
    for task, state in (("a", "failed"), ("b", "skipped")):
        call.patch(path(task, run="r"), json={"dry_run": False, "new_state": state})

    told = reasons(call.get(path("c/dependencies", run="r"))).get("Trigger Rule")
    assert (told is None) == (found is None)
    assert found is None or (told or "").startswith(f"Task's trigger rule '{rule}' requires {found}. upstream_states=")


@pytest.mark.parametrize(
    ("upstream", "becomes"), [("failed", "upstream_failed"), ("skipped", "skipped"), ("success", None)]
)
def test_asking_what_an_unexpanded_task_waits_for_settles_it(call: Caller, upstream: str, becomes: str | None) -> None:
    call.patch(path("first", run=OTHER), json={"dry_run": False, "new_state": upstream})

    told = reasons(call.get(path("spread/dependencies", run=OTHER)))
    assert told["Task has been mapped"] == "The task has yet to be mapped!"
    assert ("Mapped dependencies have succeeded" in told) == (becomes is not None)
    assert call.get(path("spread", run=OTHER)).get_json()["state"] == becomes
    assert bool(reasons(call.get(path("spread/dependencies", run=OTHER)))) == (becomes is None)


@pytest.mark.parametrize(
    "where", ["spread/dependencies", "spread/9/dependencies", "first/0/dependencies", "x/dependencies"]
)
def test_dependencies_need_exactly_that_index(call: Caller, where: str) -> None:
    task = where.split("/")[0]
    title = f"Task Instance not found for dag_id=etl, run_id=past, task_id={task}"
    assert problem(call.get(path(where))) == (404, title, None)
