"""How long a folder of DAG files takes to be read."""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure, at_most

FILES = 500
SOURCE = """
from datetime import datetime
from airflow import DAG
from airflow.decorators import task
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.providers.amazon.aws.operators.s3 import S3CopyObjectOperator

with DAG("dag_{0:03}", schedule="{1} 6 * * *", start_date=datetime(2025, 1, 1), catchup=False, tags=["team"]):
    @task
    def extract():
        return [1, 2]

    @task
    def load(one):
        pass

    steps = [BashOperator(task_id=f"step_{{number}}", bash_command="true") for number in range(3)]
    EmptyOperator(task_id="start") >> steps >> load.expand(one=extract()) >> EmptyOperator(task_id="end")
"""


def figures() -> Iterator[Figure]:
    """A first and a second start, the second from what the first one kept."""
    from mock_airflow.testing.mock import template_of

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "dags"
        folder.mkdir()
        for number in range(FILES):
            (folder / f"dag_{number:03}.py").write_text(SOURCE.format(number, number % 60), encoding="utf-8")
        before = os.environ.get("XDG_CACHE_HOME")
        os.environ["XDG_CACHE_HOME"] = str(Path(place) / "cache")
        try:
            seconds = []
            for _ in range(2):
                gc.disable()  # as `serve` does while it loads
                start = time.perf_counter()
                deployment = template_of({"dags_folder": str(folder)})
                seconds.append(time.perf_counter() - start)
                gc.enable()
                assert len(deployment.airflow.dags) == FILES
        finally:
            if before is None:
                del os.environ["XDG_CACHE_HOME"]
            else:
                os.environ["XDG_CACHE_HOME"] = before
    yield at_most(f"read {FILES} DAG files", seconds[0], "s", 5.0, f"{os.cpu_count()} cores, two are meant")
    yield at_most(f"read {FILES} DAG files that did not change", seconds[1], "s", 0.5, "what the first start kept")
