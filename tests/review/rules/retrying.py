"""Cases of the rules in ``mock_airflow/review/rules/retrying.py``."""

from __future__ import annotations

from typing import Any

from tests.review.rules.case import Story, busy, case
from tests.review.talking import Talker

case("retries-at-one-pace", busy(9, 0, 2, 2, 2), busy(9, 0, 1, 2, 4))
case(
    "retries-without-end",
    busy(20, 0, *[2.0**step for step in range(11)]),
    busy(20, 0, *[2.0**step for step in range(9)]),
)


def refused_first(body: dict[str, Any], status: int = 502) -> Story:
    def story(t: Talker) -> None:
        t.airflow.faults.add("POST *", status=status, times=1)
        for wait in (0, 5):
            t.post("/dags/etl/dagRuns", body, wait=wait)

    return story


case("trigger-retried-without-run-id", refused_first({"conf": {}}), refused_first({"dag_run_id": "mine", "conf": {}}))
case("trigger-retried-without-run-id", refused_first({"conf": {}}, 504), refused_first({"conf": {}}, 429))
