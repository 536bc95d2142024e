"""Rate limits on the deployment's clock: who is refused, with which words, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from mock_airflow.errors import LimitError, SettingError, WorldError
from mock_airflow.limits.limits import Limits
from mock_airflow.limits.rules import TIERS, LimitRule
from mock_airflow.storage.tables import Table
from mock_airflow.testing.mock import MockAirflow
from tests.support import Deploy

START = datetime(2025, 1, 1, tzinfo=timezone.utc)
DAGS = "/api/v1/dags"


def new_limits(limit: str | None = None, burst: str | None = None, **more: Any) -> Limits:
    limits = Limits(Table("limits", lambda account: account.who, []), Table("singletons", lambda row: row.name, []))
    limits.set(limit, burst, **more)
    return limits


def passes(limits: Limits, now: datetime = START, who: str = "key") -> bool:
    standing = limits.count(who, None, now)
    assert standing is not None
    return standing.exceeded is None


@pytest.mark.parametrize(
    ("text", "amount", "seconds"),
    [("500/minute", 500, 60), ("25 per second", 25, 1), ("10 per 30 seconds", 10, 30), ("2/day", 2, 86400)],
)
def test_rules_are_read(text: str, amount: int, seconds: int) -> None:
    rule = LimitRule.of(text)

    assert (rule.amount, rule.seconds) == (amount, seconds)


@pytest.mark.parametrize(
    "text", ["", "many", "0/minute", "5/fortnight", "5", "-5/minute", "1/0 seconds", "1/00 seconds", "5/minute x"]
)
def test_what_is_no_rule_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(LimitError, match="500/minute"):
        LimitRule.of(text)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"algorithm": "leaky"}, "token-bucket, fixed-window"),
        ({"per": "planet"}, "credential, user, endpoint, address or deployment"),
        ({"per": "user+planet"}, "not per 'user[+]planet'"),
        ({"concurrency": 0}, "nobody would be answered"),
        ({"headers": "x"}, "ietf-07"),
        ({"retry_after": "10s"}, "malformed"),
        ({"limit": "200000/day", "algorithm": "sliding-window"}, "remembers each request"),
        ({"burst": "often"}, "cannot be understood"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(wanted: dict[str, Any], reason: str) -> None:
    with MockAirflow() as airflow:
        airflow.limits.set("7/minute")
        before = airflow.limits.terms

        with pytest.raises(LimitError, match=reason):
            airflow.limits.set(**{"limit": "5/minute", **wanted})
        assert airflow.limits.terms is before


def test_refused_request_costs_nothing() -> None:
    limits = new_limits("2/minute", "1/second")
    assert passes(limits)

    assert [passes(limits) for _ in range(5)] == [False] * 5
    assert passes(limits, START + timedelta(seconds=1))


def test_longest_wait_of_all_rules_is_told() -> None:
    limits = new_limits("1/hour", "1/second")
    assert passes(limits)

    standing = limits.count("key", None, START)

    assert standing is not None
    assert standing.exceeded is not None
    assert (standing.exceeded.rule.text, standing.exceeded.retry_after) == ("1/hour", 3600)


def test_limit_is_met_over_http(deploy: Deploy) -> None:
    call = deploy(rate_limit="500/minute", burst="2/second")

    assert [call.get(DAGS).status_code for _ in range(3)] == [200, 200, 429]
    refused = call.get(DAGS)
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.get_json() == {
        "detail": "2 per 1 second",
        "status": 429,
        "title": "Too Many Requests",
        "type": "about:blank",
    }
    entry = list(call.deployment.journal)[-1]
    assert (entry.decision, entry.remaining, entry.rule) == ("limited", 0, "2/second")
    assert "2/second" in entry.reason
    assert entry.until == call.deployment.clock.now() + timedelta(seconds=1)

    call.deployment.clock.advance(1)
    assert call.get(DAGS).status_code == 200


@pytest.mark.parametrize(
    ("per", "statuses"),
    [
        ("credential", [200, 200, 429, 200, 200, 403, 403]),
        ("user", [200, 200, 429, 200, 200, 403, 403]),
        ("deployment", [200, 200, 429, 429, 429, 429, 429]),
        ("address", [200, 200, 429, 429, 200, 429, 429]),
        ("endpoint", [200, 200, 429, 429, 429, 403, 403]),
        ("user+endpoint", [200, 200, 429, 200, 200, 403, 403]),
    ],
)
def test_requests_are_counted_by_what_is_said(deploy: Deploy, per: str, statuses: list[int]) -> None:
    call = deploy()
    call.deployment.limits.set("2/minute", per=per)
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    if per == "address":  # what came before has another address
        call.get("/api/v1/pools", **elsewhere)

    answers = [call.get(DAGS), call.get(DAGS), call.get(DAGS), call.get(DAGS, by="viewer")]
    answers += [call.get(DAGS, by="op", **elsewhere)]
    answers += [call.get("/api/v1/pools", by=None, **elsewhere), call.get("/api/v1/pools", by=None)]

    assert [answer.status_code for answer in answers] == statuses


def test_exempt_and_anonymous_requests_are_not_counted(deploy: Deploy) -> None:
    call = deploy(burst="1/minute")

    for _ in range(3):
        assert call.get("/api/v1/health").status_code == 200
        assert call.get("/api/v1/version").status_code == 200
        assert call.get(DAGS, by=None).status_code == 403
    assert call.get(DAGS).status_code == 200


def test_vendors_gate_counts_everything_and_uses_its_own_words(deploy: Deploy) -> None:
    call = deploy(profile="datacoves", burst="1/minute")
    headers = call.deployment.profile.headers(call.deployment.credentials, call.deployment)

    assert call.get("/api/v1/health", by=None, headers=headers).status_code == 200
    refused = call.get("/api/v1/health", by=None, headers=headers)
    assert refused.get_json() == {"detail": "Request was throttled. Expected available in 60 seconds."}
    assert refused.headers["Retry-After"] == "60"


def test_limits_go_with_the_snapshot(deploy: Deploy) -> None:
    call = deploy(burst="1/minute")
    kept = call.deployment.snapshot()
    call.get(DAGS)
    assert call.get(DAGS).status_code == 429

    call.deployment.restore(kept)

    assert call.get(DAGS).status_code == 200


def test_exhausted_limit_refuses_the_next_request_of_everybody(deploy: Deploy) -> None:
    call = deploy(rate_limit="60/minute")
    for _ in range(2):
        call.deployment.limits.exhaust(call.deployment.clock.now())

        assert [call.get(DAGS, by=by).headers["Retry-After"] for by in ("admin", "viewer")] == ["1", "1"]


def test_nothing_can_be_exhausted_without_a_limit() -> None:
    with pytest.raises(LimitError, match="set one first"):
        new_limits().exhaust(START)


def test_tiers_are_those_that_are_documented() -> None:
    told = {
        name: (tier.keys, tier.limit and tier.limit.amount, tier.burst and tier.burst.amount)
        for name, tier in TIERS.items()
    }

    assert told == {
        "free-trial": (1, 20, 2),
        "starter": (1, 30, 3),
        "growth": (10, 500, 25),
        "professional": (25, 1000, 50),
        "enterprise": (None, 5000, 100),
    }


def test_tier_changes_at_once_for_keys_that_exist() -> None:
    with MockAirflow(profile="datacoves", tier="Free Trial", frozen=True) as airflow:
        call = _caller(airflow)
        assert [call() for _ in range(3)] == [200, 200, 429]

        airflow.limits.set_tier("growth")

        assert [call() for _ in range(24)] == [200] * 23 + [429]  # the two from before count

        airflow.limits.set_tier("starter")

        assert call() == 429


def test_key_has_a_tier_of_its_own_until_everybody_gets_one() -> None:
    with MockAirflow(profile="datacoves", frozen=True) as airflow:
        issued = airflow.keys.create(name="slow", tier="free_trial")
        slow, free = _caller(airflow, issued.secret), _caller(airflow)

        assert [slow() for _ in range(3)] == [200, 200, 429]
        assert [free() for _ in range(60)] == [200] * 60

        airflow.limits.set_tier("starter", key=issued)
        assert [slow() for _ in range(2)] == [200, 429]

        airflow.limits.set_tier("growth")
        assert [slow() for _ in range(23)] == [200] * 22 + [429]
        assert [free() for _ in range(26)] == [200] * 25 + [429]


def test_custom_tier_is_known_by_its_name() -> None:
    with MockAirflow(frozen=True) as airflow:
        airflow.limits.define_tier("Two A Day", "2/day")
        airflow.limits.set_tier("two-a-day")
        call = _caller(airflow)
        assert [call() for _ in range(3)] == [200, 200, 429]

        with pytest.raises(LimitError, match="did you mean 'two-a-day'"):
            airflow.limits.set_tier("two-day")
        with pytest.raises(LimitError, match="neither a limit nor a burst"):
            airflow.limits.define_tier("none")


def test_limits_of_ones_own_count_before_a_tier_and_can_be_cleared() -> None:
    with MockAirflow(tier="growth", rate_limit="1/minute", frozen=True) as airflow:
        call = _caller(airflow)
        assert [call(), call()] == [200, 429]

        airflow.limits.clear()

        assert [call() for _ in range(60)] == [200] * 60


def test_number_at_once_is_let_go_when_the_answer_has_gone_out_or_failed(deploy: Deploy) -> None:
    call = deploy(concurrency=1)
    started: list[str] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": DAGS, **_basic("admin")}

    first = call.deployment.wsgi({**_ENVIRON, **environ}, lambda status, headers, error=None: started.append(status))
    refused = call.get(DAGS)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert refused.get_json()["detail"] == "1 at once"
    assert "are being answered" in list(call.deployment.journal)[-1].reason
    assert call.get(DAGS, by="viewer").status_code == 200
    first.close()  # whether it was read or not

    paths = (DAGS, "/api/v1/dags/none", "/api/v1/dags?x=1", "/api/v1/config", DAGS)
    assert [call.get(path, buffered=True).status_code for path in paths] == [200, 404, 400, 406, 200]


def test_keys_and_worlds_name_their_tiers(deploy: Deploy) -> None:
    world = {
        "limits": {"tier": "tiny", "headers": "ietf", "tiers": {"tiny": {"limit": "1/minute"}}},
        "keys": [{"secret": "aaaaaaaa-of-growth", "tier": "Growth"}],
    }
    call = deploy(world, profile="datacoves", key="bbbbbbbb-of-starter:read-only:starter")

    def statuses(secret: str) -> int:
        answers = [call.get(DAGS, by=None, headers={"Authorization": f"Token {secret}"}) for _ in range(30)]
        return sum(answer.status_code == 200 for answer in answers)

    assert statuses("aaaaaaaa-of-growth") == 25
    assert statuses("bbbbbbbb-of-starter") == 3
    assert statuses(call.deployment.credentials["api_key"]) == 1


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        ({"limit": "often"}, "cannot be understood"),
        ({"tier": "growht"}, "did you mean 'growth'"),
        ({"tier": "growth", "limit": "5/minute"}, "brings its own limit"),
        ({"tiers": {"mine": {"limit": "5/minute", "keys": 0}}}, "allows 1 key or more"),
        ({"tiers": {"mine": {}}}, "neither a limit nor a burst"),
        ({"limit": "5/minute", "algoritm": "x"}, "Did you mean 'algorithm'"),
    ],
)
def test_worlds_limits_that_cannot_be_are_refused(deploy: Deploy, section: dict[str, Any], reason: str) -> None:
    with pytest.raises(WorldError, match=reason):
        deploy({"limits": section})


def test_settings_are_checked() -> None:
    with pytest.raises(SettingError, match="did you mean 'sliding-window'"):
        MockAirflow(limit_algorithm="sliding-windows")
    with pytest.raises(LimitError, match="the tiers are free-trial"):
        MockAirflow(tier="gold")


_ENVIRON = {
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.url_scheme": "http",
    "wsgi.input": None,
    "wsgi.errors": None,
    "SCRIPT_NAME": "",
    "QUERY_STRING": "",
}


def _basic(name: str) -> dict[str, str]:
    from werkzeug.datastructures import Authorization

    return {"HTTP_AUTHORIZATION": Authorization("basic", {"username": name, "password": name}).to_header()}


def _caller(airflow: MockAirflow, secret: str | None = None) -> Callable[[], int]:
    """Asks for the DAGs, in process; gives the status."""
    from werkzeug.test import Client

    headers = airflow.headers if secret is None else {"Authorization": f"Token {secret}"}
    client = Client(airflow.deployment.wsgi)
    return lambda: client.get(DAGS, headers=headers).status_code
