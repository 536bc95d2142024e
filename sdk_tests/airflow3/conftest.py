"""An Airflow 3.3.2 in the state of the recordings, on a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_airflow import MockAirflow
from mock_airflow.world.reading import SECTIONS

START = Path(__file__).resolve().parents[2] / "fixtures" / "recordings" / "airflow-3.3.2" / "start.json"


@pytest.fixture(scope="session")
def _airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockAirflow]:
    start = json.loads(START.read_text("utf-8"))
    world = tmp_path_factory.mktemp("world") / "start.json"
    world.write_text(json.dumps({name: content for name, content in start.items() if name in SECTIONS}), "utf-8")
    settings = {"expose_config": "True", "test_connection": "Enabled", "runs": "manual"}
    with MockAirflow(
        airflow_version="3.3.2", world=str(world), clock="2026-11-29T04:00:00Z", frozen=True, **settings
    ) as mock:
        yield mock


@pytest.fixture
def airflow(_airflow: MockAirflow) -> Iterator[MockAirflow]:
    """The same one for each test, put back behind it."""
    before = _airflow.snapshot()
    yield _airflow
    _airflow.restore(before)
