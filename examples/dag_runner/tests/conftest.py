"""What the tests share: a key in a safe, and a client that reads it there."""

from __future__ import annotations

import pytest
from mock_airflow import MockAirflow

from dag_runner import AirflowClient


class Safe:
    """Stands for the secrets manager from which the client reads its key."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.reads = 0

    def read(self) -> str:
        self.reads += 1
        return self.key


@pytest.fixture
def safe(mock_airflow: MockAirflow) -> Safe:
    return Safe(mock_airflow.credentials["api_key"])


@pytest.fixture
def client(mock_airflow: MockAirflow, safe: Safe) -> AirflowClient:
    return AirflowClient(mock_airflow.api_url, safe.read)
