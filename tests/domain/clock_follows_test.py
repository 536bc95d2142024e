"""Everything that has to do with time follows the deployment's clock, however that clock is moved."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import pytest
from werkzeug.test import Client, TestResponse

from mock_airflow import MockAirflow
from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings
from mock_airflow.world.reading import world_of

START = datetime(2031, 6, 1, 12, tzinfo=timezone.utc)
ADMIN = ("admin", "admin")
WORLD: dict[str, Any] = {
    "dags": [
        {"dag_id": "etl", "tasks": [{"task_id": "extract", "outlets": ["s3://x"]}, {"task_id": "load"}]},
        {"dag_id": "hourly", "tasks": ["work"], "schedule": "@hourly"},
        {"dag_id": "reader", "tasks": ["read"], "schedule": ["s3://x"]},
    ],
    "plans": {"etl": {"extract": {"seconds": 60, "log": ["half of it"]}, "load": 600}},
}


class Paced(NamedTuple):
    """A deployment whose clock stands at START, and what lets some of its seconds pass."""

    deployment: Deployment
    client: Client
    let_pass: Callable[[float], object]

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, auth=ADMIN, **more)

    def post(self, path: str, **more: Any) -> TestResponse:
        return self.client.post(path, auth=ADMIN, **more)

    def told(self, path: str) -> Any:
        return self.get(path).get_json()

    def trigger(self) -> Callable[[], Any]:
        """Start a run; gives what tells of it."""
        assert self.post("/api/v1/dags/etl/dagRuns", json={"dag_run_id": "r"}).status_code == 200
        return lambda: self.told("/api/v1/dags/etl/dagRuns/r")


class Wall:
    """The machine's clock, in the hands of a test."""

    seconds = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        self.seconds += seconds


def paced(kind: str, **settings: Any) -> Paced:
    wall = Wall()
    speed = 60.0 if kind == "scaled" else 1.0
    frozen = kind in ("stepped", "set", "by the control API")
    chosen = {"clock": START.isoformat(), "speed": speed, "frozen": frozen, "user": "admin:admin:Admin", **settings}
    deployment = Deployment(Settings.of(**chosen), wall=wall, wait=wall.move)
    world_of(WORLD).apply(deployment)
    deployment.begin()
    client, clock = Client(deployment.wsgi), deployment.clock
    ways: dict[str, Callable[[float], object]] = {
        "with an offset": wall.move,
        "scaled": lambda seconds: wall.move(seconds / speed),
        "stepped": clock.advance,
        "set": lambda seconds: clock.set(clock.now() + timedelta(seconds=seconds)),
        "by the control API": lambda seconds: client.post("/__mock__/clock/advance", json={"seconds": seconds}),
    }
    return Paced(deployment, client, ways[kind])


@pytest.fixture(params=["with an offset", "scaled", "stepped", "set", "by the control API"])
def kind(request: pytest.FixtureRequest) -> str:
    """How the clock moves."""
    name: str = request.param
    return name


@pytest.fixture
def airflow(kind: str) -> Paced:
    return paced(kind)


def moment(told: str) -> datetime:
    return datetime.fromisoformat(told.replace("Z", "+00:00"))


def since_start(told: str) -> float:
    return round((moment(told) - START).total_seconds(), 1)


def test_run_progress(airflow: Paced) -> None:
    run = airflow.trigger()
    met = [run()["state"]]
    for seconds in (30, 60, 500, 100):
        airflow.let_pass(seconds)
        tasks = airflow.told("/api/v1/dags/etl/dagRuns/r/taskInstances")["task_instances"]
        met.append((run()["state"], *(task["state"] for task in tasks)))

    assert met == [
        "queued",
        ("running", "running", "running"),
        ("running", "success", "running"),
        ("running", "success", "running"),
        ("success", "success", "success"),
    ]


def test_timestamps(airflow: Paced) -> None:
    airflow.let_pass(100)
    run = airflow.trigger()
    airflow.let_pass(700)

    assert since_start(run()["logical_date"]) == 100
    assert [since_start(run()[name]) for name in ("start_date", "end_date")] == [101, 703]
    logged = airflow.told("/api/v1/eventLogs?event=api.post_dag_run")["event_logs"]
    assert [since_start(row["when"]) for row in logged] == [100]
    assert since_start(airflow.told("/health")["scheduler"]["latest_scheduler_heartbeat"]) == pytest.approx(800, abs=10)
    (triggered,) = [
        call for call in airflow.told("/__mock__/journal")["entries"] if call["operation_id"] == "post_dag_run"
    ]
    assert since_start(triggered["at"]) == 100


