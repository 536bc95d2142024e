"""`apache-airflow-client` 2.10.0 from PyPI, driven as its own docs do, against the live server."""

import time
from datetime import datetime, timedelta, timezone

import airflow_client.client as client
import pytest
from airflow_client.client.api import dag_api, dag_run_api, monitoring_api, task_instance_api
from airflow_client.client.exceptions import ApiException, ForbiddenException, NotFoundException
from airflow_client.client.model.dag_run import DAGRun

from mock_airflow import MockAirflow

START = datetime(2025, 1, 1, 6, tzinfo=timezone.utc)


@pytest.fixture
def airflow():
    with MockAirflow(clock=START, frozen=True) as mock:
        mock.add_dag(
            "etl", tasks={"extract": ["transform"], "transform": ["load"]}, schedule="@daily", tags=["nightly"]
        )
        mock.add_dag("adhoc", tasks=("only",))
        yield mock


@pytest.fixture
def api(airflow):
    configuration = client.Configuration(host=airflow.api_url, **airflow.credentials)
    with client.ApiClient(configuration) as made:
        yield made


@pytest.fixture
def slept(airflow, monkeypatch):
    """The seconds that the test meant to sleep; they pass on the clock instead."""
    seconds = []

    def sleep(amount):
        seconds.append(amount)
        airflow.clock.advance(amount)

    monkeypatch.setattr(time, "sleep", sleep)
    return seconds


def paths(airflow):
    return [(call.method, call.path.removeprefix("/api/v1"), call.status) for call in airflow.calls]


def test_list_and_details(airflow, api):
    dags = dag_api.DAGApi(api)
    listed = dags.get_dags(limit=1, tags=["nightly"], order_by="dag_id")
    details = dags.get_dag_details("etl")
    tasks = dags.get_tasks("etl")

    assert (listed.total_entries, [dag.dag_id for dag in listed.dags]) == (1, ["etl"])
    assert listed.dags[0].tags[0].name == "nightly"
    assert listed.dags[0].schedule_interval.value == "@daily"
    assert (details.dag_id, details.is_paused, details.catchup) == ("etl", False, True)
    assert sorted(task.task_id for task in tasks.tasks) == ["extract", "load", "transform"]
    assert paths(airflow) == [("GET", "/dags", 200), ("GET", "/dags/etl/details", 200), ("GET", "/dags/etl/tasks", 200)]


def test_from_trigger_with_conf_to_success(airflow, api, slept):
    runs = dag_run_api.DAGRunApi(api)
    run = runs.post_dag_run("etl", DAGRun(conf={"region": "north", "full": True}, note="by the client"))
    assert (str(run.state), run.conf, run.note) == ("queued", {"region": "north", "full": True}, "by the client")
    assert run.logical_date == START
    seen = [str(run.state)]
    while seen[-1] not in ("success", "failed"):
        time.sleep(2)
        seen.append(str(runs.get_dag_run("etl", run.dag_run_id).state))
    found = task_instance_api.TaskInstanceApi(api).get_task_instances("etl", run.dag_run_id)

    assert [state for state, before in zip(seen, [None, *seen], strict=False) if state != before] == [
        "queued",
        "running",
        "success",
    ]
    assert {each.task_id: str(each.state) for each in found.task_instances} == dict.fromkeys(
        ["extract", "transform", "load"], "success"
    )
    ends = {each.task_id: datetime.fromisoformat(each.end_date) for each in found.task_instances}
    assert ends["extract"] < ends["transform"] < ends["load"]
    assert set(slept) == {2}
    done, record = runs.get_dag_run("etl", run.dag_run_id), airflow.dag_run("etl", run.dag_run_id)
    assert (done.start_date, done.end_date) == (record.start_date, record.end_date)
    assert done.end_date >= max(ends.values())


def test_pausing(airflow, api):
    answer = dag_api.DAGApi(api).patch_dag("etl", client.model.dag.DAG(is_paused=True))

    assert answer.is_paused is True
    assert dag_api.DAGApi(api).get_dag("etl").is_paused is True


def test_health_and_version_need_no_password(airflow):
    monitoring = monitoring_api.MonitoringApi(client.ApiClient(client.Configuration(host=airflow.api_url)))

    assert str(monitoring.get_health().scheduler.status) == "healthy"
    assert monitoring.get_version().version == "2.11.2"


