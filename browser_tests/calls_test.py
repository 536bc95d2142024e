"""The calls: followed as they come, filtered, opened, repeated, taken back."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from mock_airflow import MockAirflow
from mock_airflow.journal.journal import Kept

RUN = {"dag_run_id": "one", "conf": {"password": "hidden-by-name", "day": 1}}


def called(airflow: MockAirflow) -> None:
    """Four calls: listed, refused, triggered, missing."""
    runs = f"{airflow.api_url}/dags/etl/dagRuns"
    requests.get(f"{airflow.api_url}/dags?limit=5", headers=airflow.headers)
    requests.get(f"{airflow.api_url}/dags", auth=("admin", "not-the-password"))
    requests.post(runs, json=RUN, headers=airflow.headers)
    requests.get(f"{airflow.api_url}/dags/missing", headers=airflow.headers)


def rows(page: Any) -> Any:
    return page.locator("#calls tbody tr")


def test_calls_come_in_with_the_reason_of_a_refused_one(airflow, visit) -> None:
    page = visit("calls")
    called(airflow)
    expect(rows(page)).to_have_count(4)
    expect(rows(page).nth(2)).to_contain_text("refused: ")
    expect(rows(page).nth(2)).to_contain_text("password")
    expect(rows(page).nth(3)).to_contain_text("GET /api/v1/dags?limit=5")
    expect(rows(page).first.locator("time")).to_have_text("2025-01-01 06:00:00")
    assert "by this machine's clock" in rows(page).first.locator("time").get_attribute("title")
    assert "not-the-password" not in page.content()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_filters_stand_in_the_address(airflow, visit, script: bool) -> None:
    called(airflow)
    page = visit("calls", script=script)
    page.get_by_label("Decision").select_option("refused")
    if not script:
        page.get_by_role("button", name="Filter").click()
    expect(rows(page)).to_have_count(2)
    page.get_by_label("Status").fill("404")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    assert "decision=refused" in page.url
    assert "status=404" in page.url
    page.get_by_role("link", name="All calls").click()
    expect(rows(page)).to_have_count(4)
    page.get_by_label("Path").fill("dagRuns")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    page.goto(f"{airflow.url}/__mock__/page/calls?operation=get_dags&principal=admin&method=GET")
    expect(rows(page)).to_have_count(1)
    page.goto(f"{airflow.url}/__mock__/page/calls?path=nowhere")
    expect(page.get_by_text("No call fits; 4 are kept.")).to_be_visible()


def test_a_filter_that_cannot_be_is_told(airflow, visit) -> None:
    page = visit("calls?status=many")
    page.locator("html[data-ready]").wait_for()
    airflow.clock.advance(60)
    expect(page.locator("#now")).to_have_text("2025-01-01 06:01:00")  # something moved, and it is asked for no more
    expect(page.get_by_text("'status' must be a whole number")).to_be_visible()
    page.complaints.clear()  # the browser tells of the 400


def test_an_opened_call_tells_everything_but_secrets(airflow, visit, accessible) -> None:
    called(airflow)
    page = visit("calls/3")
    decided = page.locator(".walk [aria-current=step]")
    expect(decided).to_contain_text("Operation")
    expect(page.get_by_label("Body of the request")).to_contain_text('"day": 1')
    expect(page.get_by_label("Body of the answer")).to_contain_text('"dag_run_id": "one"')
    expect(page.get_by_role("heading", name="added in dag_runs")).to_be_visible()
    assert "hidden-by-name" not in page.content()
    accessible(page)
    page.get_by_role("link", name="Earlier").click()
    expect(decided).to_contain_text("Credential")
    expect(page.locator(".walk .not-reached")).to_have_count(3)
    page.get_by_role("link", name="Later").click()
    expect(page).to_have_url(f"{airflow.url}/__mock__/page/calls/3")


def test_levels_of_limits_then(deploy, visit) -> None:
    airflow = deploy(rate_limit="2/minute")
    for _ in range(3):
        requests.get(f"{airflow.api_url}/pools", headers=airflow.headers)
    page = visit("calls/1", at=airflow)
    expect(page.get_by_text("1 of 2/minute left, all of it again")).to_be_visible()
    page.goto(f"{airflow.url}/__mock__/page/calls/3")
    expect(page.locator(".walk [aria-current=step]")).to_contain_text("Limits")


@pytest.mark.parametrize(
    "settings", [{}, {"profile": "datacoves"}, {"airflow_version": "3.3.2"}], ids=["2", "gate", "3"]
)
def test_a_call_is_repeated_by_what_the_page_says(deploy, visit, settings: dict[str, Any]) -> None:
    airflow = deploy(**settings)
    headers = airflow.headers
    patch = {"is_paused": True}
    assert requests.patch(f"{airflow.api_url}/dags/etl?update_mask=is_paused", json=patch, headers=headers).ok
    page = visit("calls/1", at=airflow)
    spelt = {name.upper().replace("-", "_"): value for name, value in headers.items()}
    for how in ("curl", "requests", "httpx"):
        said = page.get_by_label(how, exact=True).inner_text()
        command = ["bash", "-c", said] if how == "curl" else [sys.executable, "-c", said]
        subprocess.run(command, env={**os.environ, **airflow.env, **spelt}, check=True, capture_output=True)
    first, *others = airflow.calls
    assert len(others) == 3
    for other in others:
        assert (other.method, other.path, other.query) == (first.method, first.path, first.query)
        assert (other.status, other.request_json, other.principal) == (200, first.request_json, first.principal)


def test_what_a_test_expects_is_true_of_what_happened(airflow, visit) -> None:
    called(airflow)
    page = visit("calls/3")
    code = page.get_by_label("expect this in a test", exact=True).inner_text()
    exec(code, {"mock_airflow": airflow})
    page.goto(f"{airflow.url}/__mock__/page/calls/4")
    code = page.get_by_label("expect this in a test", exact=True).inner_text()
    with pytest.raises(AssertionError):
        exec(code, {"mock_airflow": airflow})  # nobody makes the call


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_rewinding_to_before_a_call(airflow, visit, script: bool) -> None:
    called(airflow)
    page = visit("calls/3", script=script)
    page.get_by_role("button", name="Rewind to before this call").click()
    expect(page.get_by_role("status")).to_have_text("The state is as call 3 found it; the calls stay in the log.")
    assert requests.get(f"{airflow.api_url}/dags/etl/dagRuns/one", headers=airflow.headers).status_code == 404


def test_a_call_becomes_a_fault_rule(airflow, visit) -> None:
    called(airflow)
    page = visit("calls/1")
    page.get_by_label("Answer such calls with").fill("502")
    page.get_by_label("so many times").fill("1")
    page.get_by_role("button", name="Make this a fault rule").click()
    expect(page.get_by_role("status")).to_contain_text("Fault rule 1 is on")
    statuses = [requests.get(f"{airflow.api_url}/dags", headers=airflow.headers).status_code for _ in range(2)]
    assert statuses == [502, 200]
    page.get_by_label("Answer such calls with").fill("99")
    page.get_by_role("button", name="Make this a fault rule").click()
    expect(page.locator("#notices .problem")).to_be_visible()
    assert page.get_by_label("Answer such calls with").input_value() == "99"


def test_by_keyboard_alone(airflow, visit) -> None:
    called(airflow)
    page = visit("calls")
    page.locator("html[data-ready]").wait_for()
    page.keyboard.press("/")
    expect(page.get_by_label("Path")).to_be_focused()
    page.get_by_role("link", name="Call 4").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Call 3")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Call 3: POST /api/v1/dags/etl/dagRuns")


def test_what_one_points_at_stays_where_it_is(airflow, visit) -> None:
    requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)
    page = visit("calls")
    page.get_by_role("link", name="Call 1").hover()
    called(airflow)
    expect(page.get_by_text("Held while you point at it")).to_be_visible()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("heading", level=1).hover()
    expect(rows(page)).to_have_count(5)


def test_thousands_of_calls_stay_a_page(deploy, visit) -> None:
    airflow = deploy(journal_size=5000)
    requests.get(f"{airflow.api_url}/version")
    journal, one = airflow.deployment.journal, airflow.calls[0]
    for _ in range(4999):  # as if it had been asked so often, in a moment
        journal.add(Kept(one._replace(number=journal.next_number())))
    page = visit("calls", at=airflow)
    expect(rows(page)).to_have_count(100)
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Call 4900")).to_be_visible()
    page.get_by_role("link", name="Newest").click()
    expect(page.get_by_role("link", name="Call 5000")).to_be_visible()
    for _ in range(50):
        requests.get(f"{airflow.api_url}/version")
    expect(page.get_by_role("link", name="Call 5050")).to_be_visible()
    expect(rows(page)).to_have_count(100)


def test_the_journal_is_emptied(airflow, visit) -> None:
    called(airflow)
    page = visit("calls")
    page.get_by_role("button", name="Empty the journal").click()
    expect(page.get_by_text("Nobody has called yet.")).to_be_visible()
