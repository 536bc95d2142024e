"""`MockAirflow`: the object that a test holds, with and without pytest."""

import threading
from datetime import datetime, timedelta, timezone

import pytest
import requests

import mock_airflow
from mock_airflow import Deployment, MockAirflow, MockAirflowError, Settings
from mock_airflow.domain.errors import DagNotFoundError, DagRunNotFoundError, RunIdTakenError
from mock_airflow.errors import (
    AccessKeyError,
    DagError,
    LimitError,
    MockClosedError,
    SettingError,
    UnknownRoleError,
    WorldError,
)

BASE = "https://airflow.example"
START = datetime(2025, 1, 1, 6, tzinfo=timezone.utc)


@pytest.fixture
def airflow():
    with MockAirflow(clock=START, frozen=True) as mock:
        yield mock


def call(mock, method, path, headers=None, **more):
    with mock.intercept(BASE):
        return requests.request(
            method, f"{BASE}/api/v1{path}", headers=mock.headers if headers is None else headers, **more
        )


def test_public_names_exist():
    assert mock_airflow.MockAirflow is MockAirflow
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mock_airflow.nothing  # noqa: B018 - the access is the test


def test_settings_by_keyword():
    mock = MockAirflow(profile="datacoves", rate_limit="500/minute", seed=7)

    assert (mock.settings.profile, mock.settings.rate_limit, mock.settings.seed) == ("datacoves", "500/minute", 7)
    assert repr(mock) == "<MockAirflow Settings(profile='datacoves', rate_limit='500/minute', seed=7)>"


def test_unknown_setting_names_the_nearest():
    with pytest.raises(SettingError, match="no setting 'profle'; did you mean 'profile'"):
        MockAirflow(profle="datacoves")
    with pytest.raises(SettingError, match="did you mean 'datacoves'"):
        MockAirflow(profile="datacove")
    with pytest.raises(LimitError, match="such as 500/minute"):
        MockAirflow(rate_limit="often")


# ------------------------------------------------------------------------------------------------------ reaching it


def test_server_is_opened_on_first_use_and_closed_at_the_end():
    with MockAirflow() as mock:
        assert mock._server is None
        url = mock.url
        assert mock.url == url
        assert mock.api_url == url + "/api/v1"
        assert not url.endswith("/")
        assert requests.get(url + "/health").ok
        assert repr(mock) == f"<MockAirflow Settings() at {url}>"
    with pytest.raises(requests.ConnectionError):
        requests.get(url + "/health")
    with pytest.raises(MockClosedError, match="was closed"):
        mock.url  # noqa: B018 - the access is the test
    mock.close()


def test_closing_does_not_wait_for_a_request_that_waits_for_the_lock():
    mock = MockAirflow()
    url = mock.url

    def ask():
        with pytest.raises(requests.ConnectionError):
            requests.get(url + "/health")

    asked = threading.Thread(target=ask)
    with mock.deployment.lock:
        asked.start()
        mock.close()
    asked.join()


def test_each_has_its_own_server_and_state():
    with MockAirflow() as one, MockAirflow() as two:
        one.add_dag("etl")
        found = [requests.get(mock.api_url + "/dags/etl", headers=mock.headers).status_code for mock in (one, two)]

        assert found == [200, 404]
        assert one.url != two.url


@pytest.mark.parametrize("profile", ["airflow2", "datacoves"])
@pytest.mark.parametrize("role", ["Admin", "Op", "User", "Viewer", "Public"])
def test_principal_acts_with_its_role(profile, role):
    mock = MockAirflow(profile=profile)
    mock.add_dag("etl")
    logins = [user.login_count for user in mock.deployment.airflow.users]
    account = mock.principal(role)
    assert [user.login_count for user in mock.deployment.airflow.users][: len(logins)] == logins
    answers = [
        call(mock, "GET", "/dags", account.headers).status_code,
        call(mock, "POST", "/dags/etl/dagRuns", account.headers, json={}).status_code,
        call(mock, "POST", "/pools", account.headers, json={"name": "p", "slots": 1}).status_code,
    ]

    assert account.roles == (role,)
    assert {each.principal for each in mock.calls} == {account.name}
    assert (
        answers
        == {
            "Public": [403, 403, 403],
            "Viewer": [200, 403, 403],
            "User": [200, 200, 403],
            "Op": [200, 200, 200],
            "Admin": [200, 200, 200],
        }[role]
    )
    assert all(value not in repr(account) for value in account.headers.values())


