"""Clients of Airflows that are made for a review's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mock_airflow import MockAirflow
from tests.review.talking import Talker, made


@pytest.fixture
def talk() -> Iterator[Callable[[dict[str, Any]], Talker]]:
    mocks: list[MockAirflow] = []

    def make(settings: dict[str, Any]) -> Talker:
        mocks.append(made(settings))
        return Talker(mocks[-1])

    yield make
    for mock in mocks:
        mock.close()
