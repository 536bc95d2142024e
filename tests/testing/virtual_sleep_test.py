"""Waiting without waiting: whose sleeps move the clock, what is written down, and what is left as it was."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
import requests
import tenacity
import urllib3
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
    assert slept.total == 100
    assert airflow.clock.now() - begun == timedelta(seconds=10 + 30 + 40), "two of them waited at the same time"


def test_tasks_that_wait_side_by_side_go_on_in_the_order_of_their_moments(airflow):
    begun, seen = airflow.clock.now(), []

    async def every(name, seconds, times):
        for _ in range(times):
            await asyncio.sleep(seconds)
            seen.append((name, (airflow.clock.now() - begun).total_seconds()))

    async def both():
        await asyncio.gather(every("slow", 25, 2), every("fast", 10, 4))

    with airflow.virtual_sleep() as slept:
        asyncio.run(both())
    assert seen == [("fast", 10), ("fast", 20), ("slow", 25), ("fast", 30), ("fast", 40), ("slow", 50)]
    assert slept.total == 90


def test_a_task_that_is_cancelled_holds_up_nobody(airflow):
    async def work():
        task = asyncio.create_task(asyncio.sleep(5))
        task.cancel()
        await asyncio.sleep(10)
        return task.cancelled()

    with airflow.virtual_sleep() as slept:
        assert asyncio.run(work()) is True
    assert slept.slept == [10]


@pytest.mark.parametrize("now", [time.monotonic, time.time], ids=["monotonic", "time"])
def test_a_loop_with_a_deadline_ends(airflow, now):
    read, turns = now.__name__, 0
    with airflow.virtual_sleep() as slept:
        end = getattr(time, read)() + 600
        while getattr(time, read)() < end:
            time.sleep(10)
            turns += 1
            assert turns < 100
    assert slept.total == 600
    assert getattr(time, read) is now


def test_the_event_loops_own_timers_are_of_real_time(airflow):
    async def work():
        loop = asyncio.get_running_loop()
        before, fired = loop.time(), []
        timer = loop.call_later(3000, fired.append, True)
        await asyncio.sleep(3600)
        await asyncio.sleep(0)
        timer.cancel()
        return loop.time() - before, fired

    with airflow.virtual_sleep():
        spent, fired = asyncio.run(work())
    assert (spent < 60, fired) == (True, [])


def test_the_work_of_other_threads_is_waited_for(airflow):
    begun, go = airflow.clock.now(), threading.Lock()
    go.acquire()

    def work():
        go.acquire(timeout=5)
        return "done"

    def release_when_waited_for(future):
        while not future._waiters and not future.done():
            time.sleep(0)
        go.release()

    with airflow.virtual_sleep() as slept, ThreadPoolExecutor(1) as pool:
        future, results = pool.submit(work), queue.Queue()
        future.add_done_callback(lambda each: results.put(each.result()))
        threading.Thread(target=release_when_waited_for, args=(future,)).start()
        done, _ = wait([future], timeout=20)
        assert done == {future}
        assert future.result(timeout=20) == results.get(timeout=20) == "done"
    assert slept.slept == []
    assert airflow.clock.now() == begun


def poll(airflow, run):
    state = requests.get(f"{airflow.api_url}/dags/etl/dagRuns/{run.run_id}", headers=airflow.headers).json()["state"]
    if state != "success":
        raise LookupError(state)
    return state


@pytest.fixture
def run(airflow):
    airflow.add_dag("etl", tasks=["load"])
    return airflow.trigger("etl", plan={"load": 100})


def test_tenacity_waits_and_stops_by_the_clock(airflow, run):
    with airflow.virtual_sleep() as slept:
        patient = tenacity.retry(wait=tenacity.wait_exponential(max=60), stop=tenacity.stop_after_delay(600))(poll)
        assert patient(airflow, run) == "success"
        assert slept.slept[:5] == [1, 2, 4, 8, 16]
        hasty = tenacity.retry(wait=tenacity.wait_fixed(10), stop=tenacity.stop_after_delay(30))(poll)
        with pytest.raises(tenacity.RetryError):
            hasty(airflow, airflow.trigger("etl", plan={"load": 3600}))
        assert slept.slept[-3:] == [10, 10, 10]


def test_tenacity_sleeping_on_an_event_waits_by_the_clock(airflow, run):
    sleep = tenacity.sleep_using_event(threading.Event())
    with airflow.virtual_sleep() as slept:
        assert tenacity.retry(wait=tenacity.wait_fixed(30), sleep=sleep)(poll)(airflow, run) == "success"
    assert {*slept.slept} == {30}


def test_asynchronous_tenacity_waits_by_the_clock(airflow, run):
    @tenacity.retry(wait=tenacity.wait_fixed(20), stop=tenacity.stop_after_delay(600))
    async def patient():
        return poll(airflow, run)

    with airflow.virtual_sleep() as slept:
        assert asyncio.run(patient()) == "success"
    assert {*slept.slept} == {20}
    assert slept.total >= 100


def test_an_event_that_is_set_is_not_waited_for(airflow):
    event = threading.Event()
    event.set()
    with airflow.virtual_sleep() as slept:
        assert event.wait(60)
    assert slept.slept == []


def test_everything_is_put_back(airflow):
    def all_of_them():
        return time.sleep, asyncio.sleep, asyncio.tasks.sleep, threading.Event.wait, time.monotonic, time.time

    before = all_of_them()
    with airflow.virtual_sleep():
        assert not {*before} & {*all_of_them()}
    assert all_of_them() == before


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


@pytest.mark.parametrize(
    ("rule", "waits"),
    [({"status": 503}, [2, 4]), ({"status": 503, "retry_after": 30}, [30] * 3), ({"reset": True}, [2, 4])],
    ids=["backoff", "Retry-After", "no answer"],
)
def test_urllib3s_retries_wait_by_the_clock(airflow, rule, waits):
    airflow.faults.add("*", times=3, **rule)
    retry = Retry(5, status_forcelist=[503], backoff_factor=1)
    with airflow.virtual_sleep() as slept, urllib3.PoolManager(retries=retry) as pool:
        assert pool.request("GET", f"{airflow.api_url}/health").status == 200
    assert slept.slept == waits


def test_a_date_in_retry_after_is_understood():
    with MockAirflow() as airflow:
        airflow.faults.add("*", status=503, retry_after="date 90", times=2)
        with airflow.virtual_sleep() as slept, urllib3.PoolManager(retries=Retry(3)) as pool:
            assert pool.request("GET", f"{airflow.api_url}/health").status == 200
    assert [89 < seconds <= 91 for seconds in slept.slept] == [True, True]


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


def test_half_an_hour_of_polling_passes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client's sleep moves the clock, so it meets every state in order without waiting."""
    import time

    import requests

    with MockAirflow(clock="2025-07-01T12:00:00Z", frozen=True) as airflow:
        airflow.add_dag("d", ("a", "b"))
        monkeypatch.setattr(time, "sleep", airflow.clock.sleep)
        with airflow.intercept("http://airflow.example.org"):
            run = airflow.trigger("d", plan={"a": 1700, "b": 60})
            url = f"http://airflow.example.org/api/v1/dags/d/dagRuns/{run.run_id.replace('+', '%2B')}"
            met = []
            while not met or met[-1] not in ("success", "failed"):
                met.append(requests.get(url, headers=airflow.headers, timeout=5).json()["state"])
                time.sleep(10)

    assert list(dict.fromkeys(met)) == ["queued", "running", "success"]
    assert len(met) > 170