def test_unknown_role_names_the_nearest(airflow):
    with pytest.raises(UnknownRoleError, match="no role 'viewer'; did you mean 'Viewer'"):
        airflow.principal("viewer")


def test_the_simple_auth_manager_knows_its_own_roles_only():
    mock = MockAirflow(airflow_version="3.3.2")

    with pytest.raises(UnknownRoleError, match=r"Simple auth manager has no role 'Public'.*auth_manager=fab"):
        mock.principal("Public")
    assert "public" not in mock.deployment.passwords


def test_credentials_are_those_of_the_profile():
    assert MockAirflow().credentials == {"username": "admin", "password": "admin"}
    assert MockAirflow().headers == {"Authorization": "Basic YWRtaW46YWRtaW4="}
    datacoves = MockAirflow(profile="datacoves")
    assert datacoves.headers == {"Authorization": f"Token {datacoves.credentials['api_key']}"}
    assert MockAirflow(profile="datacoves").credentials == datacoves.credentials  # from the seed
    assert MockAirflow(profile="datacoves", seed=1).credentials != datacoves.credentials


def test_env_points_at_the_server():
    with MockAirflow(profile="datacoves") as mock:
        assert mock.env["MY_AIRFLOW_API_URL"] == mock.api_url + "/"
        assert mock.env["MY_AIRFLOW_API_KEY"] == mock.credentials["api_key"]
    with MockAirflow() as mock:
        assert mock.env["AIRFLOW_API_URL"] == mock.api_url


# ----------------------------------------------------------------------------------------------------- DAGs and runs


def downstream(dag):
    return {task.task_id: task.downstream_task_ids for task in dag.tasks.values()}


def test_dag_without_tasks(airflow):
    assert downstream(airflow.add_dag("etl")) == {}
    assert airflow.trigger("etl").state == "queued"


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        (("a", "b", "c"), {"a": ("b",), "b": ("c",), "c": ()}),
        (["a"], {"a": ()}),
        ({"a": ["b", "c"]}, {"a": ("b", "c"), "b": (), "c": ()}),
        ({"b": [], "a": ["b"]}, {"a": ("b",), "b": ()}),
        ([{"task_id": "a", "downstream_task_ids": ["b"]}, {"task_id": "b", "retries": 2}], {"a": ("b",), "b": ()}),
    ],
)
def test_forms_of_tasks(airflow, tasks, expected):
    dag = airflow.add_dag("etl", tasks)

    assert downstream(dag) == expected
    assert {task.class_name for task in dag.tasks.values()} == {"PythonOperator"}
    assert airflow.calls == []
    listed = call(airflow, "GET", "/dags/etl/tasks").json()["tasks"]
    assert [task["task_id"] for task in listed] == sorted(expected)


