"""What the tests of this profile share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest
import requests

from mock_airflow import MockAirflow
from tests.support import anew

CLOCK = "2026-01-02T03:04:05Z"
ORDERS = "snowflake.prod.warehouse.orders"


class Ask(Protocol):
    """Asks the deployment, with the first key or with another value of the header; None sends none."""

    def __call__(self, method: str, path: str, key: str | None = "", **more: Any) -> requests.Response: ...


@pytest.fixture
def armor() -> Iterator[MockAirflow]:
    """A deployment of the profile, frozen."""
    with anew(profile="anomalyarmor", world="demo", clock=CLOCK, frozen=True) as mock:
        yield mock


@pytest.fixture
def ask(armor: MockAirflow) -> Ask:
    """Asks it, with the first key or with another value of the header; None sends none."""

    def ask(method: str, path: str, key: str | None = "", **more: Any) -> requests.Response:
        headers = {**(armor.headers if key == "" else {} if key is None else {"Authorization": f"Bearer {key}"})}
        headers |= more.pop("headers", {})
        return requests.request(method, armor.url + path, headers=headers, allow_redirects=False, timeout=30, **more)

    return ask
