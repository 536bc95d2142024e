"""Cases of the rules in ``mock_airflow/review/rules/polling.py``."""

from __future__ import annotations

from tests.review.rules.case import Story, case, polling
from tests.review.talking import Talker

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
