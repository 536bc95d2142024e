"""Logs and links of task instances over the API."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from tests.support import Caller, Deploy

NOT_FOUND = (
    "*** Log file not found on worker 'worker'. This attempt may have run on a different worker whose logs are no "
    "longer accessible. Consider configuring remote logging (S3, GCS, etc.) for log persistence.\n"
)
SOURCES = " INFO - ::group::Log message source details\n{} INFO - ::endgroup::\n"
RAN = {"dag_id": "etl", "dag_run_id": "r", "hostname": "worker", "pid": 7, "state": "success", "try_number": 1}
TIMES = {"start_date": "2025-05-01T00:00:10Z", "end_date": "2025-05-01T00:00:12Z"}
WORLD = {
    "dags": [
        {
            "dag_id": "etl",
            "tasks": [
                "one",
                {"task_id": "many", "is_mapped": True},
                {"task_id": "kick", "extra_links": [{"class_name": "a.TriggerDagRunLink"}]},
            ],
        },
        {"dag_id": "other", "tasks": ["x"]},
    ],
    "dag_runs": [
        {"dag_id": "etl", "dag_run_id": "r", "state": "success", "logical_date": "2025-05-01T00:00:00Z"},
        {"dag_id": "etl", "dag_run_id": "new", "state": "queued", "logical_date": "2025-05-02T00:00:00Z"},
    ],
    "task_instances": [
        {**RAN, **TIMES, "task_id": "one"},
        {**RAN, "task_id": "many", "map_index": 0},
        {**RAN, "task_id": "kick", "rendered_fields": {"trigger_dag_id": "other"}},
    ],
    "xcoms": [{"dag_id": "etl", "dag_run_id": "r", "task_id": "kick", "key": "trigger_run_id", "value": "a:b+c"}],
    "logs": [
        {
            "dag_id": "etl",
            "dag_run_id": "r",
            "task_id": "one",
            "try_number": 1,
            "content": str([("worker", SOURCES.format("*** Found local files:\n***   * /x\n") + "first\nsecond\n")]),
        }
    ],
    "extra_links": [
        {"dag_id": "etl", "dag_run_id": "r", "task_id": "one", "links": {"Docs": "http://d", "Bare": None}}
    ],
}


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, runs="manual")


def path(task: str = "one", number: object = 1, run: str = "r") -> str:
    return f"/api/v1/dags/etl/dagRuns/{run}/taskInstances/{task}/logs/{number}"


def problem(answer: Any) -> tuple[int, Any, Any]:
    told = answer.get_json()
    return answer.status_code, told["title"], told["detail"]


def content(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    pairs: list[tuple[str, str]] = ast.literal_eval(answer.get_json()["content"])
    return pairs


FILE = "dag_id=etl/run_id=r/task_id=one/attempt={}.log"


def test_log_comes_with_its_source_and_a_token_for_what_follows(call: Caller) -> None:
    first = call.get(path(), headers={"Accept": "application/json"})
    told = f"*** Found local files:\n***   * /opt/airflow/logs/{FILE.format(1)}\n"
    assert content(first) == [("worker", f"{SOURCES.format(told)}first\nsecond")]

    token = first.get_json()["continuation_token"]
    after = call.get(path(), query_string={"token": token})
    assert content(after) == [("worker", "")]
    assert after.get_json()["continuation_token"] == token
    whole = call.get(path(), query_string={"full_content": "true"})
    assert whole.get_json() == first.get_json()


@pytest.mark.parametrize(
    ("accept", "as_text"),
    [
        ("text/plain", True),
        ("*/*", True),
        ("application/json, text/plain", True),
        ("text/plain;q=0.5, application/json", False),
        ("text/html", False),
        ("", False),
        (None, False),
    ],
)
def test_log_is_text_where_the_client_takes_it(call: Caller, accept: str | None, as_text: bool) -> None:
    answer = call.get(path(), headers={} if accept is None else {"Accept": accept})

    assert answer.content_type == ("text/plain" if as_text else "application/json")
    if as_text:
        text = answer.get_data(as_text=True)
        assert text.startswith("worker\n INFO - ::group::Log message source details\n*** Found local files:\n")
        assert text.endswith("::endgroup::\nfirst\nsecond\n")


def test_attempt_that_a_world_tells_of_without_its_log_has_one_all_the_same(deploy: Deploy) -> None:
    named = {"dag_id": "etl", "dag_run_id": "r", "task_id": "one"}
    unread = str([("worker", SOURCES.format("*** Could not read served logs: gone\n"))])

    ((_, made_up),) = content(deploy({**WORLD, "logs": []}).get(path()))
    assert "INFO - Started process 7 to run task" in made_up
    ((_, told),) = content(deploy({**WORLD, "logs": [{**named, "content": unread}]}).get(path()))
    assert told == SOURCES.format(NOT_FOUND)


def test_attempt_that_was_never_made_is_told_of_inside_the_log(call: Caller) -> None:
    ((host, text),) = content(call.get(path(number=9)))
    assert host == "worker"
    assert text.startswith(
        " INFO - ::group::Log message source details\n"
        "*** Could not read served logs: HTTPConnectionPool(host='worker', "
        f"port=8793): Max retries exceeded with url: /log/{FILE.format(9)} (Caused by NameResolutionError("
    )
    assert content(call.get(path(number=0))) == [("default_host", "Error fetching the logs. Try number 0 is invalid.")]
    assert content(call.get(path(run="new"))) == [("", SOURCES.format(""))]


@pytest.mark.parametrize("runs", ["timed", "instant"])
def test_worker_that_is_alive_says_that_it_has_no_file(deploy: Deploy, runs: str) -> None:
    call = deploy(WORLD, runs=runs)
    assert content(call.get(path(number=9))) == [("worker", SOURCES.format(NOT_FOUND))]
    assert content(call.get(path("many", 5), query_string={"map_index": 0})) == [("worker", SOURCES.format(NOT_FOUND))]
    assert content(call.get(path(number=0)))[0][0] == "default_host"


def test_worker_that_is_alive_serves_what_runs(deploy: Deploy) -> None:
    running = {**RAN, "task_id": "one", "state": "running", "start_date": "2025-06-01T11:59:00Z"}
    call = deploy({**WORLD, "task_instances": [running], "logs": [], "xcoms": [], "extra_links": []})
    ((_, text),) = content(call.get(path()))
    assert f"*** Found logs served from host http://worker:8793/log/{FILE.format(1)}\n" in text
    ((_, text),) = content(call.get(path(number=4)))
    assert text == SOURCES.format(NOT_FOUND)


def test_mapped_instance_is_named_by_a_parameter(call: Caller) -> None:
    ((_, text),) = content(call.get(path("many"), query_string={"map_index": 0}))
    assert "/task_id=many/map_index=0/attempt=1.log" in text
    assert problem(call.get(path("many"))) == (404, "TaskInstance not found", None)


def test_task_that_was_not_expanded_makes_airflow_fail(deploy: Deploy) -> None:
    for bugs, status in ((True, 500), (False, 400)):
        call = deploy(WORLD, runs="manual", airflow_bugs=bugs)
        assert call.get(path("many", run="new")).status_code == status
        assert content(call.get(path("many", 0, run="new")))[0][0] == "default_host"


@pytest.mark.parametrize("token", ["bad", "eyJhIjoxfQ.c2lnbg", "é"])
def test_made_up_token_is_refused_before_the_task_is_looked_for(call: Caller, token: str) -> None:
    title = "Bad Signature. Please use only the tokens provided by the API."
    assert problem(call.get(path("none"), query_string={"token": token})) == (400, title, None)
    assert problem(call.get(path("none"), query_string={"token": ""})) == (404, "TaskInstance not found", None)


def test_token_of_another_deployment_is_refused(deploy: Deploy) -> None:
    token = deploy(WORLD, seed=1).get(path()).get_json()["continuation_token"]
    assert deploy(WORLD, seed=1).get(path(), query_string={"token": token}).status_code == 200
    assert deploy(WORLD, seed=2).get(path(), query_string={"token": token}).status_code == 400


# links


def links(call: Caller, task: str, run: str = "r") -> Any:
    return call.get(f"/api/v1/dags/etl/dagRuns/{run}/taskInstances/{task}/links")


def test_links_by_name(call: Caller) -> None:
    assert links(call, "one").get_json() == {"Bare": None, "Docs": "http://d"}
    assert links(call, "kick").get_json() == {"Triggered DAG": "/dags/other/grid?dag_run_id=a%3Ab%2Bc"}


def test_link_of_a_trigger_outlives_a_clear_and_names_the_dag_before_the_first_run(call: Caller) -> None:
    call.post("/api/v1/dags/etl/dagRuns/r/clear", json={"dry_run": False})
    assert links(call, "kick").get_json() == {"Triggered DAG": "/dags/other/grid?dag_run_id=a%3Ab%2Bc"}
    assert links(call, "kick", "new").get_json() == {"Triggered DAG": "/dags/other/grid"}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("none/dagRuns/r/taskInstances/one", (404, "DAG not found", 'DAG with ID = "none" not found')),
        ("etl/dagRuns/r/taskInstances/none", (404, "Task not found", 'Task with ID = "none" not found')),
        ("etl/dagRuns/none/taskInstances/one", (404, "DAG Run not found", 'DAG Run with ID = "none" not found')),
        ("etl/dagRuns/r/taskInstances/many", (404, "DAG Run not found", 'DAG Run with ID = "r" not found')),
    ],
)
def test_links_of_what_does_not_exist(call: Caller, where: str, expected: Any) -> None:
    assert problem(call.get(f"/api/v1/dags/{where}/links")) == expected


@pytest.mark.parametrize(
    ("section", "entry", "place"),
    [
        ("logs", {"task_id": "one", "content": "[('a', 5)]"}, "logs[0].content"),
        ("logs", {"task_id": "one", "content": "[('a'"}, "logs[0].content"),
        ("extra_links", {"task_id": "one", "links": {"Docs": 5}}, "extra_links[0].links.Docs"),
        ("xcoms", {"task_id": "one", "valeu": 5}, "xcoms[0]"),
    ],
)
def test_world_with_a_bad_leftover_is_refused(deploy: Deploy, section: str, entry: Any, place: str) -> None:
    from mock_airflow.errors import WorldError

    with pytest.raises(WorldError) as caught:
        deploy({**WORLD, section: [{"dag_id": "etl", "dag_run_id": "r", **entry}]})
    assert place in str(caught.value)
