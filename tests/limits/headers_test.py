"""What answers tell of the limits: the headers, on every answer, and when to come back."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from mock_airflow.settings.record import LIMIT_HEADERS
from tests.support import Deploy

DAGS = "/api/v1/dags"
NOON = 1748779200  # 2025-06-01T12:00:00Z


@pytest.mark.parametrize("style", LIMIT_HEADERS)
def test_every_style_that_can_be_set_is_told(deploy: Deploy, style: str) -> None:
    answer = deploy(rate_limit="10/minute", limit_headers=style).get(DAGS)

    assert answer.status_code == 200
    assert bool(limit_headers(answer)) is (style != "none")


def limit_headers(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if "ratelimit" in name.lower()}


@pytest.mark.parametrize(
    ("style", "first", "refused"),
    [
        ("none", {}, {}),
        (
            "x-ratelimit-unix",
            {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "59", "X-RateLimit-Reset": str(NOON + 1)},
            {"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(NOON + 5)},
        ),
        (
            "x-ratelimit-delta",
            {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "59", "X-RateLimit-Reset": "1"},
            {"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "5"},
        ),
        (
            "ietf-06",
            {
                "RateLimit-Limit": "60",
                "RateLimit-Remaining": "59",
                "RateLimit-Reset": "1",
                "RateLimit-Policy": "60;w=60, 2;w=10",
            },
            {
                "RateLimit-Limit": "2",
                "RateLimit-Remaining": "0",
                "RateLimit-Reset": "5",
                "RateLimit-Policy": "60;w=60, 2;w=10",
            },
        ),
        (
            "ietf-07",
            {"RateLimit": "limit=60, remaining=59, reset=1", "RateLimit-Policy": "60;w=60, 2;w=10"},
            {"RateLimit": "limit=2, remaining=0, reset=5", "RateLimit-Policy": "60;w=60, 2;w=10"},
        ),
        (
            "ietf",
            {
                "RateLimit": '"default";r=59;t=1, "burst";r=1;t=5',
                "RateLimit-Policy": '"default";q=60;w=60, "burst";q=2;w=10',
            },
            {
                "RateLimit": '"default";r=58;t=3, "burst";r=0;t=10',
                "RateLimit-Policy": '"default";q=60;w=60, "burst";q=2;w=10',
            },
        ),
    ],
)
def test_every_counted_answer_tells_of_the_limit_in_the_chosen_style(
    deploy: Deploy, style: str, first: dict[str, str], refused: dict[str, str]
) -> None:
    call = deploy(rate_limit="60/minute", burst="2 per 10 seconds", limit_headers=style)

    assert limit_headers(call.get(DAGS)) == first
    assert call.get(f"{DAGS}/none").status_code == 404
    answer = call.get(DAGS)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert limit_headers(answer) == refused
    assert limit_headers(call.get("/api/v1/health")) == {}
    assert limit_headers(call.get("/__mock__/health")) == {}


def test_no_limit_is_told_of_where_there_is_none(deploy: Deploy) -> None:
    assert limit_headers(deploy(limit_headers="x-ratelimit-unix").get(DAGS)) == {}


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (None, "30"),
        ("seconds", "30"),
        ("date", "Sun, 01 Jun 2025 12:00:30 GMT"),
        ("absent", None),
        ("zero", "0"),
        ("past", "Sun, 01 Jun 2025 11:00:00 GMT"),
        ("absurd", "315360000"),
        ("malformed", "soon"),
    ],
)
def test_time_to_come_back_is_told_in_the_chosen_form(deploy: Deploy, form: str | None, value: str | None) -> None:
    by_setting, by_call = deploy(rate_limit="2/minute", retry_after=form), deploy()
    by_call.deployment.limits.set("2/minute", retry_after=form)
    for call in (by_setting, by_call):
        call.get(DAGS)
        call.get(DAGS)

        assert call.get(DAGS).headers.get("Retry-After") == value


def test_date_is_never_before_the_moment_at_which_a_request_passes(deploy: Deploy) -> None:
    call = deploy(rate_limit="7/minute", retry_after="date", clock="2025-06-01T12:00:00.700Z")
    while (answer := call.get(DAGS)).status_code == 200:
        pass

    call.deployment.clock.set(parsedate_to_datetime(answer.headers["Retry-After"]))

    assert call.get(DAGS).status_code == 200
    assert call.deployment.clock.now().microsecond == 0


def test_unix_reset_is_never_before_all_is_there_again(deploy: Deploy) -> None:
    call = deploy(rate_limit="7/minute", limit_headers="x-ratelimit-unix", clock="2025-06-01T12:00:00.700Z")
    call.get(DAGS)
    reset = int(call.get(DAGS).headers["X-RateLimit-Reset"])

    assert reset == NOON + 19  # two tokens, 60/7 s each, from 0.7 s on, as whole seconds
    call.deployment.clock.advance(timedelta(seconds=reset - NOON).total_seconds() - 0.7)
    assert call.get(DAGS).headers["X-RateLimit-Remaining"] == "6"


def test_headers_of_a_number_at_once_tell_of_the_limit(deploy: Deploy) -> None:
    call = deploy(rate_limit="60/minute", concurrency=1, limit_headers="x-ratelimit-delta")

    assert limit_headers(call.get(DAGS))["X-RateLimit-Limit"] == "60"
    assert limit_headers(call.get(DAGS)) == {
        "X-RateLimit-Limit": "1",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "1",
    }
