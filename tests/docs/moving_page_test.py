"""docs/moving_to_v2.md says what the tables of operations say today."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def test_page_is_current(checkout: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_moving_page", checkout / "docs" / "make_moving_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    text = module.PAGE.read_text("utf-8")

    assert text == module.page(), "run: python docs/make_moving_page.py"
    assert len([line for line in text.splitlines() if line.startswith("| `")]) == 89
