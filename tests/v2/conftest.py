"""An Airflow 3 to call, as anybody whose password equals the name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings
from mock_airflow.world.reading import world_of

PEOPLE = [{"username": name, "password": name, "role": name} for name in ("admin", "op", "user", "viewer")]


class Caller3:
    """Calls ``/api/v2`` of a deployment in process."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._client = Client(deployment.wsgi, use_cookies=False)

    def __call__(self, method: str, path: str, *, by: str | None = "admin", **more: Any) -> TestResponse:
        headers = dict(more.pop("headers", {}))
        if by is not None:
            pair = {"username": by, "password": by}
            headers["Authorization"] = f"Bearer {self._client.post('/auth/token', json=pair).json['access_token']}"
        return self._client.open(f"/api/v2{path}", method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        """The JSON of a GET that is answered with a 200."""
        answer = self("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json

    def detail(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """The status of a refusal, and its detail."""
        answer = self(method, path, **more)
        return answer.status_code, answer.json["detail"]


@pytest.fixture
def deploy3() -> Callable[..., Caller3]:
    """Makes an Airflow 3 of a world, frozen at 2025-06-01T12:00 UTC, and gives its caller."""

    def make(world: Mapping[str, Any] | None = None, **settings: Any) -> Caller3:
        chosen = {"airflow_version": "3.3.2", "clock": "2025-06-01T12:00:00Z", "frozen": True, **settings}
        deployment = Deployment(Settings.of(**chosen))
        world_of({"users": PEOPLE, **(world or {})}).apply(deployment)
        deployment.begin()
        return Caller3(deployment)

    return make
