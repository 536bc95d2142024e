"""How an API takes a request in and words what it refuses.

One object an API carries, so that the walk of a request is written once and an API says only what it does differently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mock_airflow.access.principals import NOBODY, Principal, read_from
from mock_airflow.api.airflow2 import pages
from mock_airflow.api.airflow2.audit import record_event
from mock_airflow.api.airflow2.body import read_body
from mock_airflow.api.airflow2.parameters import read_query
from mock_airflow.api.airflow2.problems import Oops, Problem, bad_request, worded
from mock_airflow.api.operation import HTML, Answer, Call, Operation
from mock_airflow.domain.errors import DomainError
from mock_airflow.limits.headers import retry_after_header

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers
    from werkzeug.wrappers import Request

    from mock_airflow.corridor.exchange import Exchange
    from mock_airflow.deployment import Deployment
    from mock_airflow.limits.limits import Terms
    from mock_airflow.profiles.base import Profile
    from mock_airflow.settings import Settings

Authenticate = Callable[["Request", "Deployment"], Principal]

_OPEN_TO_LIMITS = ("/health", "/version")
_BY_CREDENTIAL = ("credential",)
_BY_NOBODY = frozenset({"credential", "user"})  # by these a request without a credential is not counted


class Manners:
    """Those of Airflow 2's stable API; another API overrides what it does otherwise."""

    def take_in(self, operation: Operation, profile: Profile, exchange: Exchange, path: Mapping[str, Any]) -> Call:
        """The call, once the request may come in: shape, then credentials, then permission (observed).

        Raises Problem, Oops or Refusal.
        """
        request = exchange.request
        body = read_body(operation.body, request) if operation.body is not None else None
        query = read_query(operation.query, operation.strict, request.args.to_dict(flat=False))
        principal = exchange.principal or NOBODY
        if operation.access is not None:
            principal = exchange.principal or let_in(exchange, profile, profile.authenticate)
            dag_id = path.get("dag_id") or query.get("dag_id")  # a filter for one DAG counts as naming it (code)
            missing = operation.access.missing(principal.permissions, None if dag_id == "~" else dag_id or None)
            if missing is not None:
                who = principal.note or f"{principal.name!r} acts as {', '.join(principal.roles) or 'no role'}"
                exchange.would_pass = f"a role with {missing}"
                exchange.rule = "no good credential" if principal.anonymous else "permission"
                exchange.read_from = read_from(request)
                raise Problem(403, "Forbidden", reason=f"{who.rstrip('.')}; {missing} is needed.")
        call = Call(operation, exchange.deployment, principal, path, query, body, request.headers)
        if operation.event is not None:
            if "limit" in query:
                _ = call.limit  # a negative one is refused before anything is written (observed)
            record_event(operation.event, call, request)
        return call

    def longest_body(self, settings: Settings) -> int | None:
        """How many bytes of a body it takes; None for as many as anything here."""
        return int(settings.allowed_payload_size * 1024 * 1024)

    def worded(self, error: DomainError, call: Call) -> Problem:
        """The answer for a refused verb."""
        return worded(error, call.operation.words)

    def excused(self, oops: Oops) -> Problem:
        """The clean answer where a real Airflow fails, without ``airflow_bugs``."""
        return bad_request(oops.detail)

    def failed(self, oops: Oops) -> Answer:
        """The page that a real Airflow, or its web server, fails with."""
        if oops.bare:
            return Answer(pages.bare_page(), 500, "text/html")
        return Answer(pages.oops_page(), 500, HTML)

    def dress(self, headers: Headers, exchange: Exchange) -> None:
        """Add the headers of every answer of the API's own routes, and of those alone: cross-origin ones (observed)."""
        settings = exchange.deployment.settings
        if settings.access_control_allow_origins or settings.access_control_allow_headers:
            _allow_origins(exchange.request, headers, settings)


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
        refusal.rule, refusal.until = standing.exceeded.rule.text, now + timedelta(seconds=wait)
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


def _allow_origins(request: Request, headers: Headers, settings: Settings) -> None:
    """Airflow's cross-origin headers: the request's origin if listed, the first listed without one (observed)."""
    if settings.access_control_allow_headers:
        headers["Access-Control-Allow-Headers"] = settings.access_control_allow_headers
    if settings.access_control_allow_methods:
        headers["Access-Control-Allow-Methods"] = settings.access_control_allow_methods
    origins = settings.access_control_allow_origins
    origin = request.headers.get("Origin")
    if origins and (origin is None or origin in origins):
        headers["Access-Control-Allow-Origin"] = origin or origins[0]
