"""Where two JSON values first differ, in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from mock_airflow.domain.masking import MASK
from mock_airflow.journal.secret_names import is_secret


def first_difference(wanted: Any, found: Any, place: str = "$", hide: Callable[[str], str] = str) -> str:
    """Where two JSON values first differ, and how, such as ``$.conf.day: 1 expected, 2 sent``; empty when nowhere.

    What the journal has hidden is like any value; ``hide`` is what it does to texts.
    """
    if found == MASK and wanted is not None:
        return ""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for name in [*wanted, *(name for name in found if name not in wanted)]:
            if name not in found:
                return f"{place}.{name}: {shortened(MASK if is_secret(name) else wanted[name])} expected, nothing sent"
            if name not in wanted:
                return f"{place}.{name}: nothing expected, {shortened(found[name])} sent"
            if difference := first_difference(wanted[name], found[name], f"{place}.{name}", hide):
                return difference
        return ""
    if isinstance(wanted, (list, tuple)) and isinstance(found, list):
        for index, (one, other) in enumerate(zip(wanted, found, strict=False)):
            if difference := first_difference(one, other, f"{place}[{index}]", hide):
                return difference
        return "" if len(wanted) == len(found) else f"{place}: {len(wanted)} items expected, {len(found)} sent"
    same = wanted == found and isinstance(wanted, bool) == isinstance(found, bool)
    if same or (isinstance(wanted, str) and hide(wanted) == found):
        return ""
    return f"{place}: {shortened(wanted)} expected, {shortened(found)} sent"


def shortened(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:80] + "..."
