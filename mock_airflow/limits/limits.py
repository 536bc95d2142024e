"""A rate limit as token buckets on the deployment's clock.

A bucket holds as many tokens as a rule allows requests and fills up evenly over the rule's period. A request takes one
token from each rule's bucket, or none at all when one of them is empty.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import NamedTuple

from mock_airflow.errors import LimitError
from mock_airflow.limits.rules import Rule

_ALMOST = 1e-9  # what is lacking to a whole token through rounding counts as there


class Level(NamedTuple):
    """How full a bucket was at a moment."""

    tokens: float
    at: datetime


class Exceeded(NamedTuple):
    """That a request was one too many."""

    rule: Rule
    who: str
    retry_after: int

    @property
    def reason(self) -> str:
        """Which limit refused whom, and until when."""
        return (
            f"The limit of {self.rule.text} for {self.who} is used up; a request passes again in {self.retry_after} s."
        )


class LimitState(NamedTuple):
    """The limits at one moment; what a snapshot keeps."""

    rules: tuple[Rule, ...]
    per: str
    levels: dict[tuple[Rule, str], Level]
    emptied_at: datetime | None = None


class Limits:
    """The limits of one deployment. Off until set; call it under the deployment's lock."""

    def __init__(self) -> None:
        self._rules: tuple[Rule, ...] = ()
        self._per = "credential"
        self._levels: dict[tuple[Rule, str], Level] = {}
        self._emptied_at: datetime | None = None  # when the buckets of all that are not in _levels were empty

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force."""
        return self._rules

    def set(self, limit: str | None, burst: str | None = None, per: str = "credential") -> None:
        """Put limits in force from now on, with full buckets; None takes them away.

        ``per`` is ``credential`` (each has buckets of its own) or ``deployment`` (all share). Raises LimitError.
        """
        if per not in ("credential", "deployment"):
            raise LimitError(f"A limit counts per credential or per deployment, not per {per!r}.")
        self._rules = tuple(Rule.of(text) for text in (limit, burst) if text)
        self._per = per
        self._levels, self._emptied_at = {}, None

    def exhaust(self, now: datetime, *who: str) -> None:
        """Empty the buckets of those named, of everybody if nobody is, so that their next request is refused.

        Raises LimitError without a limit.
        """
        if not self._rules:
            raise LimitError("There is no limit to exhaust; set one first, such as limits.set('500/minute').")
        if not who:
            self._levels, self._emptied_at = {}, now
            return
        for name in who if self._per == "credential" else ("deployment",):
            self._levels.update({(rule, name): Level(0.0, now) for rule in self._rules})

    def take(self, credential_id: str, now: datetime) -> tuple[Exceeded | None, int | None]:
        """Count one request: Exceeded when it is one too many, which then counts for nothing, and what remains.

        What remains is how many requests may follow at once; None without a limit.
        """
        if not self._rules:
            return None, None
        who = credential_id if self._per == "credential" else "deployment"
        after: dict[tuple[Rule, str], Level] = {}
        longest: Exceeded | None = None
        least = math.inf
        for rule in self._rules:
            tokens = self._tokens(rule, who, now)
            if tokens < 1.0 - _ALMOST:
                wait = max(1, math.ceil((1.0 - tokens) * rule.seconds / rule.amount - _ALMOST))
                if longest is None or wait > longest.retry_after:
                    longest = Exceeded(rule, who, wait)
            rest = max(tokens - 1.0, 0.0)
            least = min(least, rest)
            after[rule, who] = Level(rest, now)
        if longest is not None:
            return longest, 0
        self._levels.update(after)
        return None, int(least + _ALMOST)

    def _tokens(self, rule: Rule, who: str, now: datetime) -> float:
        level = self._levels.get((rule, who))
        if level is None:
            if self._emptied_at is None:
                return float(rule.amount)
            level = Level(0.0, self._emptied_at)
        elapsed = (now - level.at).total_seconds()
        return min(float(rule.amount), level.tokens + max(elapsed, 0.0) * rule.amount / rule.seconds)

    def snapshot(self) -> LimitState:
        """The limits as they are."""
        return LimitState(self._rules, self._per, dict(self._levels), self._emptied_at)

    def restore(self, state: LimitState) -> None:
        """Go back to a snapshot."""
        self._rules, self._per, self._levels = state.rules, state.per, dict(state.levels)
        self._emptied_at = state.emptied_at
