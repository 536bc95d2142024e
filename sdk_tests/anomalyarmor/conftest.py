"""What the tests with AnomalyArmor's own package share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from anomalyarmor import Client

from mock_airflow import MockAirflow

CLOCK = "2026-01-02T03:04:05Z"


@pytest.fixture(autouse=True)
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Closes the connections that the package leaves open, as its command does."""
    made: list[httpx.Client] = []

    def client(**options: Any) -> httpx.Client:
        made.append(httpx.Client(**options))
        return made[-1]

    monkeypatch.setattr("anomalyarmor.client.httpx", SimpleNamespace(**{**vars(httpx), "Client": client}))
    yield
    for one in made:
        one.close()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own: the package makes a folder there, and reads its configuration from it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ARMOR_API_KEY", "ARMOR_API_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def armor() -> Iterator[MockAirflow]:
    with MockAirflow(profile="anomalyarmor", world="demo", clock=CLOCK, frozen=True) as mock:
        yield mock


@pytest.fixture
def client(armor: MockAirflow) -> Iterator[Client]:
    with Client(api_key=armor.credentials["api_key"], api_url=armor.api_url) as made:
        yield made
