"""An Airflow whose answers go wrong on order, called in process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from mock_airflow import MockAirflow
from mock_airflow.in_process.wsgi_call import Reply, wsgi_call


class Ask(Protocol):
    """Calls the Airflow without a socket, with the credential that it came with unless there are other headers."""

    def __call__(self, method: str = "GET", path: str = "/api/v1/dags", body: bytes = b"", **more: Any) -> Reply: ...


class Statuses(Protocol):
    """The statuses of so many calls."""

    def __call__(self, count: int, *call: Any) -> list[int]: ...


@pytest.fixture
def airflow() -> Iterator[MockAirflow]:
    """One with five DAGs and a clock that stands still."""
    with MockAirflow(clock="2025-06-01T12:00:00Z", frozen=True) as mock:
        for name in ("a", "b", "c", "d", "e"):
            mock.add_dag(name, tasks=("one",))
        yield mock


@pytest.fixture
def ask(airflow: MockAirflow) -> Ask:
    def call(method: str = "GET", path: str = "/api/v1/dags", body: bytes = b"", **more: Any) -> Reply:
        headers = more.pop("headers", airflow.headers)
        sent = [*headers.items(), *([("Content-Type", "application/json")] if body else [])]
        return wsgi_call(airflow.deployment.wsgi, method, f"http://localhost{path}", sent, body, **more)

    return call


@pytest.fixture
def statuses(ask: Ask) -> Statuses:
    return lambda count, *call: [ask(*call).status for _ in range(count)]
