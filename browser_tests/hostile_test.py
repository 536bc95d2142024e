"""Names and texts that are made to break a page: they are read as they were written, run nothing, and fit."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import requests
from playwright.sync_api import Page

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>' onmouseover=alert(4) "
CAME_IN = "img, script:not([type=module]), svg[onload], [onmouseover], [onerror], [onclick]"


def see_that_it_is_only_read(page: Page) -> None:
    assert page.locator(CAME_IN).count() == 0
    assert "<img src=x" in page.locator("main").inner_text()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, page.url


def test_hostile_texts_are_only_read(deploy, visit) -> None:
    airflow = deploy({}, profile="datacoves")
    said = {"tags": [HOSTILE], "dag_display_name": HOSTILE}
    airflow.add_dag("etl", [{"task_id": "pull", "operator_name": HOSTILE}], **said)
    airflow.plan("etl", {"pull": {"xcoms": {HOSTILE: HOSTILE}, "log": [HOSTILE]}})
    airflow.trigger("etl", run_id="one", conf={HOSTILE: HOSTILE}, note=HOSTILE)
    for _ in range(4):
        airflow.clock.advance(10)
        airflow.deployment.settle()
    control = f"{airflow.url}/__mock__"
    assert requests.post(f"{control}/snapshot", params={"name": HOSTILE}).ok
    assert requests.post(f"{control}/keys", json={"name": HOSTILE, "owner": HOSTILE}).ok
    sent = {**airflow.headers, "X-Sent": HOSTILE, "User-Agent": HOSTILE, "Content-Type": "application/json"}
    body = json.dumps({"note": HOSTILE, "conf": {HOSTILE: HOSTILE}})
    requests.post(f"{airflow.api_url}/dags/{quote(HOSTILE, safe='')}/dagRuns?{HOSTILE}", data=body, headers=sent)
    page = visit("calls", at=airflow, screen="narrow")
    one = urlencode({"run": "one", "task": "pull"})
    for path in ("calls", "calls/1", "dags", "dags/etl", "dags/etl/run?run=one", f"dags/etl/task?{one}", "access"):
        page.goto(f"{control}/page/{path}")
        see_that_it_is_only_read(page)
    page.goto(f"{control}/page/world")
    see_that_it_is_only_read(page)
    page.get_by_role("button", name="Forget").click()
    see_that_it_is_only_read(page)  # the notice says the name again
