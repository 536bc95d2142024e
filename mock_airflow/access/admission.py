"""Who comes in, and how often: a request authenticates, is counted, and passes the profile's gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from mock_airflow.access.permissions import Access
from mock_airflow.access.principals import Principal
from mock_airflow.access.site import Site
from mock_airflow.journal.why import UNSAID, Why
from mock_airflow.limits.headers import retry_after_header
from mock_airflow.limits.limits import Terms
from mock_airflow.limits.standing import Standing

if TYPE_CHECKING:
    from mock_airflow.access.routed import RoutedRequest

Authenticate = Callable[["RoutedRequest", Site], Principal]

INSIDE = "mock_airflow.inside"  # in the environ of a request within another: as whom it is asked
_OPEN_TO_LIMITS = ("/health", "/version")
_BY_CREDENTIAL = ("credential",)
_BY_NOBODY = frozenset({"credential", "user"})  # by these a request without a credential is not counted


class Admission:
    """One request on its way in: who it is, how it counts, what was decided of it, and why.

    ``place`` tells as whose request it is in flight while it waits to be counted.
    """

    __slots__ = ("decision", "deployment", "place", "principal", "request", "standing", "why")

    def __init__(self, deployment: Site, request: RoutedRequest) -> None:
        self.deployment, self.request = deployment, request
        self.principal: Principal | None = None
        self.decision = "answered"
        self.why: Why = UNSAID
        self.standing: Standing | None = None
        self.place: str | None = None

    def let_in(self, authenticate: Authenticate | None = None) -> Principal:
        """Who the request is, if it may come in now: by the profile, or by ``authenticate``. Raises Refusal."""
        deployment, profile = self.deployment, self.deployment.profile
        principal = self.principal = (authenticate or profile.authenticate)(self.request, deployment)
        terms = deployment.limits.terms
        if (terms.hold_for_all or principal.tier) and self._is_counted:
            self._count(principal, terms)
        if profile.gateway:
            profile.admit(self.request, principal, deployment)
        return principal

    @property
    def _is_counted(self) -> bool:
        if INSIDE in self.request.environ:  # whoever called has been counted, and is in flight, by the call around it
            return False
        return self.deployment.profile.gateway or not self.request.path.endswith(_OPEN_TO_LIMITS)

    def take_place(self, principal: Principal | None, access: Access | None) -> bool:
        """Put a request that waits before it is looked at in flight already; False where that is one too many.

        Whoever counts it later counts it once. Call it under the deployment's lock.
        """
        limits, gateway = self.deployment.limits, self.deployment.profile.gateway
        if limits.terms.concurrency is None or self.place is not None or (access is None and not gateway):
            return True
        if principal is None or not self._is_counted:
            return True  # refused, or let in, without being counted
        if principal.anonymous and not _BY_NOBODY.isdisjoint(limits.terms.per):
            return True
        who = self._counted_as(limits.terms.per, principal)
        if not limits.hold(who):
            return False
        self.place = who
        return True

    def give_place_up(self) -> None:
        """Be in flight no more, or from now on by how it was counted."""
        if self.place is not None:
            self.deployment.limits.release(self.place)
            self.place = None

    def _count(self, principal: Principal, terms: Terms) -> None:
        """Count the request, by whatever the limits are counted by. Raises Refusal for one too many."""
        deployment = self.deployment
        if principal.anonymous and not _BY_NOBODY.isdisjoint(terms.per):
            return
        who = principal.credential_id if terms.per == _BY_CREDENTIAL else self._counted_as(terms.per, principal)
        now = deployment.airflow.now()
        if self.standing is not None and self.standing.held:  # the same request again, as a fault rule may have it
            deployment.limits.release(self.standing.who)
        if self.place is not None:
            self.give_place_up()
        standing = self.standing = deployment.limits.count(who, principal.tier, now)
        if standing is not None and standing.exceeded is not None:
            self.decision = "limited"
            refusal = deployment.profile.limited(standing.exceeded, deployment)
            refusal.headers.pop("Retry-After", None)
            form, wait = terms.retry_after or deployment.profile.retry_after, standing.exceeded.retry_after
            refusal.headers.update(retry_after_header(form, wait, now))
            refusal.why = refusal.why._replace(rule=standing.exceeded.rule.text, until=now + timedelta(seconds=wait))
            raise refusal

    def _counted_as(self, per: tuple[str, ...], principal: Principal) -> str:
        """The name of what a request is counted by, as the journal tells it."""
        request = self.request
        names = {
            "credential": principal.credential_id,
            "user": f"user {principal.name}",
            "endpoint": f"endpoint {(request.endpoint or 'unknown').rpartition('.')[2]}",
            "address": f"address {request.remote_addr or 'unknown'}",
            "deployment": "deployment",
        }
        return " + ".join(names[dimension] for dimension in per)
