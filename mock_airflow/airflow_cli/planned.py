"""What a DAG's schedule will make next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Dag
from mock_airflow.domain.scheduler.timetables import next_run


def upcoming(airflow: Airflow, dag: Dag, count: int) -> Iterator[datetime | None]:
    """The beginnings of the next ``count`` intervals; None, once and at the end, where no further is known."""
    start, end = dag.next_dagrun_data_interval_start, dag.next_dagrun_data_interval_end
    for _ in range(count):
        yield start
        if start is None or end is None:
            return
        planned = next_run(dag, (start, end), start, None, airflow.now())
        start, end = (None, None) if planned is None else (planned.start, planned.end)
