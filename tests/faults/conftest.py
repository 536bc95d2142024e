"""An Airflow whose answers go wrong on order, called in process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mock_airflow import MockAirflow
from mock_airflow.in_process.wsgi_call import Reply, wsgi_call

Ask = Callable[..., Reply]


@pytest.fixture
def airflow():
    """One with five DAGs and a clock that stands still."""
    with MockAirflow(clock="2025-06-01T12:00:00Z", frozen=True) as mock:
        for name in ("a", "b", "c", "d", "e"):
            mock.add_dag(name, tasks=("one",))
        yield mock


@pytest.fixture
def ask(airflow) -> Ask:
    """Calls it without a socket, with the credential that it came with."""

    def call(method: str = "GET", path: str = "/api/v1/dags", body: bytes = b"", **more: Any) -> Reply:
        headers = more.pop("headers", airflow.headers)
        sent = [*headers.items(), *([("Content-Type", "application/json")] if body else [])]
        return wsgi_call(airflow.deployment.wsgi, method, f"http://localhost{path}", sent, body, **more)

    return call


@pytest.fixture
def statuses(ask) -> Callable[..., list[int]]:
    """The statuses of so many calls."""
    return lambda count, *call: [ask(*call).status for _ in range(count)]
