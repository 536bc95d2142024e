"""Waiting without waiting: whose sleeps move the clock, what is written down, and what is left as it was."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import timedelta

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from mock_airflow import MockAirflow

CLOCK = "2025-01-01T06:00:00Z"


@pytest.fixture
def airflow():
    with MockAirflow(clock=CLOCK, frozen=True) as mock:
        yield mock


def test_sleeps_of_every_kind_move_the_clock(airflow):
    begun = airflow.clock.now()

    async def tasks():
        return await asyncio.gather(asyncio.sleep(20, "one"), asyncio.sleep(30, "two"))

    with airflow.virtual_sleep() as slept:
        time.sleep(10)
        assert asyncio.run(tasks()) == ["one", "two"]
        assert threading.Event().wait(40) is False
        with pytest.raises(ValueError, match="non-negative"):
            time.sleep(-1)

    assert slept.slept == [10, 20, 30, 40]
    assert airflow.clock.now() - begun == timedelta(seconds=slept.total)


def test_an_event_that_is_set_is_not_waited_for(airflow):
    event = threading.Event()
    event.set()
    with airflow.virtual_sleep() as slept:
        assert event.wait(60)
    assert slept.slept == []


def test_everything_is_put_back(airflow):
    before = time.sleep, asyncio.sleep, threading.Event.wait
    with airflow.virtual_sleep():
        assert time.sleep is not before[0]
    assert (time.sleep, asyncio.sleep, threading.Event.wait) == before


def test_other_threads_are_left_alone_unless_asked_for(airflow):
    told, go = [], threading.Event()

    def work():
        go.wait()
        time.sleep(0)
        told.append("slept")

    with airflow.virtual_sleep() as slept:
        thread = threading.Thread(target=work)
        thread.start()
        go.set()
        thread.join()
    assert (told, slept.slept) == (["slept"], [])

    def long():
        time.sleep(3600)

    with airflow.virtual_sleep(all_threads=True) as slept:
        thread = threading.Thread(target=long)
        thread.start()
        thread.join()
    assert slept.slept == [3600]


def test_a_poller_sees_its_run_through(airflow):
    airflow.add_dag("etl", tasks=("extract", "load"))
    run = airflow.trigger("etl")
    states = []
    with airflow.virtual_sleep() as slept:
        while not states or states[-1] in ("queued", "running"):
            time.sleep(10)
            answer = requests.get(f"{airflow.api_url}/dags/etl/dagRuns/{run.run_id}", headers=airflow.headers)
            states.append(answer.json()["state"])
    assert states[-1] == "success"
    assert slept.total == 10 * len(states)


def test_retry_after_is_waited_for_by_urllib3(airflow):
    airflow.limits.set("1/minute")
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[429])))
    with airflow.virtual_sleep() as slept:
        for _ in range(2):
            assert session.get(f"{airflow.api_url}/dags", headers=airflow.headers).status_code == 200
    assert slept.slept == [60]


def test_the_fixture_does_the_same(pytester):
    pytester.makepyfile(
        """
        import time

        def test_it(virtual_sleep, mock_airflow):
            before = mock_airflow.clock.now()
            time.sleep(86400)
            assert virtual_sleep.slept == [86400]
            assert (mock_airflow.clock.now() - before).total_seconds() >= 86400

        def test_put_back():
            assert "mock_airflow" not in time.sleep.__module__
        """
    )
    pytester.runpytest_inprocess("-p", "no:randomly").assert_outcomes(passed=2)
