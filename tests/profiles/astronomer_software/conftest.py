"""An installation whose clock stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_airflow import MockAirflow


@pytest.fixture
def software() -> Iterator[MockAirflow]:
    """With the users vera (Viewer) and adam (Admin), whose passwords are their names."""
    settings = {"profile": "astronomer-software", "clock": "2020-07-22T15:44:28Z", "frozen": True}
    with MockAirflow(**settings, user=("vera:vera:Viewer", "adam:adam:Admin")) as mock:
        yield mock
