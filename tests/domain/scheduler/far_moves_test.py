"""The clock is moved far: others are let in meanwhile, and schedules that would make too many runs are named."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from croniter import croniter
from hypothesis import given, strategies as st

from mock_airflow import MockAirflow, deployment
from mock_airflow.domain.schedules.cron import cron
from mock_airflow.errors import ClockError
from mock_airflow.world.reading import world_of
from tests.support import Deploy

START = "2025-06-01T12:00:00+00:00"
MINUTELY = {"dags": [{"dag_id": "dense", "tasks": ["a"], "schedule": "* * * * *", "start_date": START}]}
WORLD = {
    "pools": [{"name": "narrow", "slots": 1}],
    "dags": [
        {
            "dag_id": f"dag_{number}",
            "tasks": [{"task_id": "a", "pool": "narrow"}, {"task_id": "b"}],
            "schedule": schedule,
            "start_date": START,
            "max_active_runs": 2,
        }
        for number, schedule in enumerate(["*/10 * * * *", "*/7 * * * *", "@hourly"])
    ],
}


def test_others_are_answered_while_a_long_time_is_settled(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "_SLICE", 20)
    call = deploy(MINUTELY)
    call.deployment.clock.advance(days=1)
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(call.get("/api/v1/dags/dense/dagRuns?limit=1")))

    runs = call.deployment.airflow.dag_runs
    asking.start()
    seen = set()
    while asking.is_alive():
        assert call.get("/__mock__/clock").status_code == 200
        seen.add(len(runs))
    asking.join()

    assert answers[0].get_json()["total_entries"] == 24 * 60
    assert len([count for count in seen if 0 < count < 24 * 60]) > 2


def _told(call: Any) -> list[Any]:
    paths = ("/dags/~/dagRuns?limit=100", "/dags/~/dagRuns/~/taskInstances?limit=100", "/dags", "/eventLogs?limit=100")
    return [call.get(f"/api/v1{path}").get_json() for path in paths]


def test_slices_change_nothing_of_what_happens(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for length in (1, 7, 10**9):
        monkeypatch.setattr(deployment, "_SLICE", length)
        call = deploy(WORLD)
        call.deployment.clock.advance(hours=5)
        told.append(_told(call))
    assert told[0][0]["total_entries"] > 40
    assert told[0] == told[1] == told[2]


def test_what_a_long_time_made_does_not_all_stay_in_the_journal(deploy: Deploy) -> None:
    call = deploy(MINUTELY, journal_bytes=1_000_000)
    call.deployment.clock.advance(days=1)
    call.get("/api/v1/dags")
    call.get("/api/v1/dags")
    first, _ = call.deployment.journal
    assert 0 < len(first.changes) <= 500
    call.post("/__mock__/rewind/1")
    assert len(call.deployment.airflow.dag_runs) == 0


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * * */5",
        "* * * * 1-5",
        {"__type": "TimeDelta", "days": 0, "seconds": 1, "microseconds": 0},
        "@continuous",
    ],
)
@pytest.mark.parametrize("way", ["advance", "set", "freeze"])
def test_a_move_that_would_make_too_many_runs_is_refused_and_changes_nothing(schedule: Any, way: str) -> None:
    with MockAirflow(clock=START, frozen=True, runs_per_move=500) as mock:
        mock.add_dag("calm", tasks=["a"], schedule="@daily")
        dag = {"dag_id": "dense", "tasks": ["a"], "start_date": START}
        key = "schedule" if isinstance(schedule, str) else "schedule_interval"
        world_of({"dags": [{**dag, key: schedule}]}).apply(mock.deployment)
        before = mock.clock.now()
        far = before + timedelta(days=3)
        moves = {
            "advance": lambda: mock.clock.advance(days=3),
            "set": lambda: mock.clock.set(far),
            "freeze": lambda: mock.clock.freeze(far),
        }
        with pytest.raises(ClockError, match=r"'dense'.*runs_per_move"):
            moves[way]()
        assert mock.clock.now() == before
        assert mock.clock.advance(minutes=5) == before + timedelta(minutes=5)


def test_the_control_api_says_so_too_and_a_paused_dag_does_not_count(deploy: Deploy) -> None:
    call = deploy(MINUTELY, runs_per_move=100)
    refused = call.post("/__mock__/clock/advance", json={"seconds": 86_400})
    assert refused.status_code == 400
    assert "about 1,440 runs of the DAG 'dense', and one move makes at most 100." in refused.get_json()["detail"]
    assert call.patch("/api/v1/dags/dense", json={"is_paused": True}).status_code == 200
    assert call.post("/__mock__/clock/advance", json={"seconds": 86_400}).status_code == 200


def test_a_schedule_of_few_days_is_counted_by_its_days(deploy: Deploy) -> None:
    mondays = {"dags": [{"dag_id": "mondays", "tasks": [], "schedule": "*/10 * * * 1", "start_date": START}]}
    call = deploy(mondays, runs_per_move=600)  # 144 a Monday
    assert call.post("/__mock__/clock/advance", json={"seconds": 28 * 86_400}).status_code == 200
    assert call.post("/__mock__/clock/advance", json={"seconds": 70 * 86_400}).status_code == 400


def test_a_schedule_that_ends_is_counted_to_its_end(deploy: Deploy) -> None:
    dag = {**MINUTELY["dags"][0], "end_date": "2025-06-01T13:00:00+00:00"}
    call = deploy({"dags": [dag, {**dag, "dag_id": "over", "end_date": "2025-05-01T00:00:00+00:00"}]}, runs_per_move=70)
    assert call.post("/__mock__/clock/advance", json={"seconds": 30 * 86_400}).status_code == 200
    assert call.get("/api/v1/dags/dense/dagRuns?limit=1").get_json()["total_entries"] == 61


PARTS = st.sampled_from(["*", "*/7", "3", "0,5", "1-4"])
DAYS = st.sampled_from(["*", "*/5", "1", "28", "29", "31", "L", "1,15", "10-20"])
MONTHS = st.sampled_from(["*", "2", "*/3", "1,12", "6-8"])
WEEKDAYS = st.sampled_from(["*", "1", "1-5", "sun", "5#2", "0,6", "*/2"])
EXPRESSIONS = st.builds(" ".join, st.tuples(PARTS, PARTS, DAYS, MONTHS, WEEKDAYS))


@given(EXPRESSIONS, st.datetimes(datetime(1999, 1, 1), datetime(2040, 1, 1)))
def test_moments_are_those_that_croniter_finds(expression: str, at: datetime) -> None:
    def told(find: Callable[[], datetime]) -> datetime | str:
        try:
            return find().replace(tzinfo=timezone.utc)
        except ValueError as error:
            return type(error).__name__

    schedule, whole = cron(expression), at.replace(microsecond=0)
    following = croniter(expression, whole, ret_type=datetime)
    previous = croniter(expression, whole + timedelta(seconds=bool(at.microsecond)), ret_type=datetime)
    moment = at.replace(tzinfo=timezone.utc)
    assert told(lambda: schedule.after(moment)) == told(following.get_next)
    assert told(lambda: schedule.before(moment)) == told(previous.get_prev)
