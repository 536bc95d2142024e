"""Airflows that a test calls in process, and the types of the fixtures that make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from werkzeug.test import Client, TestResponse

from mock_airflow import MockAirflow
from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings
from mock_airflow.world.reading import world_of
from pytest_mock_airflow.templates import Templates

PEOPLE = ("admin", "op", "user", "viewer", "public")  # each one's password equals the name, and so does the role


class Caller:
    """Calls an Airflow 2 in process, as anybody whose password equals the name; ``None`` sends no credential."""

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


class Caller3:
    """Calls ``/api/v2`` of an Airflow 3 in process, with a token of anybody whose password equals the name."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._client = Client(deployment.wsgi, use_cookies=False)

    def __call__(self, method: str, path: str, *, by: str | None = "admin", **more: Any) -> TestResponse:
        headers = dict(more.pop("headers", {}))
        if by is not None:
            token = self._client.post("/auth/token", json={"username": by, "password": by}).get_json()["access_token"]
            headers["Authorization"] = f"Bearer {token}"
        return self._client.open(f"/api/v2{path}", method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        """The JSON of a GET that is answered with a 200."""
        answer = self("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json

    def detail(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """The status of a refusal, and its detail."""
        answer = self(method, path, **more)
        return answer.status_code, answer.get_json()["detail"]


class Deploy(Protocol):
    """Makes an Airflow 2 of a world, with the five people, frozen at 2025-06-01T12:00 UTC, and gives its caller."""

    def __call__(self, world: Mapping[str, Any] | None = None, **settings: Any) -> Caller: ...


class Deploy3(Protocol):
    """Makes an Airflow 3 of a world, with its four people, frozen at 2025-06-01T12:00 UTC, and gives its caller."""

    def __call__(self, world: Mapping[str, Any] | None = None, **settings: Any) -> Caller3: ...


class Mocked(Protocol):
    """Makes a mock Airflow by its settings, which is closed when the test is over."""

    def __call__(self, **settings: Any) -> MockAirflow: ...


_templates = Templates()


def anew(**settings: Any) -> MockAirflow:
    """A mock Airflow by its settings, whose worlds are read once for all tests that name the same."""
    return MockAirflow.of(_templates.fresh(settings))


def deployed(users: Iterable[Mapping[str, Any]], world: Mapping[str, Any] | None = None, **settings: Any) -> Deployment:
    """A deployment of a world and these users, frozen at 2025-06-01T12:00 UTC unless the settings say otherwise."""
    deployment = Deployment(Settings.of(**{"clock": "2025-06-01T12:00:00Z", "frozen": True, **settings}))
    world_of({"users": list(users), **(world or {})}).apply(deployment)
    deployment.begin()
    return deployment
