"""Pages and lists."""

from __future__ import annotations

from tests.review.rules.case import THREE, Story, asks, case
from tests.review.talking import DAGS, Talker

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
ONE_BY_ONE = tuple(f"/dags/{name}" for name in DAGS[:6])
case("one-call-for-each", asks(*ONE_BY_ONE), asks(*ONE_BY_ONE[:4]), dags=6)
case(
    "one-call-for-each",
    asks(*ONE_BY_ONE),
    asks(*[path for each in ONE_BY_ONE for path in (each, f"{each}/dagRuns")]),
    dags=6,
)
case("one-call-for-each", asks(*ONE_BY_ONE), asks(*[f"{path}/details" for path in ONE_BY_ONE]), dags=6)
case(
    "whole-list-for-one",
    asks("/dags?limit=100", "/dags?limit=100&offset=100", "/dags/etl"),
    asks("/dags?limit=100", "/dags?limit=100&offset=100", "/dags/etl", "/dags/dag_001"),
    dags=130,
)
case(
    "whole-list-for-one",
    asks("/dags?limit=100", "/dags?limit=100&offset=100", "/dags/etl/dagRuns"),
    asks("/dags?limit=100&tags=none", "/dags?limit=100&offset=100&tags=none", "/dags/etl"),
    dags=130,
)


def variables(count: int, between: bool = False) -> Story:
    def story(t: Talker) -> None:
        for number in range(count):
            t.post("/variables", {"key": f"v{number}", "value": "1"}, wait=1)
            if between:
                t.get("/version")

    return story


case("one-by-one-where-bulk-is", variables(5), variables(4), **THREE)
case("one-by-one-where-bulk-is", variables(5), variables(5, between=True), **THREE)


case(
    "deep-offset-where-cursor-is",
    asks("/dags/~/dagRuns?offset=1000"),
    asks("/dags/~/dagRuns?offset=900", "/dags?offset=2000", "/dags/~/dagRuns?cursor="),
    **THREE,
)
