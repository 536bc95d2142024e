"""The console as a server tells it: who may see it, what a page lets a browser do, how forms end, where it is found."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.control.page.pages import PAGES
from tests.support import Mocked

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ELSEWHERE = {"Origin": "http://elsewhere.example"}


def at(mock: MockAirflow, path: str = "") -> str:
    return f"{mock.url}/__mock__/page/{path}"


def test_a_browser_is_led_to_it_and_a_program_gets_what_it_got(mocked: Mocked) -> None:
    airflow = mocked()
    seen = requests.get(f"{airflow.url}/__mock__/", headers=BROWSER)
    assert urlsplit(seen.url).path == f"/__mock__/page/{PAGES[0].name}"
    for accept in ("*/*", "application/json"):
        told = requests.get(f"{airflow.url}/__mock__/", headers={"Accept": accept})
        assert "Where things are" in told.text
        assert not told.history
    assert '<a href="/__mock__/page/calls">' in told.text


@pytest.mark.parametrize("settings", [{}, {"profile": "datacoves"}, {"airflow_version": "3.3.2"}, {"profile": "astro"}])
@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_no_page_runs_or_styles_anything_but_our_own_and_tells_no_secret(mocked: Mocked, page, settings) -> None:
    airflow = mocked(**settings)
    requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)
    answer = requests.get(at(airflow, page))
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    for written in ("<style", " style=", "onclick", "<script>", "//cdn"):
        assert written not in answer.text
    parts = [value for name, value in airflow.credentials.items() if not name.endswith(("id", "username"))]
    for secret in (*parts, *airflow.headers.values()):
        assert secret == "admin" or secret not in answer.text


@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_other_sites_and_names_are_refused(mocked: Mocked, page: str) -> None:
    airflow = mocked()
    assert requests.get(at(airflow, page), headers=ELSEWHERE).status_code == 403
    assert requests.get(at(airflow, page), headers={"Host": "rebound.example"}).status_code == 403
    assert requests.get(at(airflow, page), headers={"Sec-Fetch-Site": "same-site"}).status_code == 403


def test_a_form_of_another_site_does_nothing(mocked: Mocked) -> None:
    airflow = mocked()
    for sent in (ELSEWHERE, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert requests.post(at(airflow, "clock/run"), headers=sent).status_code == 403
    assert airflow.clock.frozen
    assert requests.post(at(airflow, "clock/run"), headers={"Origin": airflow.url}).status_code == 200
    assert not airflow.clock.frozen


def test_with_a_control_token_a_browser_is_asked_for_it_and_a_program_told(mocked: Mocked) -> None:
    airflow = mocked(control_token="s3cret-token")
    assert requests.get(at(airflow, "calls"), headers={"Accept": "*/*"}).status_code == 401
    assert requests.post(at(airflow, "clock/run"), headers=BROWSER).status_code == 401
    assert requests.get(f"{airflow.url}/__mock__/events").status_code == 401
    asked = requests.get(at(airflow, "clock"), headers=BROWSER)
    assert "Control token" in asked.text
    assert requests.get(at(airflow, "assets/style.css")).status_code == 200

    with requests.Session() as session:
        wrong = session.post(at(airflow, "login"), data={"token": "s3cret"})
        assert (wrong.status_code, len(session.cookies)) == (401, 0)
        form = {"token": "s3cret-token", "next": "/__mock__/page/clock"}
        led = session.post(at(airflow, "login"), data=form, allow_redirects=False)
        kept = led.headers["Set-Cookie"]
        assert led.headers["Location"] == "/__mock__/page/clock"
        assert "HttpOnly" in kept
        assert "SameSite=Strict" in kept
        assert "Path=/__mock__" in kept
        assert "s3cret" not in kept
        assert session.get(at(airflow, "clock")).status_code == 200
        assert session.get(f"{airflow.url}/__mock__/clock").status_code == 200
        assert session.post(at(airflow, "clock/run"), headers=ELSEWHERE).status_code == 403
        assert airflow.clock.frozen
        session.post(at(airflow, "logout"))
        assert session.get(at(airflow, "clock"), headers={"Accept": "*/*"}).status_code == 401


@pytest.mark.parametrize(
    "wanted",
    [
        "//elsewhere.example/",
        "http://elsewhere.example/",
        "/__mock__/page/\\elsewhere",
        "/__mock__/page/x\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_logging_in_leads_nowhere_else(mocked: Mocked, wanted: str) -> None:
    airflow = mocked(control_token="s3cret-token")
    form = {"token": "s3cret-token", "next": wanted}
    led = requests.post(at(airflow, "login"), data=form, allow_redirects=False)
    assert led.headers["Location"] == "/__mock__/page/"


def test_the_token_is_asked_for_on_the_way_to_where_somebody_went(mocked: Mocked) -> None:
    airflow = mocked(control_token="s3cret-token")
    with requests.Session() as session:
        asked = session.get(at(airflow, "calls?path=%2Fdags&status=403"), headers=BROWSER)
        wanted = re.search(r'name="next" value="([^"]*)"', asked.text)
        assert wanted is not None
        form = {"token": "s3cret-token", "next": html.unescape(wanted[1])}
        led = session.post(at(airflow, "login"), data=form)
        assert led.url == at(airflow, "calls?path=%2Fdags&status=403")
        assert "Leave" in led.text
    assert "Leave" not in requests.get(at(mocked(), "calls")).text


def test_a_link_elsewhere_leads_to_a_page_and_no_further(mocked: Mocked) -> None:
    followed = {**BROWSER, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    airflow, locked = mocked(), mocked(control_token="s3cret-token")
    assert requests.get(f"{airflow.url}/__mock__/", headers=followed).status_code == 200
    assert requests.get(at(airflow, "calls?status=403"), headers=followed).status_code == 200
    assert "Control token" in requests.get(at(locked, "calls"), headers=followed).text
    assert requests.get(f"{airflow.url}/__mock__/journal", headers=followed).status_code == 403
    assert requests.post(at(airflow, "clock/run"), headers=followed).status_code == 403
    for more in (ELSEWHERE, {"Sec-Fetch-Dest": "iframe"}, {"Sec-Fetch-Mode": "cors"}, {"Host": "rebound.example"}):
        assert requests.get(at(airflow, "calls"), headers={**followed, **more}).status_code == 403
    assert airflow.clock.frozen


def test_a_server_that_is_read_only_says_so_on_each_page_and_at_each_form(mocked: Mocked) -> None:
    airflow = mocked(read_only=True)
    assert "read-only" in requests.get(at(airflow, "calls")).text
    refused = requests.post(at(airflow, "clock/run"), headers={"Referer": at(airflow, "clock")})
    assert "is read-only" in refused.text
    assert airflow.clock.frozen


@pytest.mark.parametrize(
    ("form", "sent", "said"),
    [
        ("clock/set", {"moment": "2025-02-01"}, "It is 2025-02-01T00:00:00+00:00."),
        ("clock/set", {"moment": "soon"}, "write one such as 2025-01-01T06:00:00Z"),
        ("world/restore", {"id": "monday"}, "a snapshot is named by a number"),
        ("world/rewind", {"call": "the first"}, "a call is named by a number"),
    ],
)
def test_a_form_says_what_it_made_of_what_was_typed(mocked: Mocked, form: str, sent: dict[str, str], said: str) -> None:
    assert said in requests.post(at(mocked(), form), data=sent).text


def test_what_is_told_once_is_told_once(mocked: Mocked) -> None:
    airflow = mocked()
    with requests.Session() as session:
        done = session.post(at(airflow, "clock/run"))
        assert "The clock runs." in done.text
        assert [each.status_code for each in done.history] == [303]
        assert "The clock runs." not in session.get(at(airflow, "clock")).text
        refused = session.post(at(airflow, "clock/set"), data={"moment": "<b>never</b>"})
        assert "&lt;b&gt;never" in refused.text
        assert "<b>never" not in refused.text


def test_what_is_not_there_is_a_page_that_says_so(mocked: Mocked) -> None:
    airflow = mocked()
    for path in ("nothing", "calls/x", "clock/nothing", "assets/../page.py", "assets/page.html"):
        assert requests.get(at(airflow, path)).status_code == 404
    assert requests.post(at(airflow, "calls")).status_code == 404
    missing = requests.get(at(airflow, "calls/7"))
    assert missing.status_code == 400
    assert "There is no call 7" in missing.text
    assert requests.head(at(airflow, "calls")).status_code == 200


def test_visits_are_no_calls_and_fault_rules_do_not_hit_them(mocked: Mocked) -> None:
    airflow = mocked()
    airflow.faults.add("*", status=503, optional=True)
    assert requests.get(at(airflow, "calls")).status_code == 200
    assert list(airflow.calls) == []


def test_below_a_mount_it_is_found_with_its_links(mocked: Mocked) -> None:
    airflow = mocked(base_url="http://localhost:8080/team-a")
    page = requests.get(f"{airflow.url}/team-a/__mock__/page/clock")
    assert page.status_code == 200
    assert 'href="/team-a/__mock__/page/calls"' in page.text
