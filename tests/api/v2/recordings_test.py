"""Recorded answers of a real Airflow 3.3.2, replayed with the recordings' own player and comparison."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mock_airflow import MockAirflow
from mock_airflow.world.reading import SECTIONS

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "recordings" / "airflow-3.3.2"
SECRET = "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789"
# By scenario, the steps that answer otherwise: the player dates tokens of its own by the machine's clock.
KNOWN: dict[str, set[str]] = {"01_auth": {"048", "052", "053"}}
LIVE = "40_"  # what needs a scheduler is told by stories
SCENARIOS = sorted(file.stem for file in (FOLDER / "scenarios").glob("*.json") if not file.stem.startswith(LIVE))


@cache
def _tools() -> tuple[Any, Any]:
    """The player and the comparison, which imports the player by its bare name."""
    found = []
    before = sys.modules.get("player")
    try:
        for name in ("player", "compare"):
            spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            if name == "player":
                sys.modules[name] = module
            spec.loader.exec_module(module)
            found.append(module)
    finally:
        if before is None:
            del sys.modules["player"]
        else:
            sys.modules["player"] = before
    return found[0], found[1]


@pytest.fixture(scope="module", params=["simple", "fab"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockAirflow]:
    start = json.loads((FOLDER / "start.json").read_text("utf-8"))
    world = tmp_path_factory.mktemp("recorded") / "start.json"
    world.write_text(json.dumps({name: content for name, content in start.items() if name in SECTIONS}), "utf-8")
    settings = {"runs": "manual", "clock": "2026-11-29T04:00:00Z", "jwt_secret": SECRET, "world": str(world)}
    with MockAirflow(airflow_version="3.3.2", auth_manager=request.param, **settings) as mock:
        yield mock


@pytest.mark.parametrize("name", SCENARIOS)
def test_answers_are_as_recorded(server: MockAirflow, name: str) -> None:
    player, compare = _tools()
    scenario = json.loads((FOLDER / "scenarios" / f"{name}.json").read_text("utf-8"))
    if scenario.get("variant", "simple") != server.settings.auth_manager:
        pytest.skip("recorded with the other auth manager")
    answers = json.loads((FOLDER / "answers" / f"{name}.json").read_text("utf-8"))
    recorded = {step["id"]: step for step in answers["steps"]}
    start = server.snapshot()
    client = player.Client(server.url, {}, SECRET, None)
    differences = {}
    compared = 0
    try:
        for step, got in zip(scenario["steps"], player.run_scenario(client, scenario), strict=True):
            if got is None or step["id"] not in recorded:
                continue
            compared += 1
            bad = compare.check(step, recorded[step["id"]], player.settle(got, [(client.base, "{base}")]), True)
            if bad:
                differences[step["id"]] = bad
    finally:
        client.close()
        server.restore(start)
    assert compared > 0
    assert {step: bad for step, bad in differences.items() if step not in KNOWN.get(name, ())} == {}
