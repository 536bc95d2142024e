"""The console without a mouse: everything is reached by Tab and used by Enter, and focus stays where people are."""

from __future__ import annotations

import requests
from playwright.sync_api import Page, expect

_FARTHEST = 150  # presses until something should have been reached


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that accessible name has the focus."""
    for _ in range(_FARTHEST):
        page.keyboard.press("Tab")
        told = page.evaluate("""() => {
            const at = document.activeElement;
            const named = at.labels && at.labels.length ? at.labels[0] : at;
            return at.getAttribute("aria-label") || named.textContent.trim();
        }""")
        if told == name:
            return
    raise AssertionError(f"{name!r} was not reached")


def test_the_page_is_skipped_to(visit) -> None:
    page = visit("clock")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_clock_is_let_run_and_stopped(airflow, visit) -> None:
    page = visit("clock")
    page.locator("html[data-ready]").wait_for()
    tab_to(page, "Let it run")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Freeze")).to_be_focused()
    assert not airflow.clock.frozen
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Let it run")).to_be_focused()
    tab_to(page, "Amount")
    page.keyboard.type("2")
    tab_to(page, "Unit")
    page.keyboard.type("days")
    page.keyboard.press("Enter")
    tab_to(page, "Step")
    before = airflow.clock.now()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("It is 2025-01-03T")
    assert (airflow.clock.now() - before).days == 2


def test_a_key_is_made_and_revoked(deploy, visit) -> None:
    airflow = deploy(profile="datacoves")
    page = visit("access", at=airflow)
    page.locator("html[data-ready]").wait_for()
    tab_to(page, "Name of a new key")
    page.keyboard.type("ci")
    page.keyboard.press("Enter")
    secret = page.get_by_label("Value").input_value()
    headers = {"Authorization": f"Token {secret}"}
    assert requests.get(f"{airflow.api_url}/dags", headers=headers).status_code == 200
    page.locator("#main").focus()
    tab_to(page, f"Revoke {secret[:8]}")
    page.keyboard.press("Enter")
    expect(page.locator("#keys").get_by_text("revoked")).to_be_visible()
    assert requests.get(f"{airflow.api_url}/dags", headers=headers).status_code == 401


def test_a_failure_is_looked_at_and_provoked(airflow, visit) -> None:
    page = visit("failures")
    page.locator("html[data-ready]").wait_for()
    tab_to(page, "What a client sees: 503-retry-after")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("503-retry-after")
    page.locator("html[data-ready]").wait_for()
    tab_to(page, "Provoke 503-retry-after")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("503-retry-after is arranged")
    assert requests.get(f"{airflow.api_url}/dags", headers=airflow.headers).status_code == 503
