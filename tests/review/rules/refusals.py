"""Cases of the rules in ``mock_airflow/review/rules/refusals.py``."""

from __future__ import annotations

from tests.review.rules.case import Story, asks, case
from tests.review.talking import Talker

case("refusal-repeated", asks(*["/dags/none"] * 3), asks(*["/dags/none"] * 2))


def awaited(t: Talker) -> None:
    for _ in range(3):
        t.get("/dags/none", wait=5)
    t.airflow.add_dag("none")
    t.get("/dags/none", wait=5)


case("refusal-repeated", asks(*["/dags/none"] * 3), awaited)
case(
    "error-read-as-success",
    asks("/dags/none", "/dags/etl/dagRuns/None"),
    asks("/dags/etl", "/dags/etl/dagRuns/None"),
)


def refused_run(waits: bool) -> Story:
    def story(t: Talker) -> None:
        t.post("/dags/none/dagRuns", {"dag_run_id": "mine"})
        if waits:
            t.get("/dags/none/dagRuns/mine", wait=5)

    return story


case("error-read-as-success", refused_run(True), refused_run(False))
