"""Every recorded scenario, replayed: each answer is a real Airflow's, but for the known differences in fixtures/.

The recordings' own player and comparison are used as they are. Nothing waits: their sleeping moves the deployment's
clock, which begins when the recording began. The coverage page loads this file by path for ``SCENARIOS`` and reasons.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import requests

from mock_airflow.deployment import Deployment
from mock_airflow.in_process.interception import Interception
from mock_airflow.settings import Settings
from mock_airflow.world.reading import load_worlds

RECORDINGS = Path(__file__).resolve().parents[3] / "fixtures" / "recordings"
SHARED = RECORDINGS / "airflow-2.11.2"
KNOWN_DIFFERENCES = RECORDINGS.with_name("known_differences.json")  # by scenario and step: the reason
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
    """A script of requests, and what the real server answered to each; read when it is asked for."""

    folder: str
    name: str

    def script(self) -> Mapping[str, Any]:
        """The requests, and what state they begin with."""
        script = _read(RECORDINGS / self.folder / "scenarios" / f"{self.name}.json")
        assert "continues" not in script, "a scenario that goes on from another one needs that one's state"
        return script

    def answers(self) -> Mapping[str, Any]:
        """The answers, and when they were given."""
        return _read(RECORDINGS / self.folder / "answers" / f"{self.name}.json")


class Step(NamedTuple):
    """One replayed request: what was asked, and what differs from the recording, by kind."""

    id: str
    method: str
    path: str
    differences: Mapping[str, list[str]]


def _read(path: Path) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def _by_path(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, SHARED / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _tools() -> tuple[Any, Any]:
    """The recordings' player and comparison; the second imports the first by its bare name."""
    player = _by_path("player")
    sys.modules["player"] = player
    try:
        return player, _by_path("compare")
    finally:
        del sys.modules["player"]


_SCRIPTS = sorted(RECORDINGS.glob("airflow-2*/scenarios/*.json"))
SCENARIOS = [Scenario(path.parents[1].name, path.stem) for path in _SCRIPTS]


@cache
def _start(variant: str, runs: str, day: str) -> Deployment:
    """The recordings' starting state on a server of a variant; fresh ones made of it cost nothing.

    It begins on the day on which the scenario was recorded: a scheduler plans by the clock as soon as it begins.
    """
    deployment = Deployment(Settings.of(**{**STOCK, "runs": runs, **VARIANTS[variant]}, clock=day, frozen=True))
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
    script, answers = scenario.script(), scenario.answers()
    recorded = {step["id"]: step for step in answers["steps"]}
    runs = "timed" if script.get("needs_scheduler") else "manual"
    began = answers["recorded"]["from"]
    deployment = _start(script.get("variant", "default"), runs, began[:10]).fresh()
    clock = deployment.clock
    clock.freeze(Settings.of(clock=began).clock)
    player, compare = _tools()
    player.requests = _Requests()
    player.time = SimpleNamespace(time=lambda: clock.now().timestamp(), sleep=clock.advance)

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        clock.advance(SECONDS_A_REQUEST)
        return deployment.wsgi(environ, start_response)

    address = _address(recorded)
    with Interception(app, address):
        given = player.run_scenario(address, script)
    return [
        Step(
            step["id"],
            step["method"],
            step["path"],
            compare.check(step, recorded[step["id"]], answer, "exact", True),
        )
        for step, answer in zip(script["steps"], given, strict=True)
    ]


def _address(recorded: Mapping[str, Any]) -> str:
    """Where the recorded server was: its redirects tell."""
    told = (urlsplit(step["headers"].get("location", "")) for step in recorded.values())
    return next((f"{url.scheme}://{url.netloc}" for url in told if url.netloc), STOCK_URL)


def known_differences() -> Mapping[str, Mapping[str, str]]:
    """Why a step differs, by scenario and step."""
    return _read(KNOWN_DIFFERENCES)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_answers_are_as_recorded(scenario: Scenario) -> None:
    known = known_differences().get(scenario.name, {})
    steps = replay(scenario)
    new = [step for step in steps if step.differences and step.id not in known]
    gone = [step.id for step in steps if not step.differences and step.id in known]

    assert new == [], f"{len(steps) - len(new)} of {len(steps)} steps are as recorded or known to differ"
    assert gone == [], "these steps are as recorded by now: take them out of known_differences.json"


@pytest.mark.parametrize(("name", "steps"), known_differences().items())
def test_known_differences_are_of_steps_that_exist_and_have_reasons(name: str, steps: Mapping[str, str]) -> None:
    existing = {step["id"] for scenario in SCENARIOS if scenario.name == name for step in scenario.script()["steps"]}

    assert set(steps) <= existing
    assert all(reason.strip() for reason in steps.values())
