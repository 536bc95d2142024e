"""States as they are shown: Airflow's own colour, by a class of the style sheet, and a sign, as not all see colours."""

from __future__ import annotations

from collections.abc import Iterable

SIGNS = {
    "success": "✓",
    "failed": "✗",
    "upstream_failed": "↑",
    "running": "▸",
    "queued": "…",
    "scheduled": "s",
    "up_for_retry": "↻",
    "up_for_reschedule": "p",
    "deferred": "d",
    "skipped": "»",
    "restarting": "R",
    "removed": "x",
    "awaiting_input": "?",
}
_GRAVEST = (  # of the instances of a mapped task, what is shown for all of them
    "failed",
    "upstream_failed",
    "up_for_retry",
    "restarting",
    "running",
    "awaiting_input",
    "up_for_reschedule",
    "deferred",
    "queued",
    "scheduled",
    None,
    "skipped",
    "success",
    "removed",
)


def sign(state: str | None) -> str:
    """The sign of a state."""
    return SIGNS.get(state or "", "·")


def style(state: str | None) -> str:
    """The class that colours a state."""
    return f"state-{state if state in SIGNS else 'none'}"


def words(state: str | None) -> str:
    """A state as people read it."""
    return (state or "no status").replace("_", " ")


def of_all(states: Iterable[str | None]) -> str | None:
    """The state that stands for several: the one that people have to look at first."""
    found = set(states)
    return next((state for state in _GRAVEST if state in found), next(iter(found), None))
