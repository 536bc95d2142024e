"""Cases of the rules in ``mock_airflow/review/rules/reading.py``."""

from __future__ import annotations

from tests.review.rules.case import Story, case
from tests.review.talking import Talker


def result(seconds: float, state: bool = True, kind: str = "xcomEntries/return_value", again: bool = False) -> Story:
    def story(t: Talker) -> None:
        run = t.trigger()
        t.airflow.clock.advance(seconds)
        if state:
            t.get(f"/dags/etl/dagRuns/{run}")
        t.get(f"/dags/etl/dagRuns/{run}/taskInstances/extract/{kind}")
        if again:
            t.get(f"/dags/etl/dagRuns/{run}/taskInstances/extract/{kind}", wait=600)

    return story


case("read-before-done", result(0), result(600))
case("read-before-done", result(0, state=False), result(0, again=True))
case("read-before-done", result(1, kind="logs/1"), result(600, kind="logs/1"))
