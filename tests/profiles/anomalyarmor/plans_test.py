"""Plans: how many keys and how fast, the headers on every answer, 429, and an upgrade that counts at once."""

from __future__ import annotations

import pytest
import requests

from mock_airflow import MockAirflow

CLOCK = "2026-01-02T03:04:05Z"
LIMIT, REMAINING, RESET = "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"


@pytest.mark.parametrize(
    ("tier", "most", "per_minute", "per_second"),
    [
        ("Free Trial", 1, 20, 2),
        ("starter", 1, 30, 3),
        ("growth", 10, 500, 25),
        ("professional", 25, 1000, 50),
        ("enterprise", None, 5000, 100),
    ],
)
def test_the_five_plans(tier, most, per_minute, per_second):
    with MockAirflow(profile="anomalyarmor", tier=tier, clock=CLOCK, frozen=True) as mock:
        usage = requests.get(f"{mock.api_url}/api-keys/usage", headers=mock.headers)
        told = usage.json()["data"]
        assert (told["rate_limit_per_min"], told["burst_limit"]) == (per_minute, per_second)
        assert told["max_keys"] == (most if most is not None else 1_000_000)
        assert (told["current_count"], told["can_create"]) == (1, most != 1)
        assert (usage.headers[LIMIT], usage.headers[REMAINING]) == (str(per_minute), str(per_minute - 1))
        answers = [requests.get(f"{mock.api_url}/dags", headers=mock.headers) for _ in range(per_second)]
        assert [answer.status_code for answer in answers] == [200] * (per_second - 1) + [429]


def test_one_request_too_many_is_told_as_its_package_reads_it():
    with MockAirflow(profile="anomalyarmor", tier="free-trial", clock=CLOCK, frozen=True) as mock:
        for _ in range(2):
            last = requests.get(f"{mock.api_url}/sdk/assets", headers=mock.headers)
        refused = requests.get(f"{mock.api_url}/sdk/assets", headers=mock.headers)
        assert last.status_code == 200
        assert refused.status_code == 429
        assert (refused.json()["error"]["code"], refused.headers["Retry-After"]) == ("RATE_LIMITED", "1")
        assert refused.headers["Cache-Control"] == "no-store"
        assert refused.headers[REMAINING] == "0"
        assert int(refused.headers[RESET]) >= mock.clock.now().timestamp()
        mock.clock.advance(1)
        assert requests.get(f"{mock.api_url}/sdk/assets", headers=mock.headers).status_code == 200


def test_every_answer_tells_of_the_limit(ask):
    for method, path in [
        ("GET", "/api/v1/assets"),
        ("GET", "/api/v1/sdk/assets/none"),
        ("GET", "/api/v1/dags"),
        ("GET", "/api/v1/nowhere"),
        ("POST", "/api/v1/api-keys"),
    ]:
        answer = ask(method, path)
        assert answer.headers[LIMIT] == "500", path
        assert 0 <= int(answer.headers[REMAINING]) < 500
        assert int(answer.headers[RESET]) > 1_600_000_000


def test_an_upgrade_raises_existing_keys_at_once():
    with MockAirflow(profile="anomalyarmor", tier="starter", clock=CLOCK, frozen=True) as mock:
        url = f"{mock.api_url}/api-keys"
        assert requests.post(url, headers=mock.headers, json={"name": "second"}).status_code == 403
        mock.limits.set_tier("professional")
        assert requests.post(url, headers=mock.headers, json={"name": "second"}).status_code == 201
        keys = requests.get(url, headers=mock.headers).json()["data"]["keys"]
        assert [(key["rate_limit_per_min"], key["burst_limit"]) for key in keys] == [(1000, 50)] * 2
        assert requests.get(url, headers=mock.headers).headers[LIMIT] == "1000"


def test_a_key_too_many(armor):
    with MockAirflow(profile="anomalyarmor", tier="starter") as mock:
        url = f"{mock.api_url}/api-keys"
        refused = requests.post(url, headers=mock.headers, json={"name": "second"})
        assert refused.status_code == 403
        assert refused.json()["error"] == {
            "code": "KEY_LIMIT_REACHED",
            "message": "API key limit reached: your plan allows 1 API key",
            "details": {"current_count": 1, "max_keys": 1},
        }
        assert mock.calls[-1].rule == "number of keys"
        assert len(mock.keys.list()) == 1


def test_a_revoked_key_makes_room(armor, ask):
    for number in range(9):
        made = ask("POST", "/api/v1/api-keys", json={"name": str(number)})
        assert made.status_code == 201
    assert ask("POST", "/api/v1/api-keys", json={"name": "one too many"}).status_code == 403
    ask("DELETE", f"/api/v1/api-keys/{made.json()['data']['id']}")
    assert ask("POST", "/api/v1/api-keys", json={"name": "fits again"}).status_code == 201


def test_how_a_key_too_many_is_refused_is_a_setting():
    words = {"anomalyarmor_key_limit_status": "409", "anomalyarmor_key_limit_code": "CONFLICT"}
    with MockAirflow(profile="anomalyarmor", tier="starter", **words) as mock:
        refused = requests.post(f"{mock.api_url}/api-keys", headers=mock.headers, json={"name": "x"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")


def test_limits_of_ones_own_count_before_a_plans():
    with MockAirflow(profile="anomalyarmor", rate_limit="2/minute", burst="1/second", clock=CLOCK, frozen=True) as mock:
        told = requests.get(f"{mock.api_url}/api-keys/usage", headers=mock.headers)
        assert (told.json()["data"]["rate_limit_per_min"], told.json()["data"]["burst_limit"]) == (2, 1)
        assert told.headers[LIMIT] == "2"
        assert requests.get(f"{mock.api_url}/assets", headers=mock.headers).status_code == 429
