"""Odd bodies and foreign pages are refused by the control API in words, where they once ended in a traceback."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Deploy

ODD: list[Any] = [{}, [], {"a": {}}, [[]], True, 10**30, -1, 1.5, "", "\n", "\ud800"]
RULE = (
    "page",
    "status",
    "stale",
    "drift",
    "latency",
    "probability",
    "first",
    "after",
    "where",
    "body",
    "headers",
    "pattern",
)


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("part", RULE)
def test_a_fault_rule_of_odd_parts_is_refused(deploy: Deploy, part: str, odd: Any) -> None:
    call = deploy()
    rule = {"where": "GET /api/v1/dags", "status": 503, part: odd}
    assert call.post("/__mock__/faults", json=rule).status_code < 500


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("part", ["tier", "key", "limit", "burst", "keys"])
def test_an_odd_tier_is_refused(deploy: Deploy, part: str, odd: Any) -> None:
    call = deploy(profile="datacoves")
    assert call("PUT", "/__mock__/tier", json={"tier": "growth", part: odd}).status_code < 500


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_the_control_api_answers_no_other_sites_page(deploy: Deploy, site: str) -> None:
    call = deploy()
    assert call.post("/__mock__/reset", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert call.post("/__mock__/reset", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 204
    assert call.get("/__mock__/health", headers={"Sec-Fetch-Site": "none"}).status_code == 200
