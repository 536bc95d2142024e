"""What can go wrong: looked at, provoked, arranged by rules."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import expect

from mock_airflow.failures.catalogue import CATALOGUE


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_failure_is_looked_at_and_then_met(deploy, visit, script: bool) -> None:
    airflow = deploy(profile="datacoves")
    page = visit("failures", at=airflow, script=script)
    expect(page.get_by_role("button", name="Provoke ")).to_have_count(len(CATALOGUE))
    page.get_by_role("link", name="What a client sees: revoked", exact=True).click()
    status = page.locator("dd .badge").inner_text()
    assert requests.get(f"{airflow.api_url}/dags", headers=airflow.headers).status_code == 200
    body = page.get_by_label("Body of the answer").inner_text()
    page.get_by_role("button", name="Provoke revoked").click()
    expect(page.get_by_role("status")).to_contain_text("revoked is arranged")
    met = requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)
    assert (met.status_code, "".join(met.text.split())) == (int(status), "".join(body.split()))


def test_a_failure_that_the_profile_has_not_is_told(airflow, visit) -> None:
    page = visit("failures/number-of-keys")
    expect(page.locator("main .problem")).to_contain_text("has no such failure")
    page.complaints.clear()  # the browser tells of the 400


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_rules_are_added_counted_turned_off_and_on(airflow, visit, script: bool) -> None:
    page = visit("failures", script=script)
    page.locator("#where").fill("GET /api/v1/dags")
    page.get_by_label("its value").fill("502")
    page.locator("#times").fill("5")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.get_by_role("status")).to_contain_text("Rule 1 is on: GET /api/v1/dags: status 502, 5 times")

    def called() -> int:
        return requests.get(f"{airflow.api_url}/dags", headers=airflow.headers).status_code

    assert called() == 502
    if not script:
        page.reload()
    expect(page.locator("#rules td.number").nth(2)).to_have_text("1")
    page.get_by_role("button", name="Rule 1 off").click()
    expect(page.get_by_role("status")).to_have_text("Rule 1 is off.")
    assert called() == 200
    page.get_by_role("button", name="Rule 1 on").click()
    expect(page.get_by_role("status")).to_contain_text("Rule 2 is on: GET /api/v1/dags: status 502, 5 times")
    assert called() == 502
    page.get_by_role("button", name="Forget rule 2").click()
    expect(page.get_by_text("No rule: every call is answered as Airflow would.")).to_be_visible()
    assert called() == 200


def test_a_preset(airflow, visit) -> None:
    page = visit("failures")
    page.get_by_role("button", name="Add its rules").click()
    expect(page.locator("#rules tbody tr").first).to_be_visible()
    page.get_by_role("button", name="Forget all rules").click()
    expect(page.get_by_text("No rule: every call is answered as Airflow would.")).to_be_visible()
    assert airflow.deployment.faults.rules == ()


def test_a_rule_that_cannot_be_is_told(airflow, visit) -> None:
    page = visit("failures")
    page.locator("#where").fill("GET /api/v1/dagz")
    page.get_by_label("its value").fill("503")
    page.keyboard.press("Enter")
    expect(page.locator("#notices .problem")).to_contain_text("dagz")
    assert airflow.deployment.faults.rules == ()
