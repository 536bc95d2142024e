"""Every recorded scenario, replayed: each answer is a real Airflow's, but for the known differences beside this file.

The recordings' own player and comparison are used as they are. Nothing waits: their sleeping moves the deployment's clock,
which begins when the recording began. ``pass_counts`` is for the coverage page, which loads this file by its path.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import requests

from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings
from mock_airflow.transports.intercept_requests import Interception
from mock_airflow.world.reading import load_worlds

RECORDINGS = Path(__file__).resolve().parents[1] / "fixtures" / "recordings"
SHARED = RECORDINGS / "airflow-2.11.2"
KNOWN_DIFFERENCES: Mapping[str, Mapping[str, str]] = json.loads(
    Path(__file__).with_name("known_differences.json").read_text("utf-8")
)
STOCK_URL = "http://127.0.0.1:8089"  # where most recordings were made; answers and audit rows tell of it
SECONDS_A_REQUEST = 0.1  # about what the recorded server took
# What the recorded servers were set to besides Airflow's defaults; the recordings' READMEs tell.
STOCK = {"enable_experimental_api": True, "runs": "manual"}
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "exposed": {
        "expose_config": "True",
        "test_connection": "Enabled",
        "enable_xcom_deserialize_support": True,
        "maximum_page_limit": 5,
        "fallback_page_limit": 3,
        "access_control_allow_origins": "http://ui.example.org,http://two.example.org",
        "access_control_allow_headers": "origin, content-type, accept, authorization",
        "access_control_allow_methods": "GET, POST, PATCH, DELETE, OPTIONS",
    },
    "no_public": {"auth_role_public": "", "auth_backends": "basic_auth"},
    "non_sensitive": {"expose_config": "non-sensitive-only"},
    "session_only": {"auth_backends": "session"},
}


class Scenario(NamedTuple):
    """A script of requests, and what the real server answered to each."""

    folder: str
    name: str
    script: Mapping[str, Any]
    recorded: Mapping[str, Any]
    began: str


class Step(NamedTuple):
    """One replayed request: what was asked, and what differs from the recording, by kind."""

    id: str
    method: str
    path: str
    differences: Mapping[str, list[str]]


class Passed(NamedTuple):
    """How much of a scenario is as recorded; ``known`` steps differ for a reason that is told."""

    steps: int
    passed: int
    known: int


def _by_path(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SHARED / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _tools() -> tuple[ModuleType, ModuleType]:
    """The recordings' player and comparison; the second imports the first by its bare name."""
    player = _by_path("player")
    sys.modules["player"] = player
    try:
        return player, _by_path("compare")
    finally:
        del sys.modules["player"]


def scenarios() -> Iterator[Scenario]:
    """All that were recorded, by folder and name."""
    for path in sorted(RECORDINGS.glob("*/scenarios/*.json")):
        answers = json.loads((path.parents[1] / "answers" / path.name).read_text("utf-8"))
        recorded = {step["id"]: step for step in answers["steps"]}
        script = json.loads(path.read_text("utf-8"))
        assert "continues" not in script, "a scenario that goes on from another one needs that one's state"
        yield Scenario(path.parents[1].name, path.stem, script, recorded, answers["recorded"]["from"])


@cache
def _start(variant: str, runs: str) -> Deployment:
    """The recordings' starting state on a server of a variant; fresh ones made of it cost nothing."""
    deployment = Deployment(Settings.of(**{**STOCK, "runs": runs, **VARIANTS[variant]}))
    load_worlds([str(SHARED / "start.json")]).apply(deployment)
    deployment.begin()
    return deployment


class _Requests:
    """What the player needs of requests, without its look at the environment, which takes longer than our answer."""

    RequestException = requests.RequestException

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def request(self, method: str, url: str, **more: Any) -> requests.Response:
        self._session.cookies.clear()  # the recorded requests brought none either
        return self._session.request(method, url, **more)


def replay(scenario: Scenario) -> list[Step]:
    """The scenario's steps, asked of a fresh deployment one after another."""
    script = scenario.script
    runs = "timed" if script.get("needs_scheduler") else "manual"
    deployment = _start(script.get("variant", "default"), runs).fresh()
    clock = deployment.clock
    clock.freeze(Settings.of(clock=scenario.began).clock)
    player, compare = _tools()
    player.requests = _Requests()
    player.time = SimpleNamespace(time=lambda: clock.now().timestamp(), sleep=clock.advance)

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        clock.advance(SECONDS_A_REQUEST)
        return deployment.wsgi(environ, start_response)

    address = _address(scenario)
    with Interception(app, address):
        answers = player.run_scenario(address, script)
    return [
        Step(
            step["id"],
            step["method"],
            step["path"],
            compare.check(step, scenario.recorded[step["id"]], answer, "exact", True),
        )
        for step, answer in zip(script["steps"], answers, strict=True)
    ]


def _address(scenario: Scenario) -> str:
    """Where the recorded server was: its redirects tell."""
    told = (urlsplit(step["headers"].get("location", "")) for step in scenario.recorded.values())
    return next((f"{url.scheme}://{url.netloc}" for url in told if url.netloc), STOCK_URL)


def pass_counts() -> dict[tuple[str, str], Passed]:
    """The figures of each scenario, by folder and name."""
    counts = {}
    for scenario in scenarios():
        steps = replay(scenario)
        known = KNOWN_DIFFERENCES.get(scenario.name, {})
        counts[scenario.folder, scenario.name] = Passed(
            len(steps), sum(not step.differences for step in steps), sum(step.id in known for step in steps)
        )
    return counts


ALL = list(scenarios())


@pytest.mark.parametrize("scenario", ALL, ids=[scenario.name for scenario in ALL])
def test_answers_are_as_recorded(scenario: Scenario) -> None:
    known = KNOWN_DIFFERENCES.get(scenario.name, {})
    steps = replay(scenario)
    new = [step for step in steps if step.differences and step.id not in known]
    gone = [step.id for step in steps if not step.differences and step.id in known]

    assert new == [], f"{len(steps) - len(new)} of {len(steps)} steps are as recorded or known to differ"
    assert gone == [], "these steps are as recorded by now: take them out of known_differences.json"


def test_known_differences_name_steps_that_exist() -> None:
    existing = {(scenario.name, step["id"]) for scenario in ALL for step in scenario.script["steps"]}
    listed = {(name, step) for name, steps in KNOWN_DIFFERENCES.items() for step in steps}

    assert listed - existing == set()
    assert all(reason.strip() for steps in KNOWN_DIFFERENCES.values() for reason in steps.values())
