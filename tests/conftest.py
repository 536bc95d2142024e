"""What every test file shares; kept tiny on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The project's root folder, for tests about its files."""
    return Path(__file__).resolve().parents[1]
