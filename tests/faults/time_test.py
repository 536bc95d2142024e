"""Late and slow answers: on whose clock, how long, and that they hold up nobody else."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta, timezone
from itertools import islice

import pytest

from mock_airflow import MockAirflow
from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings

START = datetime(2025, 6, 1, 12, tzinfo=timezone.utc)
PATIENCE = 30


def passed(airflow, ask, count=1):
    """The seconds on the clock that each of so many calls took."""
    seconds = []
    for _ in range(count):
        before = airflow.clock.now()
        assert ask().status == 200
        seconds.append((airflow.clock.now() - before).total_seconds())
    return seconds


@pytest.mark.parametrize("latency", [2, timedelta(seconds=2), {"fixed": 2.0}])
def test_fixed_latency_passes_on_a_frozen_clock_at_once(airflow, ask, latency):
    airflow.faults.add("get_dags", latency=latency)

    assert passed(airflow, ask, 2) == [2.0, 2.0]
    assert airflow.calls[0].at == START + timedelta(seconds=2)
    assert airflow.calls[0].decision == "answered"


@pytest.mark.parametrize("latency", [[1, 3], (1, 3), {"uniform": [1, 3]}])
def test_uniform_latency(airflow, ask, latency):
    airflow.faults.add("get_dags", latency=latency)
    seconds = passed(airflow, ask, 60)

    assert 1 <= min(seconds) < 1.5 < 2.5 < max(seconds) <= 3


def test_log_normal_latency(airflow, ask):
    airflow.faults.add("get_dags", latency={"log_normal": {"median": 0.2, "sigma": 1}})
    seconds = passed(airflow, ask, 200)

    assert 0.13 < statistics.median(seconds) < 0.3
    assert max(seconds) > 1, "it has a long tail"
    assert sum(each > 0.2 * 2.718 for each in seconds) / 200 == pytest.approx(0.16, abs=0.08)


class Gate:
    """What a deployment waits at: everybody stays until it opens."""

    def __init__(self):
        self.asked: list[float] = []
        self._entered = threading.Semaphore(0)
        self._open = threading.Event()

    def wait(self, seconds):
        self.asked.append(seconds)
        self._entered.release()
        assert self._open.wait(PATIENCE)

    def wait_for(self, count):
        for _ in range(count):
            assert self._entered.acquire(timeout=PATIENCE)

    def open(self):
        self._open.set()


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.open()


@pytest.fixture
def gated(gate):
    """An Airflow whose clock runs, and for which every wait ends when the gate opens."""
    with MockAirflow.of(Deployment(Settings.of(), wait=gate.wait)) as mock:
        mock.add_dag("etl")
        yield mock


def get(airflow, path):
    connection = http.client.HTTPConnection("127.0.0.1", int(airflow.url.rpartition(":")[2]), timeout=PATIENCE)
    try:
        connection.request("GET", path, headers=airflow.headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("effect", [{"latency": 5}, {"latency": {"fixed": 5, "real": True}}, {"drip": 5}])
def test_fifty_late_answers_hold_up_nobody_else(gated, gate, effect):
    gated.faults.add("get_dags", **effect)
    gated.url  # noqa: B018  (opened before the clients come)
    with ThreadPoolExecutor(50) as clients:
        late = [clients.submit(get, gated, "/api/v1/dags") for _ in range(50)]
        gate.wait_for(50)

        assert get(gated, "/api/v1/pools")[0] == 200, "the 51st is answered while the fifty wait"
        assert not any(each.done() for each in late)
        gate.open()
        assert {each.result(PATIENCE)[0] for each in late} == {200}


@pytest.mark.parametrize("profile", ["airflow2", "datacoves"])
@pytest.mark.parametrize("effect", [{"latency": 5}, {"latency": {"fixed": 5, "real": True}}])
def test_delayed_requests_are_in_flight(gate, profile, effect):
    deployment = Deployment(Settings.of(profile=profile, concurrency=3), wait=gate.wait)
    with MockAirflow.of(deployment) as airflow, ThreadPoolExecutor(8) as clients:
        airflow.faults.add("get_dags", **effect)
        airflow.url  # noqa: B018  (opened before the clients come)
        late = [clients.submit(get, airflow, "/api/v1/dags") for _ in range(8)]
        gate.wait_for(3)
        refused = [each.result(PATIENCE)[0] for each in islice(as_completed(late, PATIENCE), 5)]
        assert get(airflow, "/api/v1/pools")[0] == 429
        gate.open()

        assert sorted(each.result(PATIENCE)[0] for each in late) == [200] * 3 + refused
        assert refused == [429] * 5
        deadline = time.monotonic() + PATIENCE
        while get(airflow, "/api/v1/pools")[0] != 200:  # an answer has gone out a moment before it is counted as gone
            assert time.monotonic() < deadline


@pytest.mark.parametrize("where", ["get_health", "get_dags"])
def test_delayed_request_that_is_counted_for_nobody_holds_no_place(gate, where):
    gate.open()
    with MockAirflow.of(Deployment(Settings.of(concurrency=1), wait=gate.wait)) as airflow:
        airflow.faults.add("*", latency=1)
        airflow.faults.add("get_dags", status=503)
        path = "/api/v1/health" if where == "get_health" else "/api/v1/dags"
        assert len({get(airflow, path)[0] for _ in range(3)}) == 1
        assert get(airflow, "/api/v1/pools")[0] == 200


def test_latency_counts_by_the_speed_of_the_clock_unless_it_is_real(gated, gate):
    gate.open()
    gated.clock.speed = 10
    gated.faults.add("get_dags", latency=5, times=1)
    gated.faults.add("get_dags", latency={"fixed": 5, "real": True}, after=1)
    get(gated, "/api/v1/dags")
    get(gated, "/api/v1/dags")

    assert gate.asked == [0.5, 5]


def test_body_that_drips_is_whole_at_last(gated, gate):
    whole = get(gated, "/api/v1/dags")
    gate.open()
    gated.faults.add("get_dags", drip={"bytes": 100, "every": 0.25})

    assert get(gated, "/api/v1/dags") == whole
    assert gate.asked == [0.25] * ((len(whole[1]) - 1) // 100)


def test_body_takes_as_long_as_was_said(gated, gate):
    gate.open()
    gated.faults.add("get_dags", drip=4.5)
    get(gated, "/api/v1/dags")

    assert sum(gate.asked) == pytest.approx(4.5)
