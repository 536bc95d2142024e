"""Cases of the rules in ``mock_airflow/review/rules/pages.py``."""

from __future__ import annotations

from tests.review.rules.case import THREE, Story, asks, case
from tests.review.talking import Talker

case("first-page-only", asks("/dags"), asks("/dags", "/dags?offset=100"), dags=130)
case("first-page-only", asks("/dags?limit=100"), asks("/dags?limit=10"), dags=130)
case("first-page-only", asks("/dags?limit=120"), asks("/dags?limit=100&order_by=-dag_id"), dags=130)
case(
    "first-page-only",
    asks("/dags?limit=120", "/dags?limit=20", *[f"/dags?limit=20&offset={20 * page}" for page in range(1, 7)]),
    asks("/dags?limit=20", *[f"/dags?limit=20&offset={20 * page}" for page in range(1, 7)]),
    dags=130,
)
case("first-page-only", asks("/dags"), asks("/dags?dag_id_pattern=etl"), dags=130)
case("first-page-only", asks("/dags"), asks("/dags", "/dags?offset=50", "/dags?offset=100"), dags=130, **THREE)
case(
    "stepped-by-asked-limit",
    asks("/dags?limit=120", "/dags?limit=120&offset=120"),
    asks("/dags?limit=120", "/dags?limit=120&offset=100"),
    dags=130,
)
case(
    "pages-with-gaps",
    asks("/dags?limit=10", "/dags?limit=10&offset=20"),
    asks("/dags?limit=10&offset=20", "/dags?limit=10&offset=10", "/dags?limit=10"),
    dags=30,
)
case(
    "pages-overlap",
    asks("/dags?limit=10", "/dags?limit=10&offset=9"),
    asks("/dags?limit=10", "/dags?limit=10", "/dags?limit=10&offset=10"),
    dags=30,
)
BY_STATE = "/dags/~/dagRuns?limit=2&order_by=state"
BY_ID = "/dags/~/dagRuns?limit=2&order_by=id"


def ordered(path: str, version: str = "v1") -> Story:
    def story(t: Talker) -> None:
        for _ in range(4):
            t.airflow.trigger("etl")
            t.airflow.clock.advance(1)
        asks(path, f"{path}&offset=2")(t)

    return story


case("pages-without-order", ordered(BY_STATE), ordered(BY_ID))
case("pages-without-order", ordered("/dags/~/dagRuns/~/taskInstances?limit=2"), ordered("/dags/~/dagRuns?limit=2"))


def pushed(order: str) -> Story:
    def story(t: Talker) -> None:
        for _ in range(4):
            t.airflow.trigger("etl")
            t.airflow.clock.advance(1)
        t.get(f"/dags/etl/dagRuns?limit=2&order_by={order}")
        t.airflow.trigger("etl")
        t.get(f"/dags/etl/dagRuns?limit=2&order_by={order}&offset=2")

    return story


case("items-came-twice", pushed("-id"), pushed("id"))