def test_fields_of_dag_and_tasks_are_airflows_own(airflow):
    tasks = [{"task_id": "a", "operator_name": "EmptyOperator", "pool": "p", "retries": 3}]
    airflow.add_dag("etl", tasks, "@daily", tags=["x"], is_paused=True, params={"n": 1}, description="Loads")
    details = call(airflow, "GET", "/dags/etl/details").json()
    task = call(airflow, "GET", "/dags/etl/tasks/a").json()

    assert (details["is_paused"], details["description"], details["tags"]) == (True, "Loads", [{"name": "x"}])
    assert details["schedule_interval"] == {"__type": "CronExpression", "value": "@daily"}
    assert details["params"]["n"]["value"] == 1
    assert (task["pool"], task["retries"], task["class_ref"]["class_name"]) == ("p", 3, "EmptyOperator")


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"dag_id": "taken"}, DagError, "There already is a DAG 'taken'"),
        ({"dag_id": ""}, DagError, "at least one character"),
        ({"tasks": "extract"}, DagError, "a sequence such as .'extract', 'load'."),
        ({"tasks": 3}, DagError, "not 3"),
        ({"tasks": {"a": "b"}}, DagError, "is a list of task ids, such as .'b'., not 'b'"),
        ({"tasks": ("a", "a")}, WorldError, "two tasks 'a'"),
        ({"tasks": ("a", 3)}, WorldError, "an object is expected, not the number 3"),
        ({"tasks": {"a": ["b"], "b": ["a"]}}, WorldError, "'a', 'b' depend on each other in a circle"),
        (
            {"tasks": [{"task_id": "load", "downstream_task_ids": ["lod"]}]},
            WorldError,
            "'load' has 'lod' downstream, which the DAG does not have. Did you mean 'load'?",
        ),
        ({"tasks": [{"task_id": "a", "retry": 2}]}, WorldError, "no key 'retry' here. Did you mean 'retries'?"),
        ({"schedule": "at six"}, DagError, "The schedule 'at six' of the DAG 'etl' cannot be understood"),
        ({"tagz": ["x"]}, WorldError, "no key 'tagz' here. Did you mean 'tags'?"),
    ],
)
def test_dag_that_makes_no_sense_is_refused_and_nothing_changed(airflow, more, error, message):
    airflow.add_dag("taken")
    before = airflow.snapshot()
    with pytest.raises(error, match=message) as raised:
        airflow.add_dag(**{"dag_id": "etl", **more})

    assert isinstance(raised.value, MockAirflowError)
    assert airflow.snapshot().tables["dags"] == before.tables["dags"]


def test_dag_scheduled_by_datasets_runs_when_they_change(airflow):
    airflow.add_dag("producer", [{"task_id": "write", "outlets": ["s3://a"]}])
    airflow.add_dag("consumer", ("read",), schedule=["s3://a", "s3://b"])
    airflow.add_dag("either", schedule={"any": ["s3://a", "s3://b"]})
    datasets = {each["uri"]: each for each in call(airflow, "GET", "/datasets").json()["datasets"]}
    airflow.trigger("producer")
    airflow.clock.advance(minutes=5)
    call(airflow, "POST", "/datasets/events", json={"dataset_uri": "s3://b"})
    airflow.clock.advance(minutes=5)
    runs = [call(airflow, "GET", f"/dags/{dag}/dagRuns").json()["dag_runs"] for dag in ("consumer", "either")]

    assert [each["dag_id"] for each in datasets["s3://a"]["consuming_dags"]] == ["consumer", "either"]
    assert [each["task_id"] for each in datasets["s3://a"]["producing_tasks"]] == ["write"]
    assert len({each["id"] for each in datasets.values()}) == 2
    assert [[run["run_type"] for run in each] for each in runs] == [["dataset_triggered"], ["dataset_triggered"] * 2]


def test_schedule_of_a_period(airflow):
    dag = airflow.add_dag("etl", schedule=timedelta(hours=2))

    assert (dag.schedule.kind, dag.schedule.delta) == ("timedelta", timedelta(hours=2))


def test_run_from_trigger_to_success(airflow):
    airflow.add_dag("etl", ("extract", "load"))
    run = airflow.trigger("etl", {"day": 1}, note="by hand")
    states = [airflow.dag_run("etl", run.run_id).state]
    airflow.clock.advance(2)
    states.append(airflow.dag_run("etl", run.run_id).state)
    airflow.clock.advance(minutes=5)
    end = airflow.dag_run("etl", run.run_id)

    assert [*states, end.state] == ["queued", "running", "success"]
    assert (run.conf, run.note, run.logical_date, run.run_id) == (
        {"day": 1},
        "by hand",
        START,
        "manual__2025-01-01T06:00:00+00:00",
    )
    assert run.state == "queued"  # the record of then
    assert airflow.calls == []


