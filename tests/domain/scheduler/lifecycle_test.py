"""The steps of a run under a scheduler, by the clock: queued, running, its end, and what it waits for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mock_airflow.domain import dags, pools
from mock_airflow.domain.airflow import RunsMode
from tests.domain.plain import NOON, Plain, dag, day, task

FLAKY = dag("flaky", task("boom", "after", retries=1, retry_delay=timedelta(seconds=30)), task("after"))
FAN = dag("fan", task("spread", "done", is_mapped=True, pool="narrow"), task("done"))


def plain(runs: RunsMode = "timed") -> Plain:
    mock = Plain(dag("plain", task("write")), FLAKY, FAN, pools={"narrow": 1}, runs=runs)
    mock.plan("plain", {"write": 2})
    mock.plan("flaky", {"boom": {"outcome": "failed", "seconds": [3, 4]}})
    mock.plan("fan", {"spread": {"length": 2, "seconds": 5}})
    return mock


def test_run_goes_through_its_states_by_the_clock() -> None:
    mock, seen = plain(), []
    mock.trigger("plain")
    for _ in range(6):
        seen.append((mock.run("plain").state, mock.one("plain", "write").state))
        mock.wait(1)

    assert seen == [
        ("queued", None),
        ("running", "queued"),
        ("running", "running"),
        ("running", "running"),
        ("running", "success"),
        ("success", "success"),
    ]


@pytest.mark.parametrize("step", [0.1, 0.7, 1000.0])
def test_history_is_the_same_however_often_somebody_looks(step: float) -> None:
    mock = plain()
    mock.trigger("flaky")
    for _ in range(int(100 / step) + 1):
        mock.wait(step)

    boom, (start, end, closed) = mock.one("flaky", "boom"), (NOON + timedelta(seconds=each) for each in (36, 40, 41))
    assert (boom.start_date, boom.end_date, mock.run("flaky").end_date) == (start, end, closed)


def test_instant_run_is_over_at_once() -> None:
    mock = plain(runs="instant")
    mock.trigger("fan")
    mock.wait(0)

    assert mock.run("fan").state == "success"
    assert mock.one("fan", "spread", map_index=1).end_date == NOON


def test_run_without_task_instances_is_a_success() -> None:
    mock = Plain(dag("ended", task("x"), end_date=day(1)))
    mock.trigger("ended")
    mock.wait(1)

    assert mock.states("ended") == {}
    assert mock.run("ended").state == "success"


def test_run_of_the_future_stays_queued_until_then() -> None:
    mock = plain()
    mock.trigger("plain", logical_date=NOON + timedelta(hours=12))
    mock.wait(3600)
    assert mock.run("plain").state == "queued"
    mock.wait(24 * 3600)
    assert mock.run("plain").state == "success"


def test_paused_dag_starts_nothing_new() -> None:
    mock = Plain(dag("etl", task("collect", "kick"), task("kick")))
    mock.plan("etl", {"collect": 2})
    mock.trigger("etl")
    mock.wait(2.5)
    dags.set_paused(mock.airflow, "etl", True)
    mock.wait(100)
    assert mock.states("etl") == {"collect": "success", "kick": None}
    dags.set_paused(mock.airflow, "etl", False)
    mock.wait(100)
    assert mock.run("etl").state == "success"


def test_tasks_share_the_slots_of_their_pool() -> None:
    mock = plain()
    mock.trigger("fan")
    mock.wait(4)
    assert sorted(mock.states("fan")["spread"]) == ["running", "scheduled"]
    mock.wait(20)
    assert mock.run("fan").state == "success"


def test_task_of_a_missing_pool_waits_until_there_is_one() -> None:
    mock = plain()
    pools.delete(mock.airflow, "narrow")
    mock.trigger("fan")
    mock.wait(1000)
    assert mock.states("fan")["spread"] == ["scheduled", "scheduled"]
    pools.create(mock.airflow, name="narrow", slots=2)
    mock.wait(20)
    assert mock.run("fan").state == "success"
