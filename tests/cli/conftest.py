"""What every test of the command line starts from."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from .processes import WORLD


@pytest.fixture(autouse=True)
def _no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("MOCK_AIRFLOW_"):
            monkeypatch.delenv(name)


@pytest.fixture
def world(tmp_path: Path) -> str:
    """A small world of our own."""
    file = tmp_path / "world.json"
    file.write_text(json.dumps(WORLD), "utf-8")
    return str(file)
