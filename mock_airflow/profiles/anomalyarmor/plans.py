"""The plan that the company has bought, and what it allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site
    from mock_airflow.limits.rules import LimitRule

UNLIMITED = 1_000_000  # what is told where there is no bound (assumed), as the package wants a whole number
_PLAN = "growth"


class BoughtPlan(NamedTuple):
    """What it allows; ``max_keys`` is None for any number."""

    max_keys: int | None
    per_minute: int
    per_second: int


def plan_of(deployment: Site, key: Key | None = None) -> BoughtPlan:
    """The plan that counts now, so that an upgrade raises existing keys at once (documented).

    Limits that somebody set by themselves count before a plan's, and a key's own tier before the company's.
    """
    terms = deployment.limits.terms
    company = terms.tiers[terms.tier or _PLAN]
    own = company if key is None or key.tier is None else terms.tiers[key.tier]
    limit, burst = own.limit, own.burst
    if terms.rules and terms.rules[0].text != default_limit(deployment):
        limit, burst = terms.rules[0], terms.rules[1] if len(terms.rules) > 1 else None
    return BoughtPlan(company.keys, _per(limit, 60), _per(burst, 1))


def default_limit(deployment: Site) -> str:
    """What holds where nobody says anything: the rate of the plan Growth, so that every answer tells of a limit.

    Its burst of 25 requests a second does not, since any test is faster than that.
    """
    limit = deployment.profile.tiers[_PLAN].limit
    return "" if limit is None else limit.text


def _per(rule: LimitRule | None, seconds: int) -> int:
    return UNLIMITED if rule is None else max(1, round(rule.amount * seconds / rule.seconds))
