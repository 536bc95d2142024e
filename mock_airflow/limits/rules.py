"""Rules of limits: so many requests in so much time, and the tiers that vendors sell them as."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from mock_airflow.errors import LimitError
from mock_airflow.settings.spelling import hint

_PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_FORM = re.compile(r"(\d{1,9}) ?(?:/|per) ?(\d{1,6})? ?(second|minute|hour|day)s?", re.IGNORECASE)


class LimitRule(NamedTuple):
    """So many requests in so many seconds; in 0 seconds stands for at once."""

    text: str
    amount: int
    seconds: int

    @staticmethod
    def of(text: str) -> LimitRule:
        """The rule that ``500/minute`` or ``10 per 30 seconds`` means. Raises LimitError."""
        plain = " ".join(str(text).split())
        match = _FORM.fullmatch(plain)
        if match is None or int(match[1]) == 0 or (match[2] is not None and int(match[2]) == 0):
            raise LimitError(
                f"The limit {text!r} cannot be understood; write a number and a period, such as "
                "500/minute or 25/second."
            )
        return LimitRule(plain, int(match[1]), int(match[2] or 1) * _PERIODS[match[3].lower()])

    @property
    def words(self) -> str:
        """The rule as rate limiters commonly say it."""
        if self.seconds == 0:
            return self.text
        for name, seconds in reversed(_PERIODS.items()):
            if self.seconds % seconds == 0:
                return f"{self.amount} per {self.seconds // seconds} {name}"
        raise AssertionError("every period is a number of seconds")


class Tier(NamedTuple):
    """What a plan allows: a rate, a burst on top of it, and a number of keys; None is without a bound."""

    limit: LimitRule | None
    burst: LimitRule | None = None
    keys: int | None = None

    @staticmethod
    def of(limit: str | None, burst: str | None = None, keys: int | None = None) -> Tier:
        """A tier of ``500/minute`` with a burst of ``25/second`` and so many keys. Raises LimitError."""
        if keys is not None and keys < 1:
            raise LimitError(f"A tier allows 1 key or more, not {keys}; leave it out for any number of keys.")
        return Tier(LimitRule.of(limit) if limit else None, LimitRule.of(burst) if burst else None, keys)


# AnomalyArmor's (documented). They serve every profile whose vendor documents none of its own.
TIERS: Mapping[str, Tier] = {
    "free-trial": Tier.of("20/minute", "2/second", keys=1),
    "starter": Tier.of("30/minute", "3/second", keys=1),
    "growth": Tier.of("500/minute", "25/second", keys=10),
    "professional": Tier.of("1000/minute", "50/second", keys=25),
    "enterprise": Tier.of("5000/minute", "100/second"),
}


def tier_named(name: str, tiers: Mapping[str, Tier]) -> str:
    """The name as ``tiers`` has it: ``Free Trial`` and ``free_trial`` are ``free-trial``. Raises LimitError."""
    found = "-".join(re.split(r"[\s_-]+", str(name).strip().lower()))
    if found not in tiers:
        raise LimitError(f"There is no tier {name!r}; {hint(found, tiers, 'the tiers are')}")
    return found
