"""Troubles that people know, each a list of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_airflow.errors import FaultError
from mock_airflow.settings.spelling import hint


class Preset(NamedTuple):
    """A title and the rules, as ``faults.add`` takes them."""

    title: str
    rules: tuple[Mapping[str, Any], ...]


PRESETS: Mapping[str, Preset] = {
    "flaky-gateway": Preset(
        "One call in five fails on its way: a page of nginx, a 503 with Retry-After, a reset, a cut body, a write "
        "whose answer is lost to a 504.",
        (
            {"where": "*", "chance": 0.06, "status": 502},
            {"where": "*", "chance": 0.04, "status": 503, "retry_after": 1},
            {"where": "*", "chance": 0.04, "reset": True},
            {"where": "GET *", "chance": 0.04, "truncate": 0.5},
            {"where": "POST *", "chance": 0.05, "status": 504, "lost_answer": True},
        ),
    ),
    "airflow-restarting": Preset(
        "The connection in flight is reset, for 20 s the gateway finds nobody (502), for 10 more it holds calls off "
        "(503 with Retry-After), and the first three answers afterwards are slow.",
        (
            {"where": "*", "times": 1, "reset": True},
            {"where": "*", "until": 20, "status": 502},
            {"where": "*", "until": 30, "status": 503, "retry_after": 5},
            {"where": "*", "times": 3, "latency": 4},
        ),
    ),
    "webserver-overloaded": Preset(
        "Every answer takes around 2 s, some much longer; every seventh call is turned away by the load balancer "
        "(503), every eleventh one waits for a minute to get a 504.",
        (
            {"where": "*", "every": 11, "latency": 60, "status": 504, "page": "alb", "lost_answer": True},
            {"where": "*", "every": 7, "status": 503, "page": "alb"},
            {"where": "*", "latency": {"log_normal": {"median": 2, "sigma": 0.7}}},
        ),
    ),
    "token-expires-mid-poll": Preset(
        "Two reads of a run pass; at the third the credential that it carries has expired. Calls with a new one pass.",
        ({"where": "GET *dagRuns/*", "after": 2, "times": 1, "expire_credential": True},),
    ),
    "page-drift": Preset(
        "While somebody pages, a row comes in front (a row is read twice), and a page later two go (a row is missed).",
        (
            {"where": "GET *", "times": 1, "drift": "added"},
            {"where": "GET *", "after": 1, "drift": "removed"},
        ),
    ),
}


def preset(name: Any, where: str | None = None) -> list[dict[str, Any]]:
    """The rules of a preset, for its own calls or for those of ``where``. Raises FaultError."""
    if name not in PRESETS:
        raise FaultError(f"There is no preset {name!r}; {hint(name, PRESETS, 'the presets are')}")
    return [dict(rule) if where is None else {**rule, "where": where} for rule in PRESETS[name].rules]
