"""Cases of the rules in ``mock_airflow/review/rules/runs.py``."""

from __future__ import annotations

from tests.review.rules.case import DATE, THREE, Story, case, dated
from tests.review.talking import Talker


def paused(polls: int, unpause: bool = False) -> Story:
    def story(t: Talker) -> None:
        t.airflow.add_dag("idle", tasks=("one",), is_paused=True)
        run = t.trigger("idle")
        for place in range(polls):
            t.get(f"/dags/idle/dagRuns/{run}", wait=10)
            if unpause and place == 0:
                t("PATCH", "/dags/idle", json={"is_paused": False})

    return story


case("paused-dag-triggered", paused(2), paused(1))
case("paused-dag-triggered", paused(3), paused(3, unpause=True))
case("paused-dag-triggered", paused(2), paused(0), **THREE)


def hopeless(polls: int, slots: int = 0) -> Story:
    def story(t: Talker) -> None:
        t.post("/pools", {"name": "narrow", "slots": 1})
        t.airflow.add_dag("stuck", tasks=[{"task_id": "one", "pool": "narrow"}])
        t("PATCH", "/pools/narrow?update_mask=slots", json={"name": "narrow", "slots": slots})
        run = t.trigger("stuck")
        for _ in range(polls):
            t.get(f"/dags/stuck/dagRuns/{run}", wait=5)

    return story


case("waited-for-what-cannot-end", hopeless(3), hopeless(2))
case("waited-for-what-cannot-end", hopeless(3), hopeless(3, slots=1))
case(
    "same-date-triggered-twice",
    dated({"dag_run_id": "a", "logical_date": DATE}, {"dag_run_id": "b", "logical_date": DATE}),
    dated({"dag_run_id": "a", "logical_date": DATE}, {"dag_run_id": "a", "logical_date": DATE}),
)
case(
    "same-date-triggered-twice",
    dated({"logical_date": DATE}, {"logical_date": "2025-01-01T05:00:00Z"}),
    dated({"logical_date": DATE}, {"logical_date": "2025-01-01T05:00:00.000001Z"}, {}, {}),
)
