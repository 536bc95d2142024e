"""What all pages of the console have in common."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import expect

from mock_airflow.control.page.pages import PAGES
from mock_airflow.server.live import LiveServer


@pytest.mark.parametrize(("screen", "dark"), [("wide", False), ("narrow", True)], ids=["wide-light", "narrow-dark"])
def test_every_page_is_for_everybody(visit, accessible, screen: str, dark: bool) -> None:
    page = visit("", screen=screen, dark=dark)
    for each in PAGES:
        page.get_by_role("navigation").get_by_role("link", name=each.title, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("nav a[aria-current]")).to_have_text(each.title)
        accessible(page)


def test_a_browser_is_led_from_the_start_to_the_console(airflow, visit) -> None:
    page = visit("../")
    expect(page).to_have_url(f"{airflow.url}/__mock__/page/{PAGES[0].name}")


def test_it_is_live(airflow, visit) -> None:
    page = visit("calls")
    expect(page.get_by_text("Nobody has called yet.")).to_be_visible()
    requests.get(f"{airflow.url}/api/v1/dags", auth=("admin", "wrong"))
    expect(page.locator("#calls [data-row]")).to_have_count(1)


def test_what_a_form_did_is_told_where_it_leads_though_the_page_is_refreshed_meanwhile(airflow, visit) -> None:
    page = visit("calls")
    told = {"name": "mock_airflow_notice", "value": "-All%20is%20well."}
    page.context.add_cookies([{**told, "domain": "127.0.0.1", "path": "/__mock__/page"}])
    requests.get(f"{airflow.url}/api/v1/dags", auth=("admin", "wrong"))
    expect(page.locator("#calls [data-row]")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text("")
    page.reload()
    expect(page.get_by_role("status")).to_have_text("All is well.")


def test_keys_lead_to_the_pages(airflow, visit) -> None:
    page = visit("calls")
    for each in reversed(PAGES):
        page.locator("html[data-ready]").wait_for()
        page.keyboard.press("g")
        page.keyboard.press(each.key)
        expect(page).to_have_url(f"{airflow.url}/__mock__/page/{each.name}")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_forms_work_and_say_so(airflow, visit, script: bool) -> None:
    page = visit("clock", script=script)
    page.get_by_role("button", name="Let it run").click()
    expect(page.get_by_role("status")).to_have_text("The clock runs.")
    assert not airflow.clock.frozen
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("status")).to_have_text("The clock stands still.")
    assert airflow.clock.frozen


def test_it_says_that_the_server_went_away_and_goes_on_when_it_is_back(airflow, visit) -> None:
    server = LiveServer.of(airflow.deployment).start()
    try:
        page = visit("calls", at=server)
        page.locator("html[data-ready]").wait_for()
        expect(page.locator("#away")).to_be_hidden()
        server.stop()
        expect(page.locator("#away")).to_contain_text("The server went away, last seen")
        server.start()
        expect(page.locator("#away")).to_be_hidden()
        requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)
        expect(page.locator("#calls [data-row]")).to_have_count(1)
        page.complaints.clear()  # the browser tells of what it could not reach
        page.close()
    finally:
        server.stop()


def test_the_control_token_opens_it(deploy, visit) -> None:
    airflow = deploy(control_token="t0ken")
    page = visit("clock", at=airflow)
    page.complaints.clear()
    page.get_by_label("Control token").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("That is not the control token of this server.")
    page.complaints.clear()  # the browser tells of the 401
    page.get_by_label("Control token").fill("t0ken")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{airflow.url}/__mock__/page/clock")
    assert "t0ken" not in str(page.context.cookies()) + page.content()


def test_a_hidden_tab_holds_no_connection(airflow, visit) -> None:
    page = visit("calls")
    page.locator("html[data-ready]").wait_for()
    expect(page.locator("#calls")).to_contain_text("Nobody has called yet.")
    for _ in range(100):
        if airflow.deployment.streams == 1:
            break
        page.wait_for_timeout(20)
    page.evaluate("""() => {
        Object.defineProperty(document, "hidden", { value: true, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    for _ in range(500):
        if airflow.deployment.streams == 0:
            break
        page.wait_for_timeout(20)
    assert airflow.deployment.streams == 0


def test_many_windows_share_one_connection(airflow, visit) -> None:
    page = visit("calls")
    windows = [page, *(page.context.new_page() for _ in range(7))]  # more than a browser has connections to a server
    for each in windows[1:]:
        each.goto(page.url)
    requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)
    for each in windows:
        expect(each.locator("#calls tbody tr")).to_have_count(1)
    assert airflow.deployment.streams == 1
    page.close()  # another one goes on
    requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)
    for each in windows[1:]:
        expect(each.locator("#calls tbody tr")).to_have_count(2)


def test_nothing_jumps_while_a_page_follows(airflow, visit) -> None:
    for _ in range(30):
        requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)
    page = visit("calls")
    page.evaluate("""() => {
        window.jumps = 0;
        new PerformanceObserver((seen) => {
            for (const each of seen.getEntries()) {
                const outside = each.sources.some(({ node }) => !node?.parentElement?.closest("tbody"));
                if (outside) window.jumps += each.value; // rows move down as calls come
            }
        }).observe({ type: "layout-shift" });
    }""")
    for number in range(31, 41):
        requests.get(f"{airflow.api_url}/dags", auth=("admin", "wrong"))
        expect(page.get_by_role("link", name=f"Call {number}", exact=True)).to_be_visible()
    airflow.clock.advance(3600)
    expect(page.locator("#now")).to_have_text("2025-01-01 07:00:00")
    assert page.evaluate("window.jumps") < 0.05


def test_servers_that_share_a_database_show_one_state(deploy, visit, tmp_path) -> None:
    database = f"sqlite:///{tmp_path / 'shared.db'}"
    one, other = deploy(database=database), deploy(database=database)
    page = visit("calls", at=one)
    requests.get(f"{other.api_url}/dags", headers=other.headers)
    expect(page.locator("#calls tbody tr")).to_have_count(1)


def test_on_a_very_wide_screen(airflow, visit, accessible) -> None:
    page = visit("calls")
    page.set_viewport_size({"width": 2000, "height": 1200})
    accessible(page)


def test_a_form_that_nobody_may_send_any_more_says_so(airflow, visit) -> None:
    page = visit("clock")
    page.locator("html[data-ready]").wait_for()
    page.route("**/clock/run", lambda route: route.fulfill(status=503, json={"detail": "The database is away."}))
    page.get_by_role("button", name="Let it run").click()
    expect(page.locator("#notices .problem")).to_have_text("The database is away.")
    page.complaints.clear()  # the browser tells of the 503


def test_a_deployment_that_was_deleted_says_so(visit, deploy) -> None:
    airflow = deploy()
    page = visit("calls", at=airflow)
    page.locator("html[data-ready]").wait_for()
    gone = {"title": "Not Found", "status": 404, "detail": "There is no deployment 'a' here."}
    page.route("**/page/calls", lambda route: route.fulfill(status=404, json=gone))
    airflow.clock.advance(60)
    expect(page.locator("#away")).to_contain_text("There is no deployment 'a' here.")
    page.complaints.clear()  # the browser tells of the 404
