"""An Airflow with something of everything, and the ways to reach it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pytest

from mock_airflow import MockAirflow
from mock_airflow.deployment import Deployment
from mock_airflow.server.tls import ThrowawayAuthority
from mock_airflow.testing.mock import template_of

from .ways import Send, child_process, way

SETTINGS = {"clock": "2025-06-01T12:00:00Z", "frozen": True, "seed": 7, "user": ("vera:vera:Viewer",)}


class Templates(Protocol):
    """Gives deployments by their settings, each of them set up once."""

    def __call__(self, **settings: Any) -> Deployment: ...


@pytest.fixture(scope="session")
def templates() -> Templates:
    made: dict[str, Deployment] = {}

    def fresh(**settings: Any) -> Deployment:
        key = repr(settings)
        if key not in made:
            made[key] = template_of({**SETTINGS, **settings})
            mock = MockAirflow.of(made[key])
            for number in range(3):
                mock.add_dag(f"etl_{number}", tasks=["extract", "load"], tags=["team a", f"n{number}"])
            mock.add_dag("café.täglich", tasks=["mahlen"])
            made[key].begin()
        return made[key].fresh()

    return fresh


@pytest.fixture
def airflow(templates: Templates) -> Iterator[MockAirflow]:
    """One of its own for the test."""
    with MockAirflow.of(templates()) as mock:
        yield mock


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ThrowawayAuthority:
    return ThrowawayAuthority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def child() -> Iterator[Send]:
    """A client in a process of its own, kept for the session."""
    with child_process() as send:
        yield send


class Open(Protocol):
    """Opens a way in by its name: the base URL to send to, and what sends."""

    def __call__(self, name: str, airflow: MockAirflow) -> AbstractContextManager[tuple[str, Send]]: ...


@pytest.fixture
def open_way(tls: ThrowawayAuthority, child: Send) -> Open:
    return lambda name, airflow: way(name, airflow, tls, child)
