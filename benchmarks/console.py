"""A person who leaves the console open: calls come for minutes, and nothing may grow or complain.

    python -m benchmarks.console [--seconds 600] [--rate 50]

Ends with an error where the page has more elements, the tab's heap has grown beyond a bound, the browser's console had
a word, or the log fell behind.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from typing import Any

import requests
from playwright.sync_api import Page, sync_playwright

from mock_airflow import MockAirflow

_GROWTH = 20_000_000  # bytes of heap after a collection, more than at the beginning
_BEHIND = 5.0  # seconds until the latest call is to be seen


def follow(airflow: MockAirflow, page: Page, seconds: float, rate: float) -> list[str]:
    """Have calls come, and tell what went wrong; a line a sample is printed."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{airflow.url}/__mock__/page/calls")
    page.locator("html[data-ready]").wait_for()
    session, sent, began = requests.Session(), 0, time.monotonic()
    first = last = None
    every = max(seconds / 20, 1.0)
    print("   seconds     calls   elements   heap MB")
    while (passed := time.monotonic() - began) < seconds:
        due = int(passed * rate) + 1
        while sent < due:
            refused = sent % 10 == 9
            session.get(f"{airflow.api_url}/dags", headers={} if refused else airflow.headers)
            sent += 1
        if last is None or passed - last["at"] >= every:
            last = {"at": passed, **_measured(page)}
            first = first or (last if sent > 2 * rate else None)  # the log is full by then
            print(f"{passed:10.0f}{sent:10d}{last['elements']:11d}{last['heap'] / 1e6:10.1f}", flush=True)
        page.wait_for_timeout(5)
    end, faults = _measured(page), list(complaints)
    try:
        page.get_by_role("link", name=f"Call {sent}", exact=True).wait_for(timeout=_BEHIND * 1000)
    except Exception as error:
        faults.append(f"The latest call is not to be seen after {_BEHIND:g} s: {error}")
    first = first or end
    if end["elements"] > first["elements"] * 1.1 + 50:
        faults.append(f"The page has grown from {first['elements']} to {end['elements']} elements.")
    if end["heap"] - first["heap"] > _GROWTH:
        faults.append(f"The heap has grown from {first['heap']} to {end['heap']} bytes.")
    print(f"{sent} calls in {time.monotonic() - began:.0f} s, {len(faults)} faults")
    return faults


def _measured(page: Page) -> dict[str, Any]:
    """Elements of the page, and bytes of its heap after a collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return {"elements": page.locator("*").count(), "heap": heap}


def main() -> int:
    """Serve, look, and call."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rate", type=float, default=50)
    options = parser.parse_args()
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with MockAirflow(journal_size=5000) as airflow, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        faults = follow(airflow, browser.new_page(), options.seconds, options.rate)
        browser.close()
    for each in faults:
        print(each, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
