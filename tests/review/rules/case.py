"""A case of a rule: a client that does it, and one that nearly does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.review.talking import Talker

Story = Callable[[Talker], Any]


class Case(NamedTuple):
    """A rule, the settings of the Airflow, who does it, and who nearly does."""

    rule: str
    does: Story
    nearly: Story
    settings: dict[str, Any]


CASES: list[Case] = []
THREE = {"airflow_version": "3.3.2", "profile": "airflow3"}


def case(rule: str, does: Story, nearly: Story, **settings: Any) -> None:
    """Note a case."""
    CASES.append(Case(rule, does, nearly, settings))


# What several subjects tell of.


def asks(*paths: str) -> Story:
    def story(t: Talker) -> None:
        for path in paths:
            t.get(path, wait=1)

    return story


def polling(times: int, pause: float, growth: float = 1.0, path: str = "/dags/etl/dagRuns/{run}") -> Story:
    def story(t: Talker) -> None:
        run, wait = t.trigger(), pause
        t.airflow.plan("etl", {"extract": 100_000}, run)
        for _ in range(times):
            t.get(path.format(run=run), wait=wait)
            wait *= growth

    return story


DATE = "2025-01-01T05:00:00+00:00"


def dated(*bodies: dict[str, Any]) -> Story:
    def story(t: Talker) -> None:
        for body in bodies:
            t.post("/dags/etl/dagRuns", body)

    return story


def busy(times: int, *waits: float, method: str = "GET", path: str = "/pools", **effects: Any) -> Story:
    def story(t: Talker) -> None:
        t.airflow.faults.add(f"{method} *", times=times, optional=True, **({"status": 503} | effects))
        for wait in waits:
            t(method, path, wait=wait, **({"json": {}} if method == "POST" else {}))

    return story
