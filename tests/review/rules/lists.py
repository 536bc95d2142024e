"""Cases of the rules in ``mock_airflow/review/rules/lists.py``."""

from __future__ import annotations

from tests.review.rules.case import THREE, Story, asks, case
from tests.review.talking import DAGS, Talker

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
