"""The page on limits names the choices that the settings take, each of them and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mock_airflow.limits.algorithms import ALGORITHMS
from mock_airflow.settings.record import LIMIT_HEADERS, RETRY_AFTER

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"


@pytest.mark.parametrize(
    ("row", "choices"), [("algorithm", tuple(ALGORITHMS)), ("headers", LIMIT_HEADERS), ("retry_after", RETRY_AFTER)]
)
def test_each_row_names_every_choice(row: str, choices: tuple[str, ...]) -> None:
    line = re.search(rf"^\| {row} \|.*$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert line is not None
    assert tuple(re.findall(r"`([^`]*)`", line[0])) == choices