def test_schedules(airflow: Paced) -> None:
    def made() -> list[str]:
        return [run["dag_run_id"] for run in airflow.told("/api/v1/dags/hourly/dagRuns")["dag_runs"]]

    airflow.let_pass(3590)
    assert made() == []
    airflow.let_pass(20)
    assert made() == ["scheduled__2031-06-01T12:00:00+00:00"]
    airflow.let_pass(2 * 3600)
    assert made()[1:] == ["scheduled__2031-06-01T13:00:00+00:00", "scheduled__2031-06-01T14:00:00+00:00"]
    assert airflow.told("/api/v1/dags/hourly")["next_dagrun"] == "2031-06-01T15:00:00+00:00"


def test_dataset_triggers(airflow: Paced) -> None:
    airflow.trigger()
    airflow.let_pass(30)
    assert airflow.told("/api/v1/dags/reader/dagRuns")["dag_runs"] == []
    airflow.let_pass(40)

    (run,) = airflow.told("/api/v1/dags/reader/dagRuns")["dag_runs"]
    assert run["run_type"] == "dataset_triggered"
    (event,) = airflow.told("/api/v1/datasets/events")["dataset_events"]
    assert since_start(event["timestamp"]) == since_start(run["logical_date"]) == pytest.approx(62, abs=1)


def test_log_times(airflow: Paced) -> None:
    airflow.let_pass(3600)
    airflow.trigger()
    airflow.let_pass(90)

    path = "/api/v1/dags/etl/dagRuns/r/taskInstances/extract/logs/1"
    text = airflow.get(path, headers={"Accept": "text/plain"}).get_data(as_text=True)
    lines = [line for line in text.splitlines() if "half of it" in line]
    assert lines
    stamps = re.findall(r"\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+)\+0000\]", text)
    assert {stamp[:15] for stamp in stamps} == {"2031-06-01T13:0"}
    assert stamps == sorted(stamps)


def test_token_expiry(kind: str) -> None:
    airflow = paced(kind, profile="airbyte")
    pair = airflow.deployment.credentials
    told = airflow.client.post("/api/v1/applications/token", json=pair).get_json()
    bearer = {"Authorization": f"Bearer {told['access_token']}"}

    def status() -> int:
        return airflow.client.get("/api/public/v1/workspaces", headers=bearer).status_code

    airflow.let_pass(3590)
    assert status() == 200
    airflow.let_pass(20)
    assert status() == 401


def test_key_expiry(kind: str) -> None:
    airflow = paced(kind, profile="datacoves")
    made = airflow.client.post("/__mock__/keys", json={"name": "short", "scope": "admin", "expires_in": 600}).get_json()
    key = {"Authorization": f"Token {made['secret']}"}

    def status() -> int:
        return airflow.client.get("/api/v1/dags", headers=key).status_code

    airflow.let_pass(590)
    assert status() == 200
    airflow.let_pass(20)
    assert status() in (401, 403)


def test_session_expiry(airflow: Paced) -> None:
    """A login in the browser's way lasts for thirty days."""
    page = airflow.client.get("/login/").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    form = {"username": "admin", "password": "admin", "csrf_token": token[1]}
    assert airflow.client.post("/login/", data=form).status_code == 302

    airflow.let_pass(29 * 86400)
    assert airflow.client.get("/api/v1/dags").status_code == 200
    airflow.let_pass(31 * 86400)
    assert airflow.client.get("/api/v1/dags").status_code == 403


def test_rate_windows_and_retry_after(kind: str) -> None:
    airflow = paced(kind, rate_limit="2/minute", limit_algorithm="fixed-window")
    assert [airflow.get("/api/v1/dags").status_code for _ in range(3)] == [200, 200, 429]
    airflow.let_pass(20)
    refused = airflow.get("/api/v1/dags")
    assert refused.status_code == 429
    left = int(refused.headers["Retry-After"])
    assert 39 <= left <= 41
    airflow.let_pass(left - 2)
    assert airflow.get("/api/v1/dags").status_code == 429
    airflow.let_pass(3)
    assert airflow.get("/api/v1/dags").status_code == 200


