"""The console in a real browser: Debian's Chromium, one a session, driven by Playwright; a deployment for each test.

    def test_something(airflow, visit):
        page = visit("calls")  # a Playwright page at /__mock__/page/calls
        page.get_by_role("button", name="Freeze").click()
        expect(page.get_by_text("The clock stands still.")).to_be_visible()

A test fails if the browser's console had an error, or the page's policy refused something.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from mock_airflow import MockAirflow

PATIENCE = 20_000  # milliseconds until what should be on a page, and is not, fails the test
SCREENS = {"wide": (1280, 800), "narrow": (390, 844)}
SERIOUS = ("serious", "critical")
WORLD = {
    "dags": [
        {"dag_id": "etl", "tasks": ["extract", "load"], "schedule": "0 6 * * *"},
        {"dag_id": "report", "tasks": ["draw"], "is_paused": True},
    ]
}


class Deploy(Protocol):
    """Makes a deployment on a socket, with a clock that stands at 2025-01-01T06:00:00Z unless told."""

    def __call__(self, world: Mapping[str, Any] = WORLD, **settings: Any) -> MockAirflow: ...


class Visit(Protocol):
    """Opens a page of the console; ``at`` is another deployment than ``airflow``.

    ``screen`` is wide or narrow, ``dark`` a dark screen, and without ``script`` no script runs.
    """

    def __call__(
        self,
        path: str = "",
        *,
        at: MockAirflow | None = None,
        screen: str = "wide",
        dark: bool = False,
        script: bool = True,
        **more: Any,
    ) -> Page: ...


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser of all tests."""
    path = _chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium was not found; install it (on Debian: apt-get install chromium).")
        pytest.skip("Chromium was not found; install it (on Debian: apt-get install chromium) to run these tests.")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])  # a container's root has none
        yield browser
        browser.close()


@pytest.fixture
def deploy(tmp_path: Path) -> Iterator[Deploy]:
    begun: list[MockAirflow] = []

    def deploy(world: Mapping[str, Any] = WORLD, **settings: Any) -> MockAirflow:
        file = tmp_path / f"world-{len(begun)}.json"
        file.write_text(json.dumps(world), "utf-8")
        given = {"world": str(file), "clock": "2025-01-01T06:00:00Z", "frozen": True, **settings}
        begun.append(MockAirflow(**given).__enter__())
        return begun[-1]

    yield deploy
    for mock in begun:
        mock.__exit__(None, None, None)


@pytest.fixture
def airflow(deploy: Deploy) -> MockAirflow:
    """A deployment for the test alone."""
    return deploy()


@pytest.fixture
def visit(browser: Browser, deploy: Deploy, request: pytest.FixtureRequest) -> Iterator[Visit]:
    contexts: list[Any] = []
    complaints: list[str] = []

    def visit(
        path: str = "",
        *,
        at: MockAirflow | None = None,
        screen: str = "wide",
        dark: bool = False,
        script: bool = True,
        **more: Any,
    ) -> Page:
        mock = at or request.getfixturevalue("airflow")
        width, height = SCREENS[screen]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
            **more,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.complaints = complaints  # type: ignore[attr-defined]  # a test that causes some empties it
        page.goto(f"{mock.url}/__mock__/page/{path}")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Sees that axe finds nothing serious on a page, and that nothing sticks out of the screen."""

    def accessible(page: Page) -> None:
        found = Axe().run(page).response["violations"]
        told = [
            f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']][:3]}"
            for each in found
            if each["impact"] in SERIOUS
        ]
        assert told == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    return accessible