def test_instant_runs_are_over_at_once():
    mock = MockAirflow(runs="instant")
    mock.add_dag("etl", ("extract", "load"))

    assert mock.trigger("etl", run_id="mine").state == "success"


def test_trigger_refuses_what_the_api_refuses(airflow):
    airflow.add_dag("etl")
    airflow.trigger("etl", run_id="mine")
    airflow.clock.advance(1)

    with pytest.raises(RunIdTakenError):
        airflow.trigger("etl", run_id="mine")
    with pytest.raises(DagNotFoundError):
        airflow.trigger("none")
    with pytest.raises(DagRunNotFoundError):
        airflow.dag_run("etl", "none")


# --------------------------------------------------------------------------------------- access, limits, looking back


def test_keys():
    with MockAirflow(profile="datacoves", clock=START, frozen=True) as mock:

        def status(issued):
            return call(mock, "GET", "/dags", {"Authorization": f"Token {issued.secret}"}).status_code

        reader = mock.keys.create(name="reader", scope="read-only")
        brief = mock.keys.create(expires_in=60)
        assert (status(reader), status(brief)) == (200, 200)
        mock.clock.advance(60)
        assert (status(reader), status(brief)) == (200, 401)
        turned = mock.keys.rotate(reader)
        assert (status(reader), status(turned)) == (401, 200)
        mock.keys.expire(turned)
        assert status(turned) == 401
        other = mock.keys.create()
        mock.keys.revoke(other.secret[:8])
        assert status(other) == 401
        assert [key.name for key in mock.keys.list()] == ["first key", "reader", "", ""]
        with pytest.raises(AccessKeyError, match="no scope 'reader'"):
            mock.keys.create(scope="reader")
        assert mock.calls[-1].reason.startswith(f"The key {other.secret[:8]} was revoked at 2025-01-01T06:01:00")


@pytest.mark.parametrize("profile", ["airflow2", "datacoves"])
def test_limits(profile):
    mock = MockAirflow(profile=profile, clock=START, frozen=True)
    viewer = mock.principal("Viewer")
    with pytest.raises(LimitError, match="There is no limit to exhaust"):
        mock.limits.exhaust()
    mock.limits.set("60/minute", burst="2/second")
    assert [call(mock, "GET", "/dags").status_code for _ in range(3)] == [200, 200, 429]
    assert call(mock, "GET", "/dags", viewer.headers).status_code == 200
    mock.clock.advance(60)
    mock.limits.exhaust()
    refused = [call(mock, "GET", "/dags", each) for each in (mock.headers, viewer.headers)]
    assert [(each.status_code, each.headers["Retry-After"]) for each in refused] == [(429, "1")] * 2
    mock.clock.advance(1)
    assert [call(mock, "GET", "/dags").status_code for _ in range(2)] == [200, 429]
    mock.limits.set(None)
    assert call(mock, "GET", "/dags").status_code == 200


def test_exhausted_limits_go_with_snapshots():
    mock = MockAirflow(rate_limit="60/minute", clock=START, frozen=True)
    fresh = mock.snapshot()
    mock.limits.exhaust()
    empty = mock.snapshot()
    mock.restore(fresh)
    assert call(mock, "GET", "/dags").status_code == 200
    mock.restore(empty)
    assert call(mock, "GET", "/dags").status_code == 429


def test_calls_tell_what_was_asked_and_answered(airflow):
    airflow.add_dag("etl")
    call(airflow, "POST", "/dags/etl/dagRuns", json={"conf": {"password": "hush"}, "note": "hi"})
    call(airflow, "GET", "/dags?limit=1", {"Authorization": "Basic YWRtaW46d3Jvbmc="})
    first, second = airflow.calls

    assert (first.method, first.path, first.status, first.operation_id) == (
        "POST",
        "/api/v1/dags/etl/dagRuns",
        200,
        "post_dag_run",
    )
    assert (first.principal, first.credential, first.at) == ("admin", "Basic admin:***", START)
    assert first.request_json == {"conf": {"password": "***"}, "note": "hi"}
    assert first.response_json["dag_id"] == "etl"
    assert (second.query, second.status, second.decision) == ("limit=1", 403, "refused")
    assert "password of the user 'admin' does not match" in second.reason
    assert second.request_json is None


