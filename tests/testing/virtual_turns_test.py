"""Several who wait at once: the clock moves when nobody is on the way, so that a test does the same each time."""

# ruff: noqa: PT012 - blocks are what is tested here

from __future__ import annotations

import asyncio
import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mock_airflow import MockAirflow
from mock_airflow.errors import PollNeverEndsError
from mock_airflow.testing import turns

anyio = pytest.importorskip("anyio")
httpx = pytest.importorskip("httpx")
CLOCK = "2025-01-01T06:00:00Z"
TIMES = 100
RUNS = range(10)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def template() -> MockAirflow:
    mock = MockAirflow(clock=CLOCK, frozen=True)
    mock.add_dag("etl", tasks=["load"])
    for number in RUNS:
        mock.trigger("etl", run_id=f"run_{number}", plan={"load": 3 * number})
    return mock


def journal(mock: MockAirflow) -> list[tuple[Any, ...]]:
    return [(entry.at, entry.method, entry.path, entry.status, entry.response_body) for entry in mock.calls]


async def poll(client: Any, url: str, headers: dict[str, str], seconds: float = 5) -> int:
    for turn in range(1000):
        await asyncio.sleep(seconds)
        answer = await client.get(url, headers=headers)
        if answer.json()["state"] == "success":
            return turn
    raise AssertionError("no end")


async def ten(base: str, headers: dict[str, str]) -> list[int]:
    async with httpx.AsyncClient(verify=False) as client:  # it loads no certificates, which takes most of the time
        return await asyncio.gather(*(poll(client, f"{base}/dags/etl/dagRuns/run_{n}", headers) for n in RUNS))


def intercepted(mock: MockAirflow) -> list[tuple[Any, ...]]:
    with mock.intercept("https://airflow.example"), mock.virtual_sleep():
        turns = asyncio.run(ten("https://airflow.example/api/v1", mock.headers))
    assert turns == sorted(turns)
    assert turns[0] < turns[-1]
    return journal(mock)


def live(mock: MockAirflow) -> list[tuple[Any, ...]]:
    with mock, mock.virtual_sleep():
        asyncio.run(ten(mock.api_url, mock.headers))
    return journal(mock)