def test_retry_after_as_a_date(kind: str) -> None:
    airflow = paced(kind, rate_limit="1/hour", retry_after="date")
    airflow.let_pass(7200)
    airflow.get("/api/v1/dags")
    until = parsedate_to_datetime(airflow.get("/api/v1/dags").headers["Retry-After"])

    assert (until - START).total_seconds() == pytest.approx(7200 + 3600, abs=2)


def test_clock_stands_still_while_it_is_frozen() -> None:
    airflow = paced("stepped")
    run = airflow.trigger()
    wall = airflow.deployment._wall
    assert isinstance(wall, Wall)
    wall.move(10_000)

    assert run()["state"] == "queued"
    assert airflow.told("/__mock__/clock") == {"now": START.isoformat(), "frozen": True, "speed": 1.0}


def test_each_deployment_has_a_clock_of_its_own() -> None:
    with MockAirflow(clock=START, frozen=True) as mock, MockAirflow(clock=START, frozen=True) as other:
        for airflow in (mock, other):
            airflow.add_dag("etl", ("a",))
        runs = [airflow.trigger("etl", plan={"a": 60}) for airflow in (mock, other)]
        mock.clock.advance(hours=1)

        states = [airflow.dag_run("etl", run.run_id).state for airflow, run in zip((mock, other), runs, strict=True)]
        assert states == ["success", "queued"]
        assert (mock.clock.now() - other.clock.now()) == timedelta(hours=1)


def test_speed_from_python() -> None:
    wall = Wall()
    deployment = Deployment(Settings.of(clock=START.isoformat(), speed=2.0), wall=wall, wait=wall.move)
    wall.move(10)
    deployment.clock.speed = 100
    wall.move(10)

    assert deployment.clock.now() == START + timedelta(seconds=20 + 1000)


def test_speed_and_freezing_by_the_control_api() -> None:
    airflow = paced("with an offset")
    wall = airflow.deployment._wall
    assert isinstance(wall, Wall)

    def put(**body: Any) -> Any:
        return airflow.client.put("/__mock__/clock", json=body).get_json()

    put(speed=60)
    wall.move(10)
    assert since_start(airflow.told("/__mock__/clock")["now"]) == 600
    put(frozen=True)
    wall.move(10)
    assert since_start(airflow.told("/__mock__/clock")["now"]) == 600
    put(now="2031-06-01T13:00:00Z", frozen=False, speed=1)
    wall.move(10)
    assert since_start(airflow.told("/__mock__/clock")["now"]) == 3610


def test_answers_bear_the_date_of_the_clock() -> None:
    """The live server dates its answers as the deployment does, and so do the ways that stay in the process."""
    import requests

    with MockAirflow(clock=START, frozen=True) as mock:
        over_http = requests.get(f"{mock.url}/health", timeout=10)
        with mock.intercept("http://airflow.example.org"):
            in_process = requests.get("http://airflow.example.org/health", timeout=10)

    for answer in (over_http, in_process):
        assert parsedate_to_datetime(answer.headers["Date"]) == START


def test_marker_sets_the_clock_and_its_speed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest, requests

        @pytest.mark.mock_airflow(clock="2031-06-01T12:00:00Z", speed=3600)
        def test_scaled(mock_airflow):
            mock_airflow.add_dag("etl", ["a"])
            run = mock_airflow.trigger("etl", plan={"a": 60})
            url = f"{mock_airflow.api_url}/dags/etl/dagRuns/{run.run_id.replace('+', '%2B')}"
            while (told := requests.get(url, headers=mock_airflow.headers).json())["state"] != "success":
                assert mock_airflow.clock.now().year == 2031
            assert "2031-06-01T12" <= told["start_date"] < told["end_date"]

        @pytest.mark.mock_airflow(clock="2031-06-01T12:00:00Z", frozen=True)
        def test_frozen(mock_airflow):
            assert mock_airflow.clock.now().isoformat() == "2031-06-01T12:00:00+00:00"
        """
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly").assert_outcomes(passed=2)
