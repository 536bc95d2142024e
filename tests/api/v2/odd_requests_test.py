"""Requests that nobody would send, answered by a real 3.3.2 and here: odd parameters, bodies, methods, roles, bulks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mock_airflow import MockAirflow
from mock_airflow.in_process.wsgi_call import wsgi_call
from mock_airflow.world.reading import SECTIONS
from tests.api.v2.recordings_test import SECRET, _tools

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "recordings" / "airflow-3.3.2-more"
STARTS = {"simple": "start.json", "fab": "start_fab.json"}
SCENARIOS = sorted(file.stem for file in (FOLDER / "scenarios").glob("*.json"))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], MockAirflow]]:
    """One server for each auth manager, from the state of its recording."""
    with ExitStack() as running:

        @cache
        def server(auth_manager: str) -> MockAirflow:
            start = json.loads((FOLDER / STARTS[auth_manager]).read_text("utf-8"))
            world = tmp_path_factory.mktemp("recorded") / "start.json"
            world.write_text(json.dumps({name: start[name] for name in start if name in SECTIONS}), "utf-8")
            settings = {"runs": "manual", "clock": "2026-11-29T18:35:00Z", "jwt_secret": SECRET, "world": str(world)}
            mock = MockAirflow(airflow_version="3.3.2", auth_manager=auth_manager, **settings)
            return running.enter_context(mock)

        yield server


@pytest.mark.parametrize("name", SCENARIOS)
def test_answers_are_as_recorded(servers: Callable[[str], MockAirflow], name: str) -> None:
    player, compare = _tools()
    scenario = json.loads((FOLDER / "scenarios" / f"{name}.json").read_text("utf-8"))
    server = servers(scenario.get("variant", "simple"))

    class InProcess(player.Client):  # type: ignore[misc]
        def send(self, method: str, path: str, headers: Any, body: bytes | None) -> tuple[int, Any, bytes]:
            reply = wsgi_call(
                server.deployment.wsgi, method, f"http://localhost{path}", list(headers.items()), body or b""
            )
            return reply.status, reply.headers, reply.body

    answers = json.loads((FOLDER / "answers" / f"{name}.json").read_text("utf-8"))
    recorded = {step["id"]: step for step in answers["steps"]}
    start = server.snapshot()
    client = InProcess("http://localhost", {}, SECRET, None)
    differences = {}
    try:
        for step, got in zip(scenario["steps"], player.run_scenario(client, scenario), strict=True):
            bad = compare.check(step, recorded[step["id"]], player.settle(got, [(client.base, "{base}")]), True)
            if bad:
                differences[step["id"]] = bad
    finally:
        server.restore(start)
    assert differences == {}
