"""Where two JSON values first differ, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def first_difference(wanted: Any, found: Any, place: str = "$") -> str:
    """Where two JSON values first differ, and how, such as ``$.conf.day: 1 expected, 2 sent``; empty when nowhere."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for name in [*wanted, *(name for name in found if name not in wanted)]:
            if name not in found:
                return f"{place}.{name}: {shortened(wanted[name])} expected, nothing sent"
            if name not in wanted:
                return f"{place}.{name}: nothing expected, {shortened(found[name])} sent"
            if difference := first_difference(wanted[name], found[name], f"{place}.{name}"):
                return difference
        return ""
    if isinstance(wanted, (list, tuple)) and isinstance(found, list):
        for index, (one, other) in enumerate(zip(wanted, found, strict=False)):
            if difference := first_difference(one, other, f"{place}[{index}]"):
                return difference
        return "" if len(wanted) == len(found) else f"{place}: {len(wanted)} items expected, {len(found)} sent"
    same = wanted == found and isinstance(wanted, bool) == isinstance(found, bool)
    return "" if same else f"{place}: {shortened(wanted)} expected, {shortened(found)} sent"


def shortened(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:80] + "..."
