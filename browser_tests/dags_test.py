"""DAGs, runs and tasks, as a person looks at them and has a hand on them."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import expect

TASKS = [
    {"task_id": "extract", "downstream_task_ids": ["transform.clean", "transform.join"]},
    {"task_id": "transform.clean", "downstream_task_ids": ["load"]},
    {"task_id": "transform.join", "downstream_task_ids": ["load"]},
    {"task_id": "load", "retries": 1},
]
SECRET = "hunter2-4711-hunter2"
WORLD = {
    "dags": [
        {"dag_id": "etl", "tasks": TASKS, "tags": ["nightly"]},
        {"dag_id": "report", "tasks": ["draw"], "is_paused": True, "schedule": {"any": ["s3://orders"]}},
        *({"dag_id": f"more_{number:03}", "tasks": ["one"]} for number in range(60)),
    ],
    "variables": [{"key": "db_password", "value": SECRET}],
}


BOTH = pytest.mark.parametrize("airflow", ["2.11.2", "3.3.2"], indirect=True)


@pytest.fixture
def airflow(deploy, request):
    """A deployment, of an Airflow 3 unless told."""
    return deploy(WORLD, airflow_version=getattr(request, "param", "3.3.2"))


def go(airflow, seconds: int) -> None:
    """Have time pass, and what is due happen."""
    for _ in range(seconds // 10):
        airflow.clock.advance(10)
        airflow.deployment.settle()


def test_the_list_is_counted_filtered_and_paged(airflow, visit) -> None:
    airflow.trigger("etl")
    page = visit("dags")
    row = page.get_by_role("row", name=re.compile("^etl nightly"))
    expect(row).to_contain_text("queued")
    expect(page.get_by_text("DAGs 1 to 50 of 62")).to_be_visible()
    page.get_by_role("link", name="After").click()
    expect(page.locator("#dags [data-row]")).to_have_count(12)
    page.locator("html[data-ready]").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("nightly")
    page.keyboard.press("Enter")
    expect(page.locator("#dags [data-row]")).to_have_count(1)
    page.get_by_label("Paused").select_option("paused")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("No DAG fits; there are 62 in all.")).to_be_visible()
    page.get_by_label("Name or tag").fill("")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("button", name="Unpause report").click()
    expect(page.get_by_role("status")).to_have_text("report runs again.")
    assert airflow.deployment.airflow.dags.get("report").is_paused is False
    assert "paused=paused" in page.url


@BOTH
def test_a_run_is_triggered_watched_and_its_failure_cleared(airflow, visit) -> None:
    page = visit("dags/etl")
    expect(page.get_by_text("The DAG has not run yet.")).to_be_visible()
    page.get_by_text("Plan what a task does in later runs").click()
    page.get_by_label("Task", exact=True).select_option("load")
    page.get_by_label("Outcome").select_option("failed")
    page.get_by_label("Seconds").fill("40")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Later runs of etl unfold so.")
    page.get_by_text("Trigger a run").click()
    page.get_by_label("Conf, a JSON object").fill("[1]")
    page.get_by_role("button", name="Trigger", exact=True).click()
    expect(page.locator("#notices .problem")).to_contain_text("The conf is a JSON object")
    page.get_by_label("Conf, a JSON object").fill('{"day": "tue", "password": "' + SECRET + '"}')
    page.get_by_label("Run id").fill("by_hand")
    page.get_by_role("button", name="Trigger", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("by_hand")
    expect(page.locator("#run")).to_contain_text("queued")
    assert airflow.dag_run("etl", "by_hand").conf["day"] == "tue"
    no_date = page.get_by_text("none", exact=True)
    expect(no_date).to_have_count(1 if airflow.deployment.generation == 3 else 0)

    go(airflow, 30)
    expect(page.get_by_role("row", name=re.compile("^load running"))).to_be_visible()
    bar = page.locator("svg.bars .bar.state-running")
    begun = float(bar.get_attribute("width"))
    airflow.clock.advance(5)
    expect(bar).not_to_have_attribute("width", f"{begun:.1f}")
    go(airflow, 800)
    expect(page.locator("#run")).to_contain_text("failed")
    expect(page.get_by_role("img", name=re.compile("load: try 1: failed, 40 s; try 2: failed, 40 s"))).to_be_visible()

    page.get_by_role("link", name="load").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("load")
    expect(page.get_by_role("heading", name="Log of try 2")).to_be_visible()
    expect(page.get_by_label("Log")).to_contain_text("load")
    page.get_by_role("row", name=re.compile("^1 failed")).get_by_role("link").click()
    expect(page.get_by_role("heading", name="Log of try 1")).to_be_visible()
    assert SECRET not in page.content()
    page.get_by_role("button", name="Mark success").click()
    expect(page.get_by_role("status")).to_have_text("load is success.")
    page.get_by_role("link", name="by_hand").click()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("status")).to_have_text("by_hand runs again.")
    expect(page.locator("#run")).to_contain_text("queued")
    page.get_by_text("Conf", exact=True).click()
    expect(page.locator("#run pre")).to_contain_text("tue")
    assert SECRET not in page.content()


@BOTH
def test_runs_are_a_grid_and_the_graph_shows_one(airflow, visit) -> None:
    airflow.plan("etl", {"transform.clean": "failed"})
    for number in range(27):
        airflow.trigger("etl", run_id=f"run_{number}")
        go(airflow, 60)
    page = visit("dags/etl")
    expect(page.locator(".grid th.run")).to_have_count(25)
    cell = page.get_by_title(re.compile("transform.clean in run_26: failed"))
    colour = {2: "rgb(255, 0, 0)", 3: "oklch(0.577 0.245 27.3)"}[airflow.deployment.generation]
    expect(cell.locator(".swatch")).to_have_css("background-color", colour)
    expect(cell.locator(".swatch")).to_have_text("✗")
    picture = page.get_by_role("region", name="Graph")
    expect(picture.get_by_role("link", name=re.compile("transform.clean: .*failed"))).to_be_visible()
    expect(picture.locator(".task-group")).to_have_count(1)
    page.get_by_role("link", name="Earlier runs").click()
    expect(page.locator(".grid th.run")).to_have_count(2)
    page.get_by_role("link", name="Latest runs").click()
    picture.get_by_role("link", name=re.compile("load: .*upstream failed")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("load")


def test_a_task_is_held_and_released(airflow, visit) -> None:
    airflow.trigger("etl", run_id="held")
    page = visit("dags/etl/run?run=held", script=False)
    page.get_by_text("Plan what a task does in this run").click()
    page.get_by_label("Task", exact=True).select_option("extract")
    page.get_by_label("runs until released").check()
    page.get_by_role("button", name="Plan", exact=True).click()
    go(airflow, 600)
    page.reload()
    expect(page.get_by_role("row", name=re.compile("^extract running"))).to_be_visible()
    page.get_by_role("button", name="Release what is held").click()
    expect(page.get_by_role("status")).to_have_text("extract goes on.")
    page.get_by_role("button", name="Mark failed").click()
    expect(page.get_by_role("status")).to_have_text("held is failed.")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The DAG has not run yet.")).to_be_visible()


@BOTH
def test_mapped_tasks_and_what_assets_start(airflow, visit) -> None:
    airflow.add_dag(
        "fan",
        [
            {"task_id": "list", "downstream_task_ids": ["crunch", "publish"]},
            {"task_id": "crunch", "is_mapped": True},
            {"task_id": "publish", "outlets": ["s3://orders"]},
        ],
    )
    airflow.plan("fan", {"crunch": {"length": 3}})
    airflow.trigger("fan", run_id="mapped")
    airflow.add_dag("prices", [{"task_id": "publish", "outlets": ["s3://prices"]}])
    airflow.add_dag("joined", ["draw"], schedule={"all": ["s3://orders", "s3://prices"]})
    page = visit("dags/joined")
    expect(page.locator("#dag")).to_contain_text("s3://orders not yet")
    go(airflow, 120)
    expect(page.locator("#dag")).to_contain_text("s3://orders changed")
    expect(page.locator("#dag")).to_contain_text("s3://prices not yet")
    airflow.trigger("prices")
    go(airflow, 120)
    page.locator(".grid th.run a").click()
    expect(page.locator("#run")).to_contain_text("Caused by")
    expect(page.locator("#run")).to_contain_text("s3://orders")
    page.goto(f"{airflow.url}/__mock__/page/dags/fan")
    page.get_by_title(re.compile("crunch in mapped: success, 3 instances")).click()
    expect(page.locator("#instances [data-row]")).to_have_count(3)
    page.get_by_role("link", name="2", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("crunch [2]")


def test_the_timeline_goes_on_with_a_running_clock(airflow, visit) -> None:
    airflow.plan("etl", {"extract": 3600})
    airflow.trigger("etl", run_id="slow")
    go(airflow, 30)
    page = visit("dags/etl/run?run=slow")
    bar = page.locator("svg.bars .bar.state-running")
    before = bar.get_attribute("width")
    airflow.clock.speed = 60
    airflow.clock.unfreeze()
    expect(bar).not_to_have_attribute("width", before)  # though nothing happened but that time went by
    assert airflow.dag_run("etl", "slow").state == "running"


@pytest.mark.parametrize(("screen", "dark"), [("wide", False), ("narrow", True)])
def test_every_page_of_a_dag_is_for_everybody(deploy, visit, accessible, screen: str, dark: bool) -> None:
    airflow = deploy(WORLD, airflow_version="3.3.2" if dark else "2.11.2")
    airflow.plan("etl", {"transform.join": "skipped", "load": {"fails": 1}})
    airflow.trigger("etl", run_id="seen", conf={"day": "tue"})
    go(airflow, 600)
    page = visit("dags", at=airflow, screen=screen, dark=dark)
    for path in ("", "/etl", "/etl/run?run=seen", "/etl/task?run=seen&task=extract"):
        page.goto(f"{airflow.url}/__mock__/page/dags{path}")
        for summary in page.locator("summary").all():
            summary.click()
        accessible(page)


def test_a_run_that_is_deleted_meanwhile_is_said_to_be_gone(airflow, visit) -> None:
    airflow.trigger("etl", run_id="one")
    page = visit("dags/etl/run?run=one")
    page.locator("html[data-ready]").wait_for()
    assert requests.delete(f"{airflow.api_url}/dags/etl/dagRuns/one", headers=airflow.headers).ok
    expect(page.locator("#notices .problem")).to_have_text("The DAG 'etl' has no run 'one'.")
    expect(page.locator("#away")).to_be_hidden()
    page.complaints.clear()  # the browser tells of the 400
