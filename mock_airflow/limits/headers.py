"""What an answer tells of the limits: the headers of common rate limiters, and when to come back.

No standard was ever finished. ``X-RateLimit-*`` is custom, with a reset in unix time (AnomalyArmor, GitHub) or in
seconds from now; the IETF's drafts had three headers (up to 06), then one with parameters (07), then structured fields.
A header with room for one rule tells of the limit rather than the burst, and in a refusal of the rule that refused
(assumed). A reset is then when a request passes again, in agreement with Retry-After; else when all is there again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from mock_airflow.limits import retry_after
from mock_airflow.limits.standing import Share, Standing

Headers = dict[str, str]


def _triple(prefix: str, share: Share, reset: int) -> Headers:
    return {
        f"{prefix}Limit": str(share.rule.amount),
        f"{prefix}Remaining": str(share.remaining),
        f"{prefix}Reset": str(reset),
    }


def _unix(standing: Standing, now: datetime) -> Headers:
    share = standing.told
    return _triple("X-RateLimit-", share, math.ceil((now + timedelta(seconds=share.reset)).timestamp()))


def _delta(standing: Standing, now: datetime) -> Headers:
    return _triple("X-RateLimit-", standing.told, standing.told.reset)


def _draft_06(standing: Standing, now: datetime) -> Headers:
    return {**_triple("RateLimit-", standing.told, standing.told.reset), "RateLimit-Policy": _old_policy(standing)}


def _draft_07(standing: Standing, now: datetime) -> Headers:
    share = standing.told
    told = f"limit={share.rule.amount}, remaining={share.remaining}, reset={share.reset}"
    return {"RateLimit": told, "RateLimit-Policy": _old_policy(standing)}


def _old_policy(standing: Standing) -> str:
    return ", ".join(f"{share.rule.amount};w={share.rule.seconds}" for share in _in_time(standing))


def _structured(standing: Standing, now: datetime) -> Headers:
    shares = list(zip(("default", "burst"), _in_time(standing), strict=False))
    return {
        "RateLimit-Policy": ", ".join(
            f'"{name}";q={share.rule.amount};w={share.rule.seconds}' for name, share in shares
        ),
        "RateLimit": ", ".join(f'"{name}";r={share.remaining};t={share.reset}' for name, share in shares),
    }


def _in_time(standing: Standing) -> list[Share]:
    """The shares of the rules that have a period: all but the number at once."""
    return [share for share in standing.shares if share.rule.seconds]


_STYLES: Mapping[str, Callable[[Standing, datetime], Headers]] = {
    "x-ratelimit-unix": _unix,
    "x-ratelimit-delta": _delta,
    "ietf": _structured,
    "ietf-07": _draft_07,
    "ietf-06": _draft_06,
}


def limit_headers(style: str, standing: Standing, now: datetime) -> Headers:
    """The headers of a style of ``LIMIT_HEADERS`` that tell how somebody stands; none for ``none``."""
    return _STYLES[style](standing, now) if style != "none" else {}


def retry_after_header(form: str, seconds: int, now: datetime) -> Headers:
    """Retry-After in a form of ``RETRY_AFTER``, for a request that passes in so many seconds."""
    value = str(seconds) if form == "seconds" else retry_after.header(form, now, seconds)
    return {} if value is None else {"Retry-After": value}
