"""What an effect is: a function that acts on a call, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course
    from mock_airflow.faults.rule import Rule

Act = Callable[["Course", "Rule", Any], Iterator[None] | None]
EFFECTS: dict[str, EffectKind] = {}  # by keyword, in the order in which they act


class EffectKind(NamedTuple):
    """What a keyword of ``faults.add`` does.

    ``read`` gives the value as it is kept, in plain JSON, or raises ValueError that says what is expected; ``text``
    tells it in a few words. ``concerns`` says whether it means anything for a call: calls that it does not concern are
    not counted. ``answers`` is True for one that decides what the client gets, ``shapes`` for one that needs an answer
    to change, ``delays`` for one that only takes time.
    """

    act: Act
    help: str
    read: Callable[[Any], Any]
    text: Callable[[Any], str]
    concerns: Callable[[Course], bool]
    answers: bool
    shapes: bool
    delays: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a rule does to the calls that it hits: a keyword and its value, in plain JSON."""

    keyword: str
    value: Any

    @property
    def kind(self) -> EffectKind:
        """What the keyword does."""
        return EFFECTS[self.keyword]

    @property
    def text(self) -> str:
        """The effect in a few words."""
        return self.kind.text(self.value)

    def act(self, course: Course, rule: Rule) -> Iterator[None]:
        """Act on a call up to the first step before it gets to Airflow, and from there on once there is an answer."""
        steps = self.kind.act(course, rule, self.value)
        yield from steps if steps is not None else ()


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
) -> Callable[[Act], Act]:
    """Register an effect under its function's name.

    The function acts before the request gets to Airflow. One that yields goes on from there when the answer is made.
    A text has ``{}`` for the value.
    """

    def register(act: Act) -> Act:
        keyword = act.__name__
        said = text if text is not None else f"{keyword.replace('_', ' ')} {{}}"
        told = said if callable(said) else said.format
        EFFECTS[keyword] = EffectKind(act, help, read, told, concerns, answers, shapes, delays)
        return act

    return register


def number(value: Any, what: str) -> float:
    """A finite number, or ValueError that says ``what`` is expected."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -1e12 < value < 1e12:
        raise ValueError(f"{what} is expected")
    return value
