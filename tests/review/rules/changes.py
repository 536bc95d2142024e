"""Cases of the rules in ``mock_airflow/review/rules/changes.py``."""

from __future__ import annotations

from typing import Any

from tests.review.rules.case import THREE, Story, case
from tests.review.talking import Talker


def patched(body: dict[str, Any], mask: str = "") -> Story:
    def story(t: Talker) -> None:
        t.post("/variables", {"key": "limit", "value": "10", "description": "of the nightly job"})
        t("PATCH", f"/variables/limit{mask}", json=body)

    return story


WHOLE = {"key": "limit", "value": "20", "description": ""}
case("patch-resets-fields", patched(WHOLE), patched(WHOLE, "?update_mask=value"), **THREE)
case("patch-resets-fields", patched(WHOLE), patched({"key": "limit", "value": "20"}))
case("patch-resets-fields", patched(WHOLE), patched({"key": "limit", "value": "10", "description": ""}))


def deletes(*, look: bool = False, runs: int = 2) -> Story:
    def story(t: Talker) -> None:
        for _ in range(runs):
            t.airflow.trigger("etl")
            t.airflow.clock.advance(600)
        if look:
            t.get("/dags/etl/dagRuns?limit=1")
        t("DELETE", "/dags/etl")

    return story


case("delete-takes-along", deletes(), deletes(look=True))
case("delete-takes-along", deletes(), deletes(runs=0))
