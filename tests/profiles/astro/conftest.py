"""An organization whose clock stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_airflow import MockAirflow


@pytest.fixture
def astro() -> Iterator[MockAirflow]:
    """With the users vera (Viewer) and adam (Admin), whose passwords are their names."""
    settings = {"profile": "astro", "clock": "2023-05-04T10:00:00Z", "frozen": True}
    with MockAirflow(**settings, user=("vera:vera:Viewer", "adam:adam:Admin")) as mock:
        yield mock