def test_what_does_not_exist_is_404(airflow, api):
    with pytest.raises(NotFoundException) as raised:
        dag_api.DAGApi(api).get_dag("none")

    assert (raised.value.status, raised.value.reason) == (404, "NOT FOUND")
    assert raised.value.headers["Content-Type"] == "application/problem+json"
    with pytest.raises(NotFoundException):
        dag_run_api.DAGRunApi(api).get_dag_run("etl", "none")


def test_a_run_id_that_is_taken_is_409(airflow, api, slept):
    runs = dag_run_api.DAGRunApi(api)
    runs.post_dag_run("etl", DAGRun(dag_run_id="mine"))
    time.sleep(1)
    with pytest.raises(ApiException) as raised:
        runs.post_dag_run("etl", DAGRun(dag_run_id="mine"))

    assert (raised.value.status, raised.value.reason) == (409, "CONFLICT")
    assert "DAGRun with DAG ID: 'etl' and DAGRun ID: 'mine' already exists" in raised.value.body


def test_a_wrong_password_is_403(airflow):
    configuration = client.Configuration(host=airflow.api_url, username="admin", password="wrong")
    with client.ApiClient(configuration) as api, pytest.raises(ForbiddenException) as raised:
        dag_api.DAGApi(api).get_dags()

    assert raised.value.status == 403
    assert "The password of the user 'admin' does not match" in airflow.calls[0].reason


def test_a_viewer_may_look_and_not_touch(airflow):
    configuration = client.Configuration(host=airflow.api_url, **airflow.principal("Viewer").credentials)
    with client.ApiClient(configuration) as api:
        assert dag_api.DAGApi(api).get_dags().total_entries == 2
        with pytest.raises(ForbiddenException):
            dag_run_api.DAGRunApi(api).post_dag_run("etl", DAGRun())


def test_get_over_the_limit_waits_and_is_asked_again(airflow, api, slept):
    airflow.limits.set("6/minute")  # one more every ten seconds
    airflow.limits.exhaust()
    listed = dag_api.DAGApi(api).get_dags()

    assert listed.total_entries == 2
    assert slept == [10]
    assert paths(airflow) == [("GET", "/dags", 429), ("GET", "/dags", 200)]
    assert [(call.at - START).total_seconds() for call in airflow.calls] == [0, 10]
    assert "6/minute for user:admin is used up" in airflow.calls[0].reason


def test_get_gives_up_after_three_retries(airflow, api, slept, monkeypatch):
    airflow.limits.set("1/hour")
    airflow.limits.exhaust()
    monkeypatch.setattr(time, "sleep", slept.append)  # no time passes
    with pytest.raises(ApiException) as raised:
        dag_api.DAGApi(api).get_dags()

    assert raised.value.status == 429
    assert slept == [3600] * 3
    assert paths(airflow) == [("GET", "/dags", 429)] * 4


def test_post_over_the_limit_is_not_asked_again(airflow, api, slept):
    airflow.limits.set("1/minute")
    airflow.limits.exhaust()
    with pytest.raises(ApiException) as raised:
        dag_run_api.DAGRunApi(api).post_dag_run("etl", DAGRun())

    assert (raised.value.status, raised.value.headers["Retry-After"], slept) == (429, "60", [])
    assert paths(airflow) == [("POST", "/dags/etl/dagRuns", 429)]


def test_half_an_hour_of_polling_meets_every_state_in_order(airflow, api):
    """A sleep of ten seconds between polls, as in the client's own examples, and no waiting."""
    runs = dag_run_api.DAGRunApi(api)
    runs.post_dag_run("etl", DAGRun(dag_run_id="polled"))
    airflow.plan("etl", {"extract": 1700, "transform": 60, "load": 20})

    met = []
    with airflow.virtual_sleep() as slept:
        while not met or met[-1] not in ("success", "failed"):
            met.append(runs.get_dag_run("etl", "polled").state.value)
            time.sleep(10)

    assert met == ["queued"] + ["running"] * 178 + ["success"]
    assert slept.total == 1800
    assert airflow.clock.now() - START == timedelta(minutes=30)
