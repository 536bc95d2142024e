"""The coverage page in docs/ says what the recordings and the table of operations say today."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

DOCS = Path(__file__).resolve().parents[2] / "docs"


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_coverage_page", DOCS / "make_coverage_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_is_current() -> None:
    made = maker()

    assert made.PAGE.read_text("utf-8") == made.page(), "run: python docs/make_coverage_page.py"


def test_every_operation_of_the_stable_api_was_recorded() -> None:
    lines = [line for line in maker().page().splitlines() if "/api/v1/" in line and line.startswith("| `")]

    assert len(lines) == 89
    assert [line for line in lines if line.split("|")[3].strip() == "0"] == []


def test_every_operation_of_airflow_3_has_its_line() -> None:
    lines = [line for line in maker().page().splitlines() if "/api/v2/" in line and line.startswith("| `")]

    assert len(lines) == 128
