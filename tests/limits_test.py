"""Rate limits on the deployment's clock: who is refused, with which words, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_airflow.errors import LimitError
from mock_airflow.limits.limits import Limits
from mock_airflow.limits.rules import Rule

START = datetime(2025, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "amount", "seconds"),
    [("500/minute", 500, 60), ("25 per second", 25, 1), ("10 per 30 seconds", 10, 30), ("2/day", 2, 86400)],
)
def test_rules_are_read(text: str, amount: int, seconds: int) -> None:
    rule = Rule.of(text)

    assert (rule.amount, rule.seconds) == (amount, seconds)


@pytest.mark.parametrize("text", ["", "many", "0/minute", "5/fortnight", "5", "-5/minute", "1/0 seconds", "5/minute x"])
def test_what_is_no_rule_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(LimitError, match="500/minute"):
        Rule.of(text)


@given(
    amount=st.integers(1, 20),
    seconds=st.integers(1, 60),
    steps=st.lists(st.floats(0, 30), max_size=60),
)
def test_never_admits_more_than_a_bucket_that_fills_evenly(amount: int, seconds: int, steps: list[float]) -> None:
    """Against a model in exact steps: tokens, capped, one a request."""
    limits, tokens, now, last = Limits(), float(amount), START, START
    limits.set(f"{amount} per {seconds} seconds")
    for step in steps:
        now += timedelta(seconds=step)
        tokens = min(amount, tokens + (now - last).total_seconds() * amount / seconds)
        last = now
        exceeded, _ = limits.take("key", now)
        if tokens > 1 - 1e-9:
            assert exceeded is None
            tokens = max(tokens - 1, 0)
        else:
            assert exceeded is not None
            assert limits.take("key", now + timedelta(seconds=exceeded.retry_after))[0] is None
            return


def test_refused_request_costs_nothing() -> None:
    limits = Limits()
    limits.set("2/minute", burst="1/second")
    limits.take("key", START)

    for _ in range(5):
        assert limits.take("key", START)[0] is not None
    assert limits.take("key", START + timedelta(seconds=1))[0] is None


def test_longest_wait_of_all_rules_is_told() -> None:
    limits = Limits()
    limits.set("1/hour", burst="1/second")
    limits.take("key", START)

    exceeded, _ = limits.take("key", START)

    assert exceeded is not None
    assert (exceeded.rule.text, exceeded.retry_after) == ("1/hour", 3600)


def test_limit_is_met_over_http(deploy: Callable[..., Any]) -> None:
    call = deploy(rate_limit="500/minute", burst="2/second")
    path = "/api/v1/dags"

    assert [call.get(path).status_code for _ in range(3)] == [200, 200, 429]
    refused = call.get(path)
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.get_json() == {
        "detail": "2 per 1 second",
        "status": 429,
        "title": "Too Many Requests",
        "type": "about:blank",
    }
    entry = list(call.deployment.journal)[-1]
    assert (entry.decision, entry.remaining) == ("limited", 0)
    assert "2/second" in entry.reason

    call.deployment.clock.advance(1)
    assert call.get(path).status_code == 200


def test_credentials_have_buckets_of_their_own_unless_the_deployment_counts(deploy: Callable[..., Any]) -> None:
    call = deploy(burst="1/minute")
    assert [call.get("/api/v1/dags", by=by).status_code for by in ("admin", "viewer", "viewer")] == [200, 200, 429]

    call.deployment.limits.set("1/minute", per="deployment")
    assert [call.get("/api/v1/dags", by=by).status_code for by in ("admin", "viewer")] == [200, 429]


def test_exempt_and_anonymous_requests_are_not_counted(deploy: Callable[..., Any]) -> None:
    call = deploy(burst="1/minute")

    for _ in range(3):
        assert call.get("/api/v1/health").status_code == 200
        assert call.get("/api/v1/version").status_code == 200
        assert call.get("/api/v1/dags", by=None).status_code == 403
    assert call.get("/api/v1/dags").status_code == 200


def test_vendors_gate_counts_everything_and_uses_its_own_words(deploy: Callable[..., Any]) -> None:
    call = deploy(profile="datacoves", burst="1/minute")
    headers = call.deployment.profile.headers(call.deployment.credentials, call.deployment)

    assert call.get("/api/v1/health", by=None, headers=headers).status_code == 200
    refused = call.get("/api/v1/health", by=None, headers=headers)
    assert refused.get_json() == {"detail": "Request was throttled. Expected available in 60 seconds."}
    assert refused.headers["Retry-After"] == "60"


def test_limits_go_with_the_snapshot(deploy: Callable[..., Any]) -> None:
    call = deploy(burst="1/minute")
    kept = call.deployment.snapshot()
    call.get("/api/v1/dags")
    assert call.get("/api/v1/dags").status_code == 429

    call.deployment.restore(kept)

    assert call.get("/api/v1/dags").status_code == 200


def test_exhausted_limit_refuses_the_next_request(deploy: Callable[..., Any]) -> None:
    call = deploy(rate_limit="60/minute")
    call.deployment.limits.exhaust(call.deployment.clock.now())

    assert call.get("/api/v1/dags").headers["Retry-After"] == "1"


def test_nothing_can_be_exhausted_without_a_limit() -> None:
    with pytest.raises(LimitError, match="set one first"):
        Limits().exhaust(START)
