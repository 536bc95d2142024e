"""Limits and tiers in the control API."""

from __future__ import annotations

from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.control.reading import not_found, refused, values_of
from mock_airflow.errors import AccessKeyError
from mock_airflow.limits.algorithms import ALGORITHMS
from mock_airflow.limits.limits import PER
from mock_airflow.settings.record import LIMIT_HEADERS, RETRY_AFTER

_NEW_LIMITS = Schema(
    "NewLimits",
    Field("limit", nullable=True, description="such as 500/minute or 10 per 30 seconds"),
    Field("burst", nullable=True, description="a second limit beside the first, such as 25/second"),
    Field("concurrency", "integer", nullable=True, minimum=1, description="how many may be answered at once"),
    Field("algorithm", enum=tuple(ALGORITHMS)),
    Field("per", description=f"what requests are counted by: {', '.join(PER)}, or some joined by +"),
    Field("headers", nullable=True, description=f"{', '.join(LIMIT_HEADERS)}; null leaves it to the profile"),
    Field("retry_after", nullable=True, description=f"{', '.join(RETRY_AFTER)}; null leaves it to the profile"),
)
_TIER = Schema(
    "Tier",
    Field("name"),
    Field("limit", nullable=True),
    Field("burst", nullable=True),
    Field("keys", "integer", nullable=True, minimum=1, description="how many the plan allows; null for any number"),
)
_LIMITS = Schema(
    "Limits",
    *_NEW_LIMITS.fields.values(),
    Field("tier", nullable=True, description="the tier that holds where no limit of its own does"),
    Field("tiers", "array", items=Field("tier", schema=_TIER)),
)
_NEW_TIER = Schema(
    "NewTier",
    Field("tier", nullable=True, description="the tier's name, such as growth; null takes it away"),
    Field("key", "any", description="the key that gets it, by number or first characters; everybody without it"),
    Field("limit", nullable=True, description="with burst and keys, makes it a tier of one's own first"),
    Field("burst", nullable=True),
    Field("keys", "integer", nullable=True, minimum=1),
    required=("tier",),
)


def _told(call: ControlCall) -> Answer:
    terms = call.deployment.limits.terms
    texts = [rule.text for rule in terms.rules or ()]  # a burst alone is a limit like any other
    return json_answer(
        {
            "limit": texts[0] if texts else None,
            "burst": texts[1] if len(texts) > 1 else None,
            "concurrency": terms.concurrency and terms.concurrency.amount,
            "algorithm": terms.algorithm,
            "per": "+".join(terms.per),
            "headers": terms.headers,
            "retry_after": terms.retry_after,
            "tier": terms.tier if terms.rules is None else None,
            "tiers": [
                {
                    "name": name,
                    "limit": tier.limit and tier.limit.text,
                    "burst": tier.burst and tier.burst.text,
                    "keys": tier.keys,
                }
                for name, tier in terms.tiers.items()
            ],
        }
    )


@operation("GET", "/limits", access=None, answer=_LIMITS)
def get_limits(call: ControlCall) -> Answer:
    """Tell which limits hold, and which tiers there are."""
    return _told(call)


@operation("PUT", "/limits", access=None, body=_NEW_LIMITS, answer=_LIMITS)
def put_limits(call: ControlCall) -> Answer:
    """Put limits in force for everybody, with nothing used up; without limit, burst and concurrency none holds."""
    call.deployment.limits.set(**{"limit": None, **values_of(call)})
    return _told(call)


@operation("DELETE", "/limits", access=None, success=204)
def clear_limits(call: ControlCall) -> None:
    """Have no limit at all, not even a tier's."""
    call.deployment.limits.clear()


@operation("POST", "/limits/exhaust", access=None, success=204)
def exhaust_limits(call: ControlCall) -> None:
    """Have everybody's next request be one too many."""
    call.deployment.limits.exhaust()


@operation("PUT", "/tier", access=None, body=_NEW_TIER, answer=_LIMITS)
def put_tier(call: ControlCall) -> Answer:
    """Have a tier's limits hold at once, also for keys that exist: for one key, or for everybody."""
    values: dict[str, Any] = values_of(call)
    name, key = values["tier"], values.get("key")
    if key is not None and (isinstance(key, bool) or not isinstance(key, (int, str))):
        raise refused("The key that gets a tier is named by its number or its first characters.")
    parts = {part: values.get(part) for part in ("limit", "burst", "keys")}
    deployment = call.deployment
    try:
        if key is not None:
            deployment.keys.get(key)
        if name is not None and any(part in values for part in parts):
            name = deployment.limits.define_tier(name, **parts)
        deployment.limits.set_tier(name, key)
    except AccessKeyError as problem:
        raise not_found(problem) from None
    return _told(call)