def threads(mock: MockAirflow) -> list[tuple[Any, ...]]:
    port = int(mock.url.rpartition(":")[2])

    def work(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        state = ""
        while state != "success":
            time.sleep(5)
            connection.request("GET", f"/api/v1/dags/etl/dagRuns/run_{number}", headers=headers)
            answer = connection.getresponse().read().decode()
            state = "success" if '"success"' in answer else ""
        connection.close()

    headers = mock.headers
    with mock, mock.virtual_sleep(all_threads=True):
        workers = [threading.Thread(target=work, args=(number,)) for number in RUNS]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    return sorted(journal(mock), key=lambda entry: entry[:3])  # who began first is up to the machine


@pytest.mark.parametrize(("way", "times"), [(intercepted, TIMES), (live, 10), (threads, 5)])
def test_ten_pollers_make_the_same_calls_each_time(template: MockAirflow, way: Any, times: int) -> None:
    first = way(template.fork())
    assert len({entry[2] for entry in first}) == len(RUNS)
    for _ in range(times - 1):
        assert way(template.fork()) == first


def test_the_first_calls_side_by_side_are_no_exception(template: MockAirflow) -> None:
    """Each asks at once, as most pollers do, before it sleeps."""

    async def eager(client: Any, url: str, headers: dict[str, str]) -> None:
        await client.get(url, headers=headers)
        await poll(client, url, headers, 7)

    async def all_of_them(headers: dict[str, str]) -> None:
        async with httpx.AsyncClient(verify=False) as client:
            base = "https://airflow.example/api/v1/dags/etl/dagRuns"
            await asyncio.gather(*(eager(client, f"{base}/run_{number}", headers) for number in RUNS))

    def once() -> list[tuple[Any, ...]]:
        mock = template.fork()
        with mock.intercept("https://airflow.example"), mock.virtual_sleep():
            asyncio.run(all_of_them(mock.headers))
        return journal(mock)

    first = once()
    assert all(once() == first for _ in range(30))


@pytest.mark.parametrize("lock", ["semaphore", "queue", "wait", "timeout", "lock of anyio", "stream of anyio"])
def test_those_who_wait_for_others_hold_up_nobody(template: MockAirflow, lock: str) -> None:
    mock = template.fork()

    async def work() -> None:
        gate: Any = asyncio.Semaphore(2)
        jobs: asyncio.Queue[int] = asyncio.Queue()

        async def guarded() -> None:
            async with gate:
                await asyncio.sleep(60)

        async def consumer() -> None:
            while await jobs.get():
                await asyncio.sleep(60)

        if lock == "semaphore":
            await asyncio.gather(*(guarded() for _ in range(6)))
        elif lock == "queue":
            task = asyncio.create_task(consumer())
            for job in (1, 1, 1, 0):
                jobs.put_nowait(job)
                await asyncio.sleep(10)
            await task
        elif lock == "wait":
            await asyncio.wait([asyncio.create_task(asyncio.sleep(60)) for _ in range(3)])
            await asyncio.sleep(120)
        elif lock == "lock of anyio":
            gate = anyio.Lock()
            await asyncio.gather(*(guarded() for _ in range(3)))
        elif lock == "stream of anyio":
            sends, receives = anyio.create_memory_object_stream[int]()
            task = asyncio.create_task(receives.receive())
            await asyncio.sleep(180)
            await sends.send(1)
            await task
            sends.close(), receives.close()
        else:
            await asyncio.wait_for(asyncio.sleep(180), 3600)

    begun, real = mock.clock.now(), time.monotonic()
    with mock.virtual_sleep():
        asyncio.run(work())
    assert (mock.clock.now() - begun).total_seconds() == 180
    assert time.monotonic() - real < 4, "nobody waited for what does not come"


@pytest.mark.anyio
async def test_a_runner_of_tests_holds_up_nobody(template: MockAirflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_GRACE", float("inf"))
    mock = template.fork()

    with mock.virtual_sleep() as slept:
        await asyncio.wait_for(asyncio.sleep(600), 30)  # of real time

    assert slept.total == 600


def test_what_runs_in_a_thread_is_waited_for(template: MockAirflow) -> None:
    mock, seen = template.fork(), []
    held = threading.Event()

    def slow() -> None:
        held.wait()
        seen.append(mock.clock.now())

    async def beside() -> None:
        async def sleeper() -> None:
            await asyncio.sleep(30)

        task = asyncio.create_task(asyncio.to_thread(slow))
        asyncio.get_running_loop().call_later(0.05, held.set)
        await asyncio.gather(task, sleeper())

    begun = mock.clock.now()
    with mock.virtual_sleep():
        asyncio.run(beside())
    assert seen == [begun]


def test_threads_of_a_pool_wait_for_each_other(template: MockAirflow) -> None:
    mock, moments = template.fork(), []

    def work(number: int) -> None:
        for _ in range(3):
            time.sleep(10 + number)
            moments.append((number, (mock.clock.now() - begun).total_seconds()))

    begun = mock.clock.now()
    with mock.virtual_sleep(all_threads=True), ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert moments == sorted(moments, key=lambda each: each[1])
    assert max(moment for _, moment in moments) == 36


def ask(mock: MockAirflow, path: str) -> None:
    from werkzeug.test import Client

    Client(mock.deployment.wsgi).get(f"/api/v1/dags/{path}", headers=mock.headers)


def spin(mock: MockAirflow, path: str, most: int | None = 20) -> str:
    with pytest.raises(PollNeverEndsError) as failure, mock.virtual_sleep(most=most):
        while True:
            time.sleep(5)
            ask(mock, path)
    assert "serve the same" not in str(failure.value)  # the report below it knows the state, which this does not
    return str(failure.value)


def test_poll_that_never_ends_is_told_why() -> None:
    mock = MockAirflow(clock=CLOCK, frozen=True, virtual_sleeps=7)
    mock.add_dag("paused", tasks=["one"], is_paused=True)
    mock.add_dag("fails", tasks=["one"])
    mock.add_dag("held", tasks=["one"], max_active_runs=1)
    mock.trigger("paused", run_id="r")
    mock.trigger("fails", run_id="r", plan={"one": "failed"})
    mock.trigger("held", run_id="first", plan={"one": {"seconds": 1e7}})
    mock.trigger("held", run_id="second")

    told = spin(mock, "paused/dagRuns/r")
    assert told.startswith("virtual_sleep: 21 sleeps, 105 s in all, are more than the setting virtual_sleeps allows")
    assert "The run r of paused is queued, as its DAG is paused." in told
    assert "GET  /api/v1/dags/paused/dagRuns/r  200" in told
    assert "The run r of fails is failed and stays so" in spin(mock, "fails/dagRuns/r/taskInstances")
    assert "as so many of its DAG are running as may be (max_active_runs is 1)." in spin(mock, "held/dagRuns/second")
    assert "The run first of held is running; unfinished are one (running)." in spin(mock, "held/dagRuns/first")
    assert "There is no run x of held." in spin(mock, "held/dagRuns/x", None)


def test_coroutines_and_events_have_the_ceiling_too() -> None:
    mock = MockAirflow(clock=CLOCK, frozen=True)

    async def spins() -> None:
        while True:
            await asyncio.sleep(1)

    with pytest.raises(PollNeverEndsError), mock.virtual_sleep(most=5):
        asyncio.run(spins())
    with pytest.raises(PollNeverEndsError), mock.virtual_sleep(most=5):
        while not threading.Event().wait(1):
            pass
    with mock.virtual_sleep(most=5) as slept:
        for _ in range(5):
            time.sleep(86400 * 100)
    assert slept.total == 5 * 86400 * 100


def test_ceiling_is_by_days_of_the_clock_too() -> None:
    def backs_off(mock: MockAirflow, **bounds: float) -> str:
        with pytest.raises(PollNeverEndsError) as failure, mock.virtual_sleep(**bounds):  # type: ignore[arg-type]
            pause = 1.0
            while True:
                time.sleep(pause)
                ask(mock, "paused/dagRuns/r")
                pause *= 2
        return str(failure.value)

    mock = MockAirflow(clock=CLOCK, frozen=True, virtual_days=2)
    mock.add_dag("paused", tasks=["one"], is_paused=True)
    mock.trigger("paused", run_id="r")
    before = mock.clock.now()

    told = backs_off(mock)
    assert told.startswith("virtual_sleep: 18 sleeps, 262143 s in all, are more than the setting virtual_days allows")
    assert "The run r of paused is queued, as its DAG is paused." in told
    assert (mock.clock.now() - before).total_seconds() == 131071  # the last sleep was not begun
    assert "4095 s in all" in backs_off(mock, most_days=0.04)
    endless = MockAirflow(clock=CLOCK, frozen=True)
    assert "the setting virtual_days allows" in backs_off(endless)  # by itself, and before the clock's own end


def test_sleeps_side_by_side_are_counted_by_the_clock() -> None:
    mock = MockAirflow(clock=CLOCK, frozen=True, virtual_days=2)

    async def many() -> None:
        await asyncio.gather(*(asyncio.sleep(86_400) for _ in range(30)))

    with mock.virtual_sleep() as slept:
        asyncio.run(many())
    assert slept.total == 30 * 86_400
