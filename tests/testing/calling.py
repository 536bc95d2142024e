"""When a test's own Airflow begins, and a call of it without a socket."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import requests

from mock_airflow import MockAirflow

BASE = "https://airflow.example"
START = datetime(2025, 1, 1, 6, tzinfo=timezone.utc)


def call(
    mock: MockAirflow, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any
) -> requests.Response:
    """Ask it with requests, with its own credential unless told otherwise."""
    sent = mock.headers if headers is None else headers
    with mock.intercept(BASE):
        return requests.request(method, f"{BASE}/api/v1{path}", headers=sent, **more)
