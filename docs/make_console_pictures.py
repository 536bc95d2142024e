"""Take the pictures of the console that the pages show: a played world, in a real browser.

    pip install -e '.[browser]' && python docs/make_console_pictures.py

A picture is a line of ``PICTURES``: its file below ``docs/static/console/``, the page, and how the screen is.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import requests
from playwright.sync_api import sync_playwright

from mock_airflow import MockAirflow

FOLDER = Path(__file__).parent / "static" / "console"


class Picture(NamedTuple):
    """One picture: where it is kept, of which page, and on which screen."""

    file: str
    page: str
    dark: bool = False
    width: int = 1280
    height: int = 800


PICTURES = (
    Picture("calls.png", "calls"),
    Picture("call.png", "calls/4", height=1100),
    Picture("clock.png", "clock"),
    Picture("access.png", "access", dark=True, height=1100),
    Picture("failures.png", "failures"),
    Picture("failure.png", "failures/429-minute", dark=True),
    Picture("dags.png", "dags"),
    Picture("dag.png", "dags/daily_sales", height=1000),
    Picture("run.png", "dags/daily_sales/run?run=rehearsal"),
    Picture("world.png", "world", height=1000),
    Picture("review.png", "review", height=1000),
    Picture("narrow.png", "calls", width=390),
)


def play(airflow: MockAirflow) -> None:
    """Make the calls that the pictures show."""
    api, headers = airflow.api_url, airflow.headers
    airflow.limits.set("60/minute", burst="10/second")
    dag_id = max(
        (each for each in airflow.deployment.airflow.dags if not each.is_paused), key=lambda each: len(each.tasks)
    ).dag_id
    requests.get(f"{api}/dags", headers=headers, params={"limit": 5})
    requests.post(f"{api}/dags/{dag_id}/dagRuns", headers=headers, json={"dag_run_id": "by-hand"})
    requests.get(f"{api}/dags/{dag_id}/dagRuns/by-hand", headers=headers)
    requests.get(f"{api}/dags", headers={"Authorization": "Bearer " + "x" * 64})
    requests.get(f"{api}/dags/missing", headers=headers)
    airflow.faults.add("GET */health", status=503, optional=True)
    plan = {"extract": 20, "transform": {"seconds": 45}, "load": {"hold": True}}
    airflow.trigger("daily_sales", {"day": "tue"}, run_id="rehearsal", plan=plan)
    requests.post(f"{airflow.url}/__mock__/snapshot", params={"name": "before the rehearsal"})
    airflow.clock.advance(minutes=2)
    requests.get(f"{api}/dags/{dag_id}/dagRuns/by-hand", headers=headers)
    airflow.keys.create("nightly", scope="read-only", expires_in=86400)


def main() -> int:
    """Take all pictures, or those that are named."""
    wanted = sys.argv[1:] or [picture.file for picture in PICTURES]
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        MockAirflow(profile="datacoves", world="demo", clock="2025-06-02T06:00:00Z", frozen=True) as airflow,
        sync_playwright() as playwright,
    ):
        play(airflow)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for picture in PICTURES:
            if picture.file not in wanted:
                continue
            context = browser.new_context(
                viewport={"width": picture.width, "height": picture.height},
                color_scheme="dark" if picture.dark else "light",
            )
            page = context.new_page()
            page.goto(f"{airflow.url}/__mock__/page/{picture.page}")
            page.locator("html[data-ready]").wait_for()
            page.screenshot(path=FOLDER / picture.file)
            context.close()
            print(FOLDER / picture.file)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
