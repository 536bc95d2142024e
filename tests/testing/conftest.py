"""An Airflow of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_airflow import MockAirflow
from tests.testing.calling import START


@pytest.fixture
def airflow() -> Iterator[MockAirflow]:
    """One whose clock stands still."""
    with MockAirflow(clock=START, frozen=True) as mock:
        yield mock
