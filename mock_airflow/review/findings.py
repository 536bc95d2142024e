"""What a review found: the advice, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from mock_airflow._version import __version__
from mock_airflow.review.advice import RULES, Advice, Severity, known

if TYPE_CHECKING:
    from mock_airflow.review.migration import Migration
    from mock_airflow.review.scorecard import ScoreCard
    from mock_airflow.review.traffic import Traffic


class LeftOut(NamedTuple):
    """A rule that could not be held against the traffic, and what that lacks."""

    rule: str
    missing: str


class ReviewFindings(Sequence[Advice]):
    """What the rules found in some traffic: advice, the gravest first; empty when there is none.

    ``left_out`` are the rules that could not judge, ``ignored`` the advice that was not wanted, with the reason that
    was given (empty for none), ``calls`` how many were looked at.
    """

    def __init__(
        self,
        advice: Iterable[Advice],
        *,
        calls: int,
        left_out: Sequence[LeftOut] = (),
        ignored: Sequence[tuple[Advice, str]] = (),
        traffic: Traffic | None = None,
    ) -> None:
        self._advice = sorted(advice, key=lambda each: (-each.severity, list(RULES).index(each.rule), each.calls[:1]))
        self.calls, self.left_out, self.ignored = calls, tuple(left_out), tuple(ignored)
        self._traffic = traffic

    def __len__(self) -> int:
        return len(self._advice)

    @overload
    def __getitem__(self, index: int) -> Advice: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Advice]: ...
    def __getitem__(self, index: int | slice) -> Advice | Sequence[Advice]:
        return self._advice[index]

    def __iter__(self) -> Iterator[Advice]:
        return iter(self._advice)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, (ReviewFindings, list, tuple)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Review of {self.calls} calls: {self.summary}>"

    @property
    def rules(self) -> list[str]:
        """The ids of the rules that have something to say, each once."""
        return list(dict.fromkeys(advice.rule for advice in self))

    @property
    def summary(self) -> str:
        """How much advice there is, in words."""
        if not self:
            return "no advice"
        counts = [(each, sum(advice.severity is each for advice in self)) for each in reversed(Severity)]
        return ", ".join(f"{count} {each}{'s' if count > 1 else ''}" for each, count in counts if count)

    def of(self, rule: str) -> list[Advice]:
        """The advice of one rule. Raises ReviewError for a rule that does not exist."""
        known([rule])
        return [advice for advice in self if advice.rule == rule]

    @cached_property
    def score(self) -> ScoreCard:
        """What the client did, in numbers."""
        from mock_airflow.review.scorecard import score_of
        from mock_airflow.review.traffic import Traffic

        every = (*self, *(advice for advice, _ in self.ignored))
        return score_of(self._traffic if self._traffic is not None else Traffic(()), every)

    @cached_property
    def migration(self) -> Migration:
        """What the calls of version 2 become with Airflow 3."""
        from mock_airflow.review.migration import migration_of
        from mock_airflow.review.traffic import Traffic

        return migration_of(self._traffic if self._traffic is not None else Traffic(()))

    def as_json(self) -> dict[str, Any]:
        """The review for programs."""
        return {
            "version": __version__,
            "calls": self.calls,
            "advice": [advice.as_json() for advice in self],
            "ignored": [{**advice.as_json(), "reason": reason} for advice, reason in self.ignored],
            "left_out": [each._asdict() for each in self.left_out],
            "score": self.score.as_json(),
            "migration": self.migration.as_json(),
        }
