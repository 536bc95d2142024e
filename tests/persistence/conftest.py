"""The databases that tests run on.

``POSTGRESQL_URL=postgresql://... pytest tests/persistence -k postgresql`` has what needs no server of its own run on
another one, such as a distributed engine that speaks as PostgreSQL does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from mock_airflow import MockAirflow

from .postgres import Postgres, programs


class Opened(Protocol):
    """Opens the deployment of a database, by its settings, as another process would."""

    def __call__(self, database: str, **settings: Any) -> MockAirflow: ...


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that runs; without one installed the test is skipped, but for CI."""
    found = programs()
    if found is None:
        said = "There is no PostgreSQL to start; install it (on Debian: apt-get install postgresql)."
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    server = Postgres(found)
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database; the deployments of earlier tests may be in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'airflow.db'}"
    return os.environ.get("POSTGRESQL_URL") or str(request.getfixturevalue("postgres").url)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """What no other test calls its deployment."""
    return f"{request.node.name}-{os.getpid()}"


@pytest.fixture
def opened() -> Iterator[Opened]:
    with ExitStack() as stack:
        yield lambda database, **settings: stack.enter_context(MockAirflow(database=database, **settings))
