"""How a figure is taken: both sides of a ratio in turn, in one run, so that a machine that slows down slows both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    value: float
    unit: str
    budget: str
    within: bool
    against: str = ""


def seconds_of(action: Callable[[], object], repeat: int) -> float:
    """Seconds that one call takes, over ``repeat`` calls."""
    start = time.perf_counter()
    for _ in range(repeat):
        action()
    return (time.perf_counter() - start) / repeat


def best(action: Callable[[], object], *, rounds: int = 7, repeat: int = 50) -> float:
    """The median over rounds of the seconds one call takes, after a warm-up."""
    seconds_of(action, repeat)
    return median(seconds_of(action, repeat) for _ in range(rounds))


def side_by_side(
    one: Callable[[], object], other: Callable[[], object], *, rounds: int = 15, repeat: int = 50
) -> tuple[float, float, float]:
    """Seconds of one call of each, measured in turn, and the median of their ratios."""
    seconds_of(one, repeat)
    seconds_of(other, repeat)
    pairs = [(seconds_of(one, repeat), seconds_of(other, repeat)) for _ in range(rounds)]
    return median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs)


def at_most(what: str, value: float, unit: str, limit: float, against: str = "") -> Figure:
    """A figure that has to stay below its budget."""
    return Figure(what, value, unit, f"< {limit:g} {unit}", value < limit, against)


def at_least(what: str, value: float, unit: str, limit: float, against: str = "") -> Figure:
    """A figure that has to stay above its budget."""
    return Figure(what, value, unit, f"> {limit:g} {unit}", value > limit, against)
