"""What much at once costs: many DAGs due in the same minute, a month of minutes, a world of 100,000 runs.

Each runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.measure import Figure, at_most

# Tells the seconds that its last part takes, what the process has grown by then in MB, and how many runs there are.
_MEASURED = """
import json, resource, sys, time
from mock_airflow import MockAirflow

def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000

{prepare}
before, begun = memory(), time.perf_counter()
{measure}
seconds = time.perf_counter() - begun
print(json.dumps([seconds, memory() - before, len(mock.deployment.airflow.dag_runs)]))
"""
_SAME_MINUTE = """
mock = MockAirflow(clock="2025-01-01T00:30:00Z", frozen=True)
for number in range(100):
    mock.add_dag(f"d{number}", ["extract", "transform", "load"], schedule="@hourly")
"""
_MINUTELY = """
mock = MockAirflow(clock="2025-01-01T00:00:30Z", frozen=True)
mock.add_dag("d", ["t"], schedule="* * * * *")
"""


def figures() -> Iterable[Figure]:
    """Dense schedules and a large world: seconds, and memory."""
    seconds, _, runs = _measured(_SAME_MINUTE, "mock.clock.advance(hours=100); mock.deployment.settle()")
    yield at_most("100 DAGs of 3 tasks, 100 times due in the same minute", seconds, "s", 5, f"{runs:,} runs")
    seconds, grown, runs = _measured(_MINUTELY, "mock.clock.advance(days=30); mock.deployment.settle()")
    yield at_most("a minutely DAG, moved by 30 days", seconds, "s", 3, f"{runs:,} runs")
    yield at_most("the memory that takes", grown, "MB", 150, "as the process grew")
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "large.json"
        command = [sys.executable, "-m", "mock_airflow", "world", "generate", "--dags", "200", "--runs", "100000"]
        subprocess.run([*command, "--output", str(world)], check=True, capture_output=True)
        seconds, grown, runs = _measured(f"world = {str(world)!r}", "mock = MockAirflow(world=world)")
    yield at_most("load a world of 200 DAGs", seconds, "s", 5, f"{runs:,} runs")
    yield at_most("the memory that takes", grown, "MB", 300, "as the process grew")


def _measured(prepare: str, measure: str) -> tuple[float, float, int]:
    code = _MEASURED.format(prepare=prepare, measure=measure)
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    seconds, grown, runs = json.loads(told)
    return seconds, grown, runs
