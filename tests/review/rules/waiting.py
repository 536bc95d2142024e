"""Waiting, retrying and polling."""

from __future__ import annotations

from typing import Any

from tests.review.rules.case import Story, case, polling
from tests.review.talking import Talker


def limited(*waits: float) -> Story:
    def story(t: Talker) -> None:
        for wait in waits:
            t.get("/pools", wait=wait)

    return story


case("retry-after-ignored", limited(0, 0, 30), limited(0, 0, 60), rate_limit="1/minute")


def busy(times: int, *waits: float, method: str = "GET", path: str = "/pools", **effects: Any) -> Story:
    def story(t: Talker) -> None:
        t.airflow.faults.add(f"{method} *", times=times, optional=True, **({"status": 503} | effects))
        for wait in waits:
            t(method, path, wait=wait, **({"json": {}} if method == "POST" else {}))

    return story


case("gave-up-at-first-error", busy(1, 0), busy(1, 0, 2))
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


case("poll-too-fast", polling(6, 0.2), polling(6, 2))
case("poll-too-fast", polling(8, 0.5, path="/dags/etl/dagRuns/{run}/taskInstances"), polling(4, 0.2))


def listing(times: int, pause: float) -> Story:
    def story(t: Talker) -> None:
        t.trigger()
        for _ in range(times):
            t.post("/dags/~/dagRuns/list", {"dag_ids": ["etl"]}, wait=pause)

    return story


case("poll-too-fast", listing(6, 0.2), listing(6, 2))
case("poll-too-fast", polling(6, 0.2), polling(6, 0))  # the clock stands still: nobody knows
case("poll-never-slows", polling(70, 3), polling(70, 3, growth=1.05))
case("poll-never-slows", polling(70, 3), polling(70, 30))


def after_the_end(more: int, clear: bool = False) -> Story:
    def story(t: Talker) -> None:
        run = t.trigger()
        for wait in [600.0] + [20.0] * more:
            t.get(f"/dags/etl/dagRuns/{run}", wait=wait)
            if clear:
                t.post(f"/dags/etl/dagRuns/{run}/clear", {"dry_run": False})
                t.airflow.clock.advance(600)

    return story


case("poll-goes-on", after_the_end(3), after_the_end(2))
case("poll-goes-on", after_the_end(3), after_the_end(3, clear=True))


def logs(times: int, token: bool = False) -> Story:
    def story(t: Talker) -> None:
        run, sent = t.trigger(), ""
        t.airflow.clock.advance(600)
        for _ in range(times):
            path = f"/dags/etl/dagRuns/{run}/taskInstances/extract/logs/1"
            answer = t.get(path + sent, wait=5, headers={"Accept": "application/json"})
            if token:
                sent = f"?token={answer.json['continuation_token']}"

    return story


case("log-read-from-the-start", logs(3), logs(3, token=True))
case("log-read-from-the-start", logs(3), logs(1))
