"""Cases of the rules in ``mock_airflow/review/rules/waiting.py``."""

from __future__ import annotations

from tests.review.rules.case import Story, busy, case
from tests.review.talking import Talker


def limited(*waits: float) -> Story:
    def story(t: Talker) -> None:
        for wait in waits:
            t.get("/pools", wait=wait)

    return story


case("retry-after-ignored", limited(0, 0, 30), limited(0, 0, 60), rate_limit="1/minute")
case("gave-up-at-first-error", busy(1, 0), busy(1, 0, 2))
