"""The clock, moved by hand."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import expect


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_stepping(airflow, visit, script: bool) -> None:
    page = visit("clock", script=script)
    status = page.get_by_role("status")
    page.get_by_role("button", name="1 hour").click()
    expect(status).to_have_text("It is 2025-01-01T07:00:00+00:00.")
    page.get_by_label("Amount").fill("90")
    page.get_by_label("Unit").select_option("minutes")
    page.get_by_role("button", name="Step", exact=True).click()
    expect(status).to_have_text("It is 2025-01-01T08:30:00+00:00.")
    page.get_by_label("Go to a moment").fill("2025-01-02 05:00")
    page.get_by_role("button", name="Go there").click()
    expect(status).to_have_text("It is 2025-01-02T05:00:00+00:00.")
    page.get_by_role("button", name="Step to the next event").click()
    expect(status).to_contain_text("It is 2025-01-02T06:00:00+00:00: the schedule of etl is due")
    assert airflow.clock.now().isoformat() == "2025-01-02T06:00:00+00:00"
    runs = requests.get(f"{airflow.api_url}/dags/etl/dagRuns", headers=airflow.headers).json()["dag_runs"]
    assert runs[-1]["logical_date"] == "2025-01-01T06:00:00+00:00"


def test_speed_and_the_head_that_goes_on(airflow, visit) -> None:
    page = visit("clock")
    page.get_by_label("Speed").fill("3600")
    page.get_by_role("button", name="Set the speed").click()
    expect(page.get_by_role("status")).to_have_text("The clock goes 3600 times as fast as time.")
    page.get_by_role("button", name="Let it run").click()
    expect(page.get_by_text("running")).to_be_visible()
    expect(page.locator("#now")).to_have_text(re.compile("2025-01-01 (0[89]|[12])|2025-01-0[2-9]"))
    assert airflow.clock.speed == 3600


def test_what_is_due_next_moves_with_it(airflow, visit) -> None:
    page = visit("clock")
    expect(page.locator("#due")).to_contain_text("the schedule of etl is due")
    requests.post(f"{airflow.api_url}/dags/etl/dagRuns", json={"dag_run_id": "one"}, headers=airflow.headers)
    expect(page.locator("#due")).to_contain_text("the run one of etl goes on")


def test_what_cannot_be_is_told_and_what_was_typed_stays(airflow, visit) -> None:
    page = visit("clock")
    page.get_by_label("Go to a moment").fill("tomorrow")
    page.get_by_role("button", name="Go there").click()
    expect(page.locator("#notices .problem")).to_contain_text("'tomorrow' is not a time")
    assert page.get_by_label("Go to a moment").input_value() == "tomorrow"
    page.get_by_label("Speed").fill("-1")
    page.keyboard.press("Enter")
    expect(page.locator("#notices .problem")).to_contain_text("A clock's speed must be above 0")


def test_nothing_is_due(deploy, visit) -> None:
    page = visit("clock", at=deploy(world={}))
    page.get_by_role("button", name="Step to the next event").click()
    expect(page.locator("#notices .problem")).to_contain_text("Nothing is due")
