"""What every test file shares; kept tiny on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings
from mock_airflow.world.reading import world_of

PEOPLE = [
    {"username": name, "password": name, "roles": [{"name": name.capitalize()}]}
    for name in ("admin", "op", "user", "viewer", "public")
]


class Caller:
    """Calls a deployment in process, as anybody whose password equals the name; ``None`` sends no credential."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._client = Client(deployment.wsgi)

    def __call__(self, method: str, path: str, *, by: str | None = "admin", **more: Any) -> TestResponse:
        auth = None if by is None else (by, by)
        return self._client.open(path, method=method, auth=auth, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self("GET", path, **more)

    def post(self, path: str, **more: Any) -> TestResponse:
        return self("POST", path, **more)

    def patch(self, path: str, **more: Any) -> TestResponse:
        return self("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> TestResponse:
        return self("DELETE", path, **more)


Deploy = Callable[..., Caller]


@pytest.fixture
def deploy() -> Deploy:
    """Makes a deployment of a world, with the five people, frozen at 2025-06-01T12:00 UTC, and gives its caller."""

    def make(world: Mapping[str, Any] | None = None, **settings: Any) -> Caller:
        chosen = {"clock": "2025-06-01T12:00:00Z", "frozen": True, **settings}
        deployment = Deployment(Settings.of(**chosen))
        world_of({"users": PEOPLE, **(world or {})}).apply(deployment)
        deployment.begin()
        return Caller(deployment)

    return make


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The project's root folder, for tests about its files."""
    return Path(__file__).resolve().parents[1]
