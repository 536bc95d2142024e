"""What an effect is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course
    from mock_airflow.faults.rule import Rule


@dataclass(frozen=True, slots=True)
class Effect(ABC):
    """One thing that a rule does to the calls that it hits.

    ``keyword`` is its name in ``faults.add``, ``help`` what it does in a line. ``answers`` is True for one that decides
    what the client gets, ``shapes`` for one that needs an answer to change, ``delays`` for one that only takes time.
    ``value`` is plain JSON, as ``read`` gave it.
    """

    keyword: ClassVar[str]
    help: ClassVar[str]
    answers: ClassVar[bool] = False
    shapes: ClassVar[bool] = False
    delays: ClassVar[bool] = False

    value: Any

    @classmethod
    @abstractmethod
    def read(cls, value: Any) -> Any:
        """The value as it is kept. Raises ValueError, which says what is expected."""

    @property
    def text(self) -> str:
        """The effect in a few words."""
        name = self.keyword.replace("_", " ")
        return name if self.value is True else f"{name} {self.value}"

    def concerns(self, course: Course) -> bool:
        """Whether the effect means anything for this call; calls that it does not concern are not counted."""
        return True

    def before(self, course: Course, rule: Rule) -> None:  # noqa: B027  (most effects act on one side only)
        """What happens before the request gets to Airflow."""

    def after(self, course: Course, rule: Rule) -> None:  # noqa: B027
        """What happens to the answer."""


def yes(value: Any) -> bool:
    """For effects that are there or not."""
    if value is not True:
        raise ValueError("it is True or left out")
    return True


def number(value: Any, what: str) -> float:
    """A finite number, or ValueError that says ``what`` is expected."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -1e12 < value < 1e12:
        raise ValueError(f"{what} is expected")
    return value
