"""Who may come in, and how often."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import expect

CLIPBOARD = ["clipboard-read", "clipboard-write"]


def test_a_key_is_made_shown_once_copied_rotated_and_revoked(deploy, visit) -> None:
    airflow = deploy(profile="datacoves")
    page = visit("access", at=airflow, permissions=CLIPBOARD)
    page.get_by_label("Name of a new key").fill("ci")
    page.get_by_role("button", name="Create a key").click()
    secret = page.get_by_label("Value").input_value()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret

    def passes(value: str) -> bool:
        return requests.get(f"{airflow.api_url}/dags", headers={"Authorization": f"Token {value}"}).status_code == 200

    assert passes(secret)
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("button", name="Create a key")).to_be_visible()
    assert secret not in page.content()
    prefix = secret[:8]
    page.get_by_role("button", name=f"Rotate {prefix}").click()
    expect(page.get_by_label("Value")).not_to_have_value(secret)
    rotated = page.get_by_label("Value").input_value()
    assert (passes(secret), passes(rotated)) == (False, True)
    page.get_by_role("button", name=f"Revoke {rotated[:8]}").click()
    expect(page.get_by_role("status").first).to_have_text(f"The key {rotated[:8]} opens nothing from now on.")
    assert not passes(rotated)
    expect(page.locator("#keys").get_by_text("revoked")).to_be_visible()


def test_a_key_without_script(deploy, visit) -> None:
    airflow = deploy(profile="datacoves")
    page = visit("access", at=airflow, script=False)
    page.get_by_label("Expires in days").fill("1")
    page.get_by_role("button", name="Create a key").click()
    assert len(page.get_by_label("Value").input_value()) == 64
    expect(page.locator("#keys").get_by_text("2025-01-02 06:00:00")).to_be_visible()


def test_a_profile_without_keys_says_so(airflow, visit) -> None:
    page = visit("access")
    page.get_by_role("button", name="Create a key").click()
    expect(page.locator("#notices .problem")).to_contain_text("reads no keys")


def test_limits_are_set_moved_and_taken_away(deploy, visit) -> None:
    airflow = deploy(frozen=False)
    page = visit("access", at=airflow)
    page.get_by_label("Limit for everybody").fill("60/minute")
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_role("status").first).to_have_text("The limit is 60/minute.")
    for _ in range(3):
        requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)
    expect(page.locator("#levels")).to_contain_text("of 60/minute left, all of it again in")
    expect(page.locator("#levels")).to_contain_text("60 of 60/minute left")  # it fills up, and the page moves with it
    page.get_by_role("button", name="Use everything up").click()
    expect(page.get_by_role("status").first).to_have_text("Everybody's next request is one too many.")
    assert requests.get(f"{airflow.api_url}/dags", headers=airflow.headers).status_code == 429
    page.get_by_role("button", name="Take all limits away").click()
    expect(page.locator("#levels")).to_contain_text("No limit holds for everybody.")
    assert requests.get(f"{airflow.api_url}/dags", headers=airflow.headers).status_code == 200


def test_tokens_with_the_time_that_they_have_left(deploy, visit) -> None:
    airflow = deploy(airflow_version="3.3.2")
    answer = requests.post(f"{airflow.url}/auth/token", json=airflow.credentials)
    token = answer.json()["access_token"]
    page = visit("access", at=airflow)
    expect(page.locator("#tokens")).to_contain_text("1 d")
    page.get_by_role("button", name="Expire all tokens").click()
    expect(page.locator("#tokens .badge").first).to_be_visible()
    refused = requests.get(f"{airflow.api_url}/dags", headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 401
    assert token not in page.content()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_what_would_pass(airflow, visit, script: bool) -> None:
    page = visit("access", script=script)
    page.get_by_label("Operation", exact=True).select_option("DELETE /api/v1/dags/{dag_id}")
    page.get_by_label("Principal", exact=True).select_option("role Viewer")
    page.get_by_role("button", name="Try").click()
    expect(page.locator("#verdict")).to_contain_text("would be refused with 403")
    expect(page.locator("#verdict")).to_contain_text("What would pass: a role with")
    page.get_by_label("Principal", exact=True).select_option("the first credential")
    page.get_by_role("button", name="Try").click()
    expect(page.locator("#verdict")).to_contain_text("would pass")
    assert list(airflow.calls) == []
    assert "etl" in [dag.dag_id for dag in airflow.deployment.airflow.dags]


@pytest.mark.parametrize(
    "settings",
    [{}, {"profile": "datacoves"}, {"airflow_version": "3.3.2"}, {"profile": "airbyte"}, {"profile": "astro"}],
    ids=lambda settings: "-".join(settings.values()) or "2",
)
def test_a_verdict_is_what_happens(deploy, settings) -> None:
    from mock_airflow.control.page.trial import asked, operations, principals

    airflow = deploy(**settings)
    call = next(each for each in operations(airflow.deployment) if each.endswith("/dags") and each.startswith("GET"))
    for principal in principals(airflow.deployment):
        verdict = asked(airflow.deployment, call, principal)
        if principal == "nobody":
            met = requests.get(f"{airflow.api_url}/dags").status_code
        elif principal == "the first credential":
            met = requests.get(f"{airflow.api_url}/dags", headers=airflow.headers).status_code
        elif principal.startswith("role "):
            account = airflow.principal(principal.removeprefix("role "))
            met = requests.get(f"{airflow.api_url}/dags", headers=account.headers).status_code
        else:
            continue
        assert verdict.passes == (met == 200), (principal, verdict, met)
        assert verdict.passes or verdict.status == met
