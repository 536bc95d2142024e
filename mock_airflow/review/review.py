"""A review: every rule held against some traffic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from mock_airflow._version import __version__
from mock_airflow.review import rules as rules  # fills the register
from mock_airflow.review.advice import RULES, Advice, Severity, known

if TYPE_CHECKING:
    from mock_airflow.review.migration import Migration
    from mock_airflow.review.scorecard import ScoreCard
    from mock_airflow.review.traffic import Traffic


class LeftOut(NamedTuple):
    """A rule that could not be held against the traffic, and what that lacks."""

    rule: str
    missing: str


class Review(Sequence[Advice]):
    """What there is to say of some traffic: advice, the gravest first; empty when there is none.

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
        return list(self) == list(other) if isinstance(other, (Review, list, tuple)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Review of {self.calls} calls: {self.summary}>"

    def __str__(self) -> str:
        from mock_airflow.review.words import text

        return text(self)

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

    def sarif(self, artifact: str = "journal") -> dict[str, Any]:
        """The review as SARIF 2.1.0, which code hosts show; ``artifact`` says where the calls are from."""
        from mock_airflow.review.sarif import sarif

        return sarif(self, artifact)

    def html(self, source: str = "journal") -> str:
        """The review as an HTML page that needs nothing else."""
        from mock_airflow.review.report import html

        return html(self, source)

    def assert_none(self, severity: str | Severity = Severity.NOTE) -> None:
        """That there is no advice, or none that weighs as much; an AssertionError shows it otherwise."""
        least = Severity.of(severity)
        found = [advice for advice in self if advice.severity >= least]
        if found:
            shown = Review(found, calls=self.calls)
            raise AssertionError(f"The review has {shown.summary}.\n{shown}")

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


def review(
    traffic: Traffic,
    *,
    ignore: Iterable[str] | Mapping[str, str] = (),
    severity: str | Severity = Severity.NOTE,
) -> Review:
    """Hold every rule against some traffic.

    ``ignore`` names rules whose advice is not wanted, or gives the reason for each; ``severity`` is the least that
    counts. Raises ReviewError for a rule or a severity that does not exist.
    """
    reasons = dict(ignore) if isinstance(ignore, Mapping) else dict.fromkeys(ignore, "")
    known(reasons)
    least = Severity.of(severity)
    found, ignored, left_out = [], [], []
    for each in RULES.values():
        missing = each.missing(traffic)
        if missing is not None:
            left_out.append(LeftOut(each.id, missing))
            continue
        for advice in each.advice(traffic):
            if advice.severity < least:
                continue
            if advice.rule in reasons:
                ignored.append((advice, reasons[advice.rule]))
            else:
                found.append(advice)
    return Review(found, calls=len(traffic), left_out=left_out, ignored=ignored, traffic=traffic)
