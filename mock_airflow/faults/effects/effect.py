"""How an effect is written: a decorated function that acts on a call, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mock_airflow.faults.rule import EFFECTS, Act, EffectKind

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course


def yes(value: Any) -> bool:
    """For effects that are there or not."""
    if value is not True:
        raise ValueError("it is True or left out")
    return True


def effect(
    help: str,
    *,
    read: Callable[[Any], Any] = yes,
    text: str | Callable[[Any], str] | None = None,
    concerns: Callable[[Course], bool] = lambda course: True,
    answers: bool = False,
    shapes: bool = False,
    delays: bool = False,
    ends: bool = False,
) -> Callable[[Act], Act]:
    """Register an effect under its function's name.

    The function acts before the request gets to Airflow. One that yields goes on from there when the answer is made.
    A text has ``{}`` for the value.
    """

    def register(act: Act) -> Act:
        keyword = act.__name__
        said = text if text is not None else f"{keyword.replace('_', ' ')} {{}}"
        told = said if callable(said) else said.format
        EFFECTS[keyword] = EffectKind(act, help, read, told, concerns, answers, shapes, delays, ends)
        return act

    return register


def number(value: Any, what: str) -> float:
    """A finite number, or ValueError that says ``what`` is expected."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -1e12 < value < 1e12:
        raise ValueError(f"{what} is expected")
    return value
