"""The world, the deployments of a hub and the review, as a person uses them."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import requests
from playwright.sync_api import expect

from mock_airflow.cli.serving.hosting import Maker
from mock_airflow.server.hub import Hub, Quotas
from mock_airflow.server.live import LiveServer

pytest_plugins = "pytester"


def paused(airflow) -> bool:
    return bool(airflow.deployment.airflow.dags.get("etl").is_paused)


def pause(airflow, value: bool = True) -> None:
    body = {"is_paused": value}
    assert requests.patch(f"{airflow.api_url}/dags/etl", json=body, headers=airflow.headers).status_code == 200


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_states_are_kept_by_name_and_gone_back_to(airflow, visit, script: bool) -> None:
    page = visit("world", script=script)
    expect(page.get_by_text("No state is kept.")).to_be_visible()
    page.get_by_label("Name").fill("before the pause")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("The state is kept as before the pause.")
    pause(airflow)
    assert paused(airflow)
    page.get_by_role("button", name="Restore before the pause").click()
    expect(page.get_by_role("status")).to_have_text("The state is that of snapshot before the pause.")
    assert not paused(airflow)
    page.get_by_label("Name").fill("before the pause")
    page.get_by_role("button", name="Keep the state").click()
    expect(page.locator("#notices .problem")).to_contain_text("There is a snapshot 'before the pause' already")
    page.get_by_role("button", name="Forget before the pause").click()
    expect(page.get_by_text("No state is kept.")).to_be_visible()

    pause(airflow)
    page.reload()
    page.get_by_role("button", name="Rewind to before call 2").click()
    expect(page.get_by_role("status")).to_have_text("The state is as call 2 found it.")
    assert not paused(airflow)
    page.get_by_label("To just before call").fill("77")
    page.get_by_role("button", name="Rewind", exact=True).click()
    expect(page.locator("#notices .problem")).to_contain_text("There is no call 77")
    pause(airflow)
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("No call is known that one could go back to.")).to_be_visible()
    assert not paused(airflow)


def test_files_go_in_and_out(airflow, visit, tmp_path) -> None:
    page = visit("world")
    file = tmp_path / "more.json"
    file.write_text(json.dumps({"pools": [{"name": "gpu", "slots": 2}]}), "utf-8")
    page.get_by_label("World file").set_input_files(file)
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_role("status")).to_have_text("more.json is loaded: pools.")
    assert "gpu" in airflow.deployment.airflow.pools
    file.write_text(json.dumps({"settings": {"seed": 3}, "variables": [{"key": "a", "value": "1"}]}), "utf-8")
    page.get_by_label("World file").set_input_files(file)
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_role("status")).to_contain_text("more.json is loaded: variables. Its settings are left out")
    file.write_text('{"pools": [{"name": "gpu"', "utf-8")
    page.get_by_label("World file").set_input_files(file)
    page.get_by_role("button", name="Load").click()
    expect(page.locator("#notices .problem")).to_contain_text("more.json: line 1")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download a world file").click()
    told = json.loads(download.value.path().read_text("utf-8"))
    assert "gpu" in [pool["name"] for pool in told["pools"]]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the deployment").click()
    assert "a deployment of mock-airflow" in download.value.path().read_text("utf-8")


def test_the_calls_of_a_session_become_a_test_that_passes(airflow, visit, pytester) -> None:
    requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)
    pause(airflow)
    page = visit("world")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    text = download.value.path().read_text("utf-8")
    assert download.value.suggested_filename == "test_calls.py"
    pytester.makepyfile(test_calls=text)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly", "test_calls.py")
    result.assert_outcomes(passed=1)
    page.get_by_label("As", exact=True).select_option("har")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert len(json.loads(download.value.path().read_text("utf-8"))["log"]["entries"]) == 2


@pytest.fixture
def hub(airflow):
    """A server of many deployments, whose own is ``airflow``."""
    hub = Hub(airflow.deployment, Maker(None), Quotas())
    with LiveServer(hub.wsgi) as server:
        yield SimpleNamespace(url=server.url)


def test_deployments_are_made_opened_and_deleted(hub, visit, accessible) -> None:
    page = visit("deployments", at=hub)
    expect(page.get_by_text("There is no other deployment yet.")).to_be_visible()
    page.get_by_label("Name").fill("blue")
    page.get_by_label("Airflow version").fill("3.3.2")
    expect(page.get_by_label("World").locator("option")).to_have_text(["empty", "demo", "etl"])
    page.get_by_label("World").select_option("demo")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("status")).to_contain_text("The deployment blue is there, at")
    page.get_by_label("Name").fill("blue")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#notices .problem")).to_contain_text("There is a deployment 'blue' already")
    accessible(page)
    page.get_by_role("link", name="Open blue").click()
    expect(page).to_have_url(f"{hub.url}/d/blue/__mock__/page/calls")
    expect(page.locator("#about")).to_contain_text("3.3.2")
    page.get_by_role("navigation").get_by_role("link", name="DAGs").click()
    page.get_by_role("link", name="daily_sales").click()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("daily_sales is paused.")
    other = page.context.new_page()
    other.goto(f"{hub.url}/__mock__/page/deployments")
    other.get_by_role("button", name="Delete blue").click()
    expect(other.get_by_text("There is no other deployment yet.")).to_be_visible()
    expect(page.locator("#away")).to_contain_text("It does not have this deployment any more.")
    page.complaints.clear()  # the browser tells of the 404
    page.close()


def test_a_server_of_one_says_so(airflow, visit) -> None:
    page = visit("deployments")
    expect(page.get_by_text("This server has one deployment and no others.")).to_be_visible()


def test_advice_comes_with_its_calls(airflow, visit, accessible) -> None:
    page = visit("review")
    expect(page.get_by_text("Nobody has called yet, so there is nothing to say.")).to_be_visible()
    for _ in range(3):
        requests.get(f"{airflow.api_url}/dags", auth=("admin", "wrong"))
    advice = page.get_by_role("article").first
    expect(advice).to_be_visible()
    expect(advice).to_contain_text("Consequence")
    accessible(page)
    page.get_by_label("At least").select_option("error")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(f"{airflow.url}/__mock__/page/review?severity=error")


def test_pages_with_something_on_them_are_for_everybody(airflow, visit, accessible) -> None:
    assert requests.post(f"{airflow.url}/__mock__/snapshot?name=first").json()["name"] == "first"
    for _ in range(3):
        requests.get(f"{airflow.api_url}/dags", auth=("admin", "wrong"))
    accessible(visit("world", screen="narrow", dark=True))
    accessible(visit("review", screen="wide", dark=False))
