"""What time costs: runs that a schedule makes, reading one among many, and a client that polls."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import timedelta

from benchmarks.measure import Figure, at_most, side_by_side
from benchmarks.worlds import add_finished
from mock_airflow import MockAirflow


def figures() -> Iterable[Figure]:
    """10,000 scheduled runs of five tasks, one run among 100,000, and half an hour of polling."""
    mock = _hourly()
    mock.clock.advance(hours=10_000)
    begun = time.perf_counter()
    mock.deployment.settle()
    seconds = time.perf_counter() - begun
    count = len(mock.deployment.airflow.dag_runs)
    yield at_most("10,000 scheduled runs of 5 tasks settle", seconds, "s", 2, f"{count:,} runs")

    few, many = _with_runs(1_000), _with_runs(100_000)
    one, other, ratio = side_by_side(lambda: many.dag_run("d", "r500"), lambda: few.dag_run("d", "r500"))
    against = f"{one * 1e6:.0f} against {other * 1e6:.0f} us"
    yield at_most("reading one run among 100,000", ratio, "x", 1.5, against)

    few, many = _with_runs(1_000, waits=True), _with_runs(100_000, waits=True)
    one, other, ratio = side_by_side(lambda: _one_more(many), lambda: _one_more(few))
    against = f"{one * 1e3:.2f} against {other * 1e3:.2f} ms"
    yield at_most("a run that waits for the one before it, among 100,000", ratio, "x", 1.5, against)

    polled = _hourly()
    run = polled.trigger("d", plan={"t0": 1790})
    begun = time.perf_counter()
    while polled.dag_run("d", run.run_id).state != "success":
        polled.clock.sleep(10)
    yield at_most("half an hour of polling, every 10 s", time.perf_counter() - begun, "s", 0.2, "in process")
    seconds, spent, polls = min(_polled_by_the_official_client() for _ in range(5))
    against = f"{polls} polls of apache-airflow-client over the live server, {spent:.3f} s of this process's time"
    yield at_most("half an hour of a client's polling, every 10 s", seconds, "s", 0.2, against)


def _polled_by_the_official_client() -> tuple[float, float, int]:
    """Half an hour of it: the seconds it really took, those of them that this process worked, and how many polls."""
    import airflow_client.client as client
    from airflow_client.client.api.dag_run_api import DAGRunApi

    with _hourly() as mock:
        run_id = mock.trigger("d", run_id="polled", plan={"t0": 1750}).run_id
        configuration = client.Configuration(host=mock.api_url, **mock.credentials)
        with client.ApiClient(configuration) as api, mock.virtual_sleep():
            runs = DAGRunApi(api)
            runs.get_dag_run("d", run_id)  # the connection, and what either side makes once
            begun, working, polls = time.perf_counter(), time.process_time(), 1
            while runs.get_dag_run("d", run_id).state.value != "success":
                time.sleep(10)
                polls += 1
            return time.perf_counter() - begun, time.process_time() - working, polls


def _hourly() -> MockAirflow:
    mock = MockAirflow(clock="2025-01-01T00:30:00Z", frozen=True)
    mock.add_dag("d", [f"t{number}" for number in range(5)], schedule="@hourly")
    return mock


def _one_more(mock: MockAirflow) -> None:
    """A run from its trigger to its end."""
    mock.trigger("d")
    mock.clock.advance(60)
    mock.deployment.settle()


def _with_runs(count: int, *, waits: bool = False) -> MockAirflow:
    """One with so many finished runs of a DAG, whose task may wait for the run before."""
    mock = MockAirflow(clock="2025-01-01T00:30:00Z", frozen=True)
    mock.add_dag("d", [{"task_id": "t", "depends_on_past": waits}], catchup=False)
    airflow = mock.deployment.airflow
    begin = mock.clock.now() - timedelta(days=10_000)
    for number in range(count):
        add_finished(airflow, "d", f"r{number}", begin + timedelta(minutes=number))
    airflow.changes.clear()
    return mock
