"""Who comes in, and how often: a request authenticates, is counted, and passes the profile's gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from mock_airflow.access.principals import Principal
from mock_airflow.limits.headers import retry_after_header

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.corridor.exchange import Exchange
    from mock_airflow.deployment import Deployment
    from mock_airflow.limits.limits import Terms
    from mock_airflow.profiles.base import Profile

Authenticate = Callable[["Request", "Deployment"], Principal]

_OPEN_TO_LIMITS = ("/health", "/version")
_BY_CREDENTIAL = ("credential",)
_BY_NOBODY = frozenset({"credential", "user"})  # by these a request without a credential is not counted


def let_in(exchange: Exchange, profile: Profile, authenticate: Authenticate) -> Principal:
    """Who the request is, if it may come in now. Raises Refusal."""
    deployment = exchange.deployment
    principal = exchange.principal = authenticate(exchange.request, deployment)
    limits = deployment.limits
    if (limits.on or principal.tier) and _is_counted(exchange, profile):
        _count(exchange, principal, profile, limits.terms)
    if profile.gateway:
        profile.admit(exchange.request, principal, deployment)
    return principal


def _is_counted(exchange: Exchange, profile: Profile) -> bool:
    return profile.gateway or not exchange.request.path.endswith(_OPEN_TO_LIMITS)


def take_place(exchange: Exchange, profile: Profile, principal: Principal | None) -> bool:
    """Have a request that has to wait before it is looked at be in flight already; False where that is one too many.

    Whoever counts it later counts it once. Call it under the deployment's lock.
    """
    limits, operation = exchange.deployment.limits, exchange.operation
    per = limits.terms.per
    open_to_all = not profile.gateway and (operation is None or operation.access is None)
    if limits.terms.concurrency is None or exchange.place is not None or open_to_all:
        return True
    if principal is None or not _is_counted(exchange, profile):
        return True  # refused, or let in, without being counted
    if principal.anonymous and not _BY_NOBODY.isdisjoint(per):
        return True
    who = _counted_as(per, exchange, principal)
    if not limits.hold(who):
        return False
    exchange.place = who
    return True


def _count(exchange: Exchange, principal: Principal, profile: Profile, terms: Terms) -> None:
    """Count the request, by whatever the limits are counted by. Raises Refusal for one too many."""
    deployment = exchange.deployment
    if principal.anonymous and not _BY_NOBODY.isdisjoint(terms.per):
        return
    who = principal.credential_id if terms.per == _BY_CREDENTIAL else _counted_as(terms.per, exchange, principal)
    now = deployment.airflow.now()
    if exchange.standing is not None and exchange.standing.held:  # the same request again, as a fault rule may have it
        deployment.limits.release(exchange.standing.who)
    exchange.give_place_up()
    standing = exchange.standing = deployment.limits.count(who, principal.tier, now)
    if standing is not None and standing.exceeded is not None:
        exchange.decision = "limited"
        refusal = profile.limited(standing.exceeded, deployment)
        refusal.headers.pop("Retry-After", None)
        form, wait = terms.retry_after or profile.retry_after, standing.exceeded.retry_after
        refusal.headers.update(retry_after_header(form, wait, now))
        refusal.why = refusal.why._replace(rule=standing.exceeded.rule.text, until=now + timedelta(seconds=wait))
        raise refusal


def _counted_as(per: tuple[str, ...], exchange: Exchange, principal: Principal) -> str:
    """The name of what a request is counted by, as the journal tells it."""
    request = exchange.request
    names = {
        "credential": principal.credential_id,
        "user": f"user {principal.name}",
        "endpoint": f"endpoint {(request.endpoint or 'unknown').rpartition('.')[2]}",
        "address": f"address {request.remote_addr or 'unknown'}",
        "deployment": "deployment",
    }
    return " + ".join(names[dimension] for dimension in per)
