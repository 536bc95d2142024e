"""The experimental API: how it lets people in, what it answers, and in which words it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import Client

from tests.support import Caller, Deploy

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


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, **OPEN)


def error(answer: Any) -> tuple[int, str]:
    """The status and the text of a refusal, which is all that its body has."""
    body = answer.get_json()
    assert list(body) == ["error"]
    assert answer.content_type == "application/json"
    return answer.status_code, body["error"]


# Whether it is there, and who comes in


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/test"), ("PUT", "/pools"), ("GET", "/nope"), ("OPTIONS", "/test")]
)
def test_off_out_of_the_box_it_is_a_page_that_does_not_exist(deploy: Deploy, method: str, path: str) -> None:
    caller = deploy()
    answer = caller(method, X + path)

    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    assert "Deprecation" not in answer.headers
    assert "enable_experimental_api" in caller.deployment.journal.get(len(caller.deployment.journal)).told()["reason"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nope", 404), ("PUT", "/pools", 405), ("POST", "/test", 405)]
)
def test_unknown_routes_are_problems_without_its_headers(call: Caller, method: str, path: str, status: int) -> None:
    answer = call(method, X + path)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.headers["Vary"] == "Cookie"
    assert "Deprecation" not in answer.headers


@pytest.mark.parametrize("by", ["admin", "viewer", "public", None])
def test_whoever_comes_in_may_do_everything(call: Caller, by: str | None) -> None:
    assert call.post(f"{X}/pools", by=by, json={"name": "p", "slots": 1, "description": ""}).status_code == 200
    assert call.delete(f"{X}/dags/etl", by=by).status_code == 200


def test_every_answer_tells_of_the_end_and_only_users_get_a_session(call: Caller) -> None:
    mine, anonymous, refused = call.get(f"{X}/test"), call.get(f"{X}/test", by=None), call.get(f"{X}/pools/none")
    options = call("OPTIONS", f"{X}/test")

    for answer in (mine, anonymous, refused, options):
        assert answer.headers["Deprecation"] == "true"
        assert answer.headers["Vary"] == "Cookie"
        assert answer.headers["Link"] == (
            "<https://airflow.apache.org/docs/apache-airflow/2.11.2/upgrading-to-2.html#migration-guide-from-experimental"
            '-api-to-stable-api-v1>; rel="deprecation"; type="text/html"'
        )
    assert [answer.headers.get("Set-Cookie", "")[:8] for answer in (mine, anonymous, refused, options)] == [
        "session=",
        "",
        "session=",
        "",
    ]
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_no_cross_origin_headers(deploy: Deploy) -> None:
    caller = deploy(WORLD, **OPEN, access_control_allow_origins="http://ui.example.org")
    origin = {"Origin": "http://ui.example.org"}

    assert "Access-Control-Allow-Origin" not in caller.get(f"{X}/test", headers=origin).headers
    assert "Access-Control-Allow-Origin" in caller.get("/api/v1/dags", headers=origin).headers


@pytest.mark.parametrize(
    ("backends", "public", "header", "status", "challenge"),
    [
        ("basic_auth,session", "Public", None, 200, None),
        ("basic_auth,session", "Public", "Bearer x", 401, "Basic"),
        ("basic_auth,session", "Public", "Basic !!", 401, "Basic"),
        ("basic_auth,session", "Public", "Basic YWRtaW46eA==", 401, "Basic"),
        ("basic_auth,session", "", None, 401, "Basic"),
        ("basic_auth", "", "Basic YWRtaW46YWRtaW4=", 200, None),
        ("session,basic_auth", "Public", "Basic YWRtaW46YWRtaW4=", 401, None),
        ("session", "Public", None, 401, None),
        ("deny_all,basic_auth", "Public", "Basic YWRtaW46YWRtaW4=", 403, None),
    ],
)
def test_only_the_first_backend_counts(
    deploy: Deploy, backends: str, public: str, header: str | None, status: int, challenge: str | None
) -> None:
    caller = deploy(WORLD, **OPEN, auth_backends=backends, auth_role_public=public)
    answer = caller.get(f"{X}/test", by=None, headers={"Authorization": header} if header else {})

    assert (answer.status_code, answer.headers.get("WWW-Authenticate")) == (status, challenge)
    if status != 200:
        text = {401: "Unauthorized", 403: "Forbidden"}[status]
        assert (answer.get_data(as_text=True), answer.content_type) == (text, "text/html; charset=utf-8")
        assert "Set-Cookie" not in answer.headers


def test_session_opens_the_stable_api_until_its_user_is_gone(call: Caller) -> None:
    cookie = call.get(f"{X}/test", by="viewer").headers["Set-Cookie"]
    session = cookie.split(";")[0]
    client = Client(call.deployment.wsgi, use_cookies=False)

    def status(path: str, cookie: str = session) -> int:
        return client.get(path, headers={"Cookie": cookie}).status_code

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert (status("/api/v1/dags", ""), status("/api/v1/dags"), status("/api/v1/variables")) == (403, 200, 403)
    assert status("/api/v1/dags", session + "x") == 403
    call.deployment.airflow.users.delete("viewer")
    assert status("/api/v1/dags") == 403


def test_nothing_is_written_to_the_audit_log(call: Caller) -> None:
    call.post(RUNS, json={})
    call.delete(f"{X}/dags/etl")

    assert len(call.deployment.airflow.event_logs) == 0


def test_json_stands_on_one_line(call: Caller) -> None:
    assert call.get(f"{X}/info").get_data(as_text=True) == '{"version": "2.11.2"}'


# Pools


def test_pools_have_five_fields_and_are_overwritten(call: Caller) -> None:
    made = call.post(f"{X}/pools", json={"name": "p", "slots": "2", "description": None})
    assert made.get_json() == {"id": 2, "pool": "p", "slots": 2, "description": None, "include_deferred": False}

    again = call.post(f"{X}/pools", json={"name": "p", "slots": 7, "description": "d"})
    assert again.get_json() == {**made.get_json(), "slots": 7, "description": "d"}
    assert call.get(f"{X}/pools").get_json()[1] == again.get_json()
    assert call.delete(f"{X}/pools/p").get_json() == again.get_json()
    assert call.post(f"{X}/pools", json={"name": "q", "slots": 1, "description": ""}).get_json()["id"] == 2


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"name": " ", "slots": 1, "description": ""}, "Pool name shouldn't be empty"),
        ({"name": None, "slots": 1, "description": ""}, "Pool name shouldn't be empty"),
        ({"name": "p", "slots": "many", "description": ""}, "Bad value for `slots`: many"),
        ({"name": "p" * 257, "slots": 1, "description": ""}, "Pool name can't be more than 256 characters"),
    ],
)
def test_bad_pools_are_refused_in_its_words(call: Caller, body: Any, text: str) -> None:
    assert error(call.post(f"{X}/pools", json=body)) == (400, text)
    assert len(call.deployment.airflow.pools) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"name": "p"},
        {"name": "p", "slots": 1, "description": "", "include_deferred": True},
        {"name": "p", "slots": None, "description": ""},
        {"name": "p", "slots": 1 << 63, "description": ""},
        {"name": 5, "slots": 1, "description": ""},
        [],
        None,
    ],
)
def test_what_airflow_fails_at_is_a_page_or_a_clean_error(deploy: Deploy, body: Any) -> None:
    data = {"data": json.dumps(body), "content_type": "text/plain"}

    failed = deploy(WORLD, **OPEN).post(f"{X}/pools", **data)
    assert (failed.status_code, failed.content_type) == (500, "text/html; charset=utf-8")
    assert failed.headers["Deprecation"] == "true"
    assert error(deploy(WORLD, **OPEN, airflow_bugs=False).post(f"{X}/pools", **data))[0] == 400


def test_pools_that_cannot_be_had(call: Caller) -> None:
    assert error(call.get(f"{X}/pools/none")) == (404, "Pool 'none' doesn't exist")
    assert error(call.delete(f"{X}/pools/none")) == (404, "Pool 'none' doesn't exist")
    assert error(call.delete(f"{X}/pools/default_pool")) == (400, "default_pool cannot be deleted")
    assert error(call.get(f"{X}/pools/%20")) == (400, "Pool name shouldn't be empty")


# DAG runs


def test_runs_are_listed_by_date_and_state(call: Caller) -> None:
    runs = call.get(RUNS).get_json()
    assert [run["run_id"] for run in runs] == ["first", "second"]
    assert runs[0] == {
        "id": 2,
        "run_id": "first",
        "state": "success",
        "dag_id": "etl",
        "execution_date": "2025-05-01T00:00:00+00:00",
        "start_date": "",
        "dag_run_url": "/dags/etl/graph?execution_date=2025-05-01+00:00:00%2B00:00",
    }
    assert [run["run_id"] for run in call.get(f"{RUNS}?state=FAILED&state=success").get_json()] == ["second"]
    assert len(call.get(f"{RUNS}?state=&bogus=1").get_json()) == 2
    assert call.get(f"{RUNS}?state=bogus").status_code == 500
    assert error(call.get(f"{X}/dags/none/dag_runs")) == (400, "Dag id none not found in DagModel")
    assert [run["execution_date"] for run in call.get(f"{X}/latest_runs").get_json()["items"]] == [
        "2025-05-02T00:00:00+00:00"
    ]


@pytest.mark.parametrize(
    ("body", "date", "run_id"),
    [
        ({}, "2025-06-01T12:00:00+00:00", "manual__2025-06-01T12:00:00+00:00"),
        ([], "2025-06-01T12:00:00+00:00", "manual__2025-06-01T12:00:00+00:00"),
        ("x", "2025-06-01T12:00:00+00:00", "manual__2025-06-01T12:00:00+00:00"),
        ({"execution_date": None}, "2025-06-01T12:00:00+00:00", "manual__2025-06-01T12:00:00+00:00"),
        (
            {"replace_microseconds": "false"},
            "2025-06-01T12:00:00.250000+00:00",
            "manual__2025-06-01T12:00:00.250000+00:00",
        ),
        ({"execution_date": "2025-03-06"}, "2025-03-06T00:00:00+00:00", "manual__2025-03-06T00:00:00+00:00"),
        ({"execution_date": "2025-03-06T01:02:03.5"}, "2025-03-06T01:02:03.500000+00:00", None),
        ({"execution_date": "2025-03-06T01:02:03.5", "replace_microseconds": "Yes"}, "2025-03-06T01:02:03+00:00", None),
        (
            {"execution_date": "2025-03-06T01:02:03+05:30"},
            "2025-03-06T01:02:03+05:30",
            "manual__2025-03-06T01:02:03+05:30",
        ),
        ({"execution_date": "20250306T0102"}, "2025-03-06T01:02:00+00:00", None),
        ({"execution_date": "6 March 2025"}, "2025-03-06T00:00:00+00:00", None),
        (
            {"execution_date": "2025-03-06", "run_id": ""},
            "2025-03-06T00:00:00+00:00",
            "manual__2025-03-06T00:00:00+00:00",
        ),
        ({"execution_date": "2025-03-06", "run_id": "mine", "bogus": 1}, "2025-03-06T00:00:00+00:00", "mine"),
    ],
)
def test_trigger_reads_dates_generously(deploy: Deploy, body: Any, date: str, run_id: str | None) -> None:
    caller = deploy(WORLD, **OPEN, clock="2025-06-01T12:00:00.250000+00:00")
    answer = caller.post(RUNS, data=json.dumps(body), content_type="text/plain").get_json()

    assert (answer["execution_date"], answer["run_id"]) == (date, run_id or f"manual__{date}")
    assert answer["message"] == (
        f"Created <DagRun etl @ {date.replace('T', ' ')}: {answer['run_id']}, state:queued, "
        "queued_at: 2025-06-01 12:00:00.250000+00:00. externally triggered: True>"
    )


def test_triggered_run_is_an_ordinary_one(call: Caller) -> None:
    call.post(RUNS, by=None, json={"run_id": "r", "conf": {"a": 1}, "execution_date": "2025-03-06T02:00:00+02:00"})

    run = call.get("/api/v1/dags/etl/dagRuns/r").get_json()
    assert (run["conf"], run["run_type"], run["state"]) == ({"a": 1}, "manual", "queued")
    assert run["logical_date"] == "2025-03-06T00:00:00+00:00"
    assert call.get("/api/v1/dags/etl/dagRuns/r/taskInstances").get_json()["total_entries"] == 2


def test_schedulers_run_ids_are_allowed_and_decide_the_type(call: Caller) -> None:
    call.post(RUNS, json={"run_id": "scheduled__x"})

    run = call.get("/api/v1/dags/etl/dagRuns/scheduled__x").get_json()
    assert (run["run_type"], run["external_trigger"]) == ("scheduled", True)


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (
            {"execution_date": "x"},
            400,
            "Given execution date, x, could not be identified as a date. Example date format: ",
        ),
        (
            {"execution_date": ""},
            400,
            "Given execution date, , could not be identified as a date. Example date format: ",
        ),
        ({"conf": None}, 400, "Dag Run conf must be a dictionary object, other types are not supported"),
        ({"conf": "{}"}, 400, "Dag Run conf must be a dictionary object, other types are not supported"),
        (
            {"run_id": "first", "execution_date": "2025-03-06"},
            400,
            "A DAG Run already exists for DAG etl at 2025-03-06 00:00:00+00:00 with run id first",
        ),
        (
            {"run_id": "new", "execution_date": RUN_DATE},
            400,
            "A DAG Run already exists for DAG etl at 2025-05-01 00:00:00+00:00 with run id new",
        ),
        (
            {"run_id": "sp ace"},
            500,
            "The provided run ID 'sp ace' is invalid. It does not match either the configured ",
        ),
    ],
)
def test_refused_triggers_leave_no_run(call: Caller, body: Any, status: int, text: str) -> None:
    got, told = error(call.post(RUNS, json=body))

    assert (got, told[: len(text)]) == (status, text)
    assert len(call.deployment.airflow.dag_runs) == 2


@pytest.mark.parametrize(
    "body", [{"execution_date": 5}, {"run_id": 5}, {"replace_microseconds": True}, None, ["run_id"]]
)
def test_triggers_that_airflow_fails_at(call: Caller, body: Any) -> None:
    assert call.post(RUNS, data=json.dumps(body)).status_code == 500


@pytest.mark.parametrize("data", ["", "{", "[" * 100_000])
def test_body_that_is_no_json_is_the_frameworks_page(call: Caller, data: str) -> None:
    answer = call.post(RUNS, data=data, content_type="application/json")

    assert (answer.status_code, answer.content_type) == (400, "text/html; charset=utf-8")
    assert "<h1>Bad Request</h1>" in answer.get_data(as_text=True)
    assert answer.headers["Deprecation"] == "true"


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/dags/none/dag_runs/2025-05-01", 404, "Dag id none not found in DagModel"),
        ("/dags/gone/dag_runs/2025-05-01", 404, "Dag id gone not found"),
        (
            "/dags/etl/dag_runs/2030-01-01T00:00:00Z",
            404,
            "Dag Run for date 2030-01-01 00:00:00+00:00 not found in dag etl",
        ),
        ("/dags/none/dag_runs/x", 400, "Given execution date, x, could not be identified as a date. Example date "),
        ("/lineage/none/2025-05-01", 404, "Dag id none not found in DagModel"),
        ("/lineage/etl/2030-01-01", 404, "Dag Run for date 2030-01-01 00:00:00+00:00 not found in dag etl"),
        ("/dags/etl/dag_runs/2030-01-01/tasks/none", 404, "Task none not found in dag etl"),
        (
            "/dags/etl/dag_runs/2030-01-01/tasks/load",
            404,
            "Dag Run for date 2030-01-01 00:00:00+00:00 not found in dag etl",
        ),
        (
            "/dags/etl/dag_runs/2025-05-01/tasks/load",
            404,
            "Task load instance for date 2025-05-01 00:00:00+00:00 not found",
        ),
        ("/dags/etl/tasks/none", 404, "Task none not found in dag etl"),
        ("/dags/none/code", 404, "Dag id none not found in DagModel"),
    ],
)
def test_what_is_not_there_is_told_in_order(call: Caller, path: str, status: int, text: str) -> None:
    got, told = error(call.get(X + path))

    assert (got, told[: len(text)]) == (status, text)


def test_state_and_lineage_by_date(call: Caller) -> None:
    assert call.get(f"{RUNS}/2025-05-01T02:00:00+02:00").get_json() == {"state": "success"}
    assert call.get(f"{X}/lineage/etl/2025-05-01").get_json() == {"task_ids": {}}


# DAGs and tasks


def test_pausing_takes_only_true(call: Caller) -> None:
    paused = f"{X}/dags/etl/paused"

    assert call.get(f"{paused}/true").get_json() == {"response": "ok"}
    assert call.get(paused).get_json() == {"is_paused": True}
    assert call.get("/api/v1/dags/etl").get_json()["is_paused"] is True
    call.get(f"{paused}/True")
    assert call.get(paused).get_json() == {"is_paused": False}
    assert call.get(f"{X}/dags/none/paused").status_code == 500
    assert call.get(f"{X}/dags/none/paused/true").status_code == 500


def test_delete_counts_rows(call: Caller) -> None:
    answer = call.delete(f"{X}/dags/etl")

    assert answer.get_json() == {"count": 6, "message": "Removed 6 record(s)"}  # DAG, 2 tags, 2 runs, 1 job
    assert error(call.delete(f"{X}/dags/etl")) == (404, "Dag id etl not found")
    assert call.get("/api/v1/dags/etl").status_code == 404


def test_delete_waits_for_running_tasks(deploy: Deploy) -> None:
    running = {**WORLD["task_instances"][0], "state": "running", "end_date": None}
    for settings, status in (({}, 500), ({"airflow_bugs": False}, 400)):
        caller = deploy({**WORLD, "task_instances": [running]}, **OPEN, **settings)

        assert error(caller.delete(f"{X}/dags/etl")) == (status, "TaskInstances still running")


def test_instance_attributes_are_texts(call: Caller) -> None:
    told = call.get(f"{RUNS}/2025-05-01/tasks/extract").get_json()

    assert len(told) == 34
    assert {type(value) for value in told.values()} == {str}
    assert (told["duration"], told["pid"], told["map_index"], told["test_mode"]) == ("2.0", "77", "-1", "False")
    assert (told["start_date"], told["external_executor_id"]) == ("2025-05-01 00:00:05+00:00", "None")
    assert told["custom_operator_name"] == "@task"
    assert told["job_id"] == "2"  # the scheduler's own is the first
    assert told["dag_run"].startswith("<DagRun etl @ 2025-05-01 00:00:00+00:00: first, state:success, queued_at: 20")


def test_task_attributes_are_texts(call: Caller) -> None:
    told = call.get(f"{X}/dags/etl/tasks/load").get_json()

    assert len(told) == 57
    assert {type(value) for value in told.values()} == {str}
    assert (told["retries"], told["retry_delay"], told["email_on_failure"]) == ("2", "0:01:30", "True")
    assert (told["upstream_task_ids"], told["doc_md"], told["inlets"]) == ("set()", "None", "[]")
    assert told["weight_rule"].startswith(
        "<airflow.task.priority_strategy._DownstreamPriorityWeightStrategy object at 0x7f"
    )