def test_snapshot_restore_reset():
    mock = MockAirflow(profile="datacoves", clock=START, frozen=True)
    mock.add_dag("etl")
    kept = mock.snapshot()
    mock.trigger("etl", run_id="one")
    key = mock.keys.create()
    mock.clock.advance(60)
    call(mock, "GET", "/dags")
    for _ in range(2):
        mock.restore(kept)
        assert mock.clock.now() == START
        assert len(mock.keys.list()) == 1
        with pytest.raises(DagRunNotFoundError):
            mock.dag_run("etl", "one")
        mock.trigger("etl", run_id="one")
    assert len(mock.calls) == 1
    assert mock.keys.create().secret == key.secret  # the same draw of the same seed
    mock.reset()
    assert mock.calls == []
    assert call(mock, "GET", "/dags").json()["total_entries"] == 0


def test_starting_state_bears_the_moment_at_which_the_clock_starts():
    mock = MockAirflow(profile="datacoves", clock=START)

    assert [key.created_at for key in mock.keys.list()] == [START]
    assert START <= mock.clock.now() < START + timedelta(minutes=10)


def test_clock_runs():
    clock = MockAirflow(clock=START).clock
    first = clock.now()

    assert any(clock.now() > first for _ in range(1_000_000))


def test_fresh_one_begins_now_however_old_the_first_one_is():
    old = Deployment(Settings(clock=START), wall=lambda: 0.0)
    fresh = old.fresh()
    for _ in range(2):
        assert START <= fresh.clock.now() < START + timedelta(minutes=10)
        fresh.reset()


def test_clock_is_the_machines_unless_told_otherwise():
    before = datetime.now(timezone.utc)
    now = MockAirflow().clock.now()

    assert before - timedelta(seconds=1) <= now <= datetime.now(timezone.utc) + timedelta(seconds=1)


# ---------------------------------------------------------------------------------------------------- worlds and forks


def test_world_and_its_settings(tmp_path):
    world = tmp_path / "world.json"
    world.write_text(
        '{"settings": {"seed": 5, "runs": "instant", "clock": "2025-01-01T06:00:00Z"}, "dags": [{"dag_id": "etl"}],'
        ' "version": {"git_version": ".release:abc"}}'
    )
    mock = MockAirflow(world=str(world), seed=6)

    assert (mock.settings.seed, mock.settings.runs, mock.settings.clock) == (6, "instant", START)
    assert mock.trigger("etl").state == "success"
    assert call(mock, "GET", "/version").json()["git_version"] == ".release:abc"
    with pytest.raises(WorldError, match="no built-in world 'dem'"):
        MockAirflow(world="dem")


def test_forks_share_nothing():
    mock = MockAirflow()
    mock.add_dag("etl")
    fork = MockAirflow.of(mock.deployment.fork())
    for each in (mock, fork):
        assert call(each, "GET", "/dags/etl").status_code == 200
    fork.add_dag("more")
    mock.trigger("etl", run_id="one")

    assert call(mock, "GET", "/dags/more").status_code == 404
    with pytest.raises(DagRunNotFoundError):
        fork.dag_run("etl", "one")
    assert (len(mock.calls), len(fork.calls)) == (2, 1)


def test_fork_keeps_the_clock_and_fresh_starts_it_again():
    mock = MockAirflow(clock=START, frozen=True)
    mock.add_dag("etl")
    mock.clock.advance(60)
    fork, fresh = mock.deployment.fork(), mock.deployment.fresh()

    assert (fork.clock.now(), fresh.clock.now()) == (START + timedelta(seconds=60), START)
    assert (len(fork.airflow.dags), len(fresh.airflow.dags)) == (1, 0)
    fresh.clock.advance(5)
    fresh.reset()
    assert fresh.clock.now() == START
    assert fresh.credentials == fork.credentials == mock.credentials
