"""``/api-keys`` and the demo session: how keys are made, looked at and revoked, and what the company's plan allows.

Documented: the paths, the scopes, that the value is told once, that a revoked key opens nothing from the next request
on, and what each plan allows. From the package anomalyarmor-cli 0.6.0: every field. Assumed (each a setting): the
status of a new key, and what is answered when the plan allows no more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_airflow.access.keys import Key
from mock_airflow.access.principals import ROLE_OF_SCOPE as SCOPES
from mock_airflow.answers import Answer
from mock_airflow.api.operation import Call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.anomalyarmor.answers import refused, wrapped
from mock_airflow.profiles.anomalyarmor.api import API
from mock_airflow.profiles.anomalyarmor.resource import ArmorResource, delete, get, post

if TYPE_CHECKING:
    from mock_airflow.access.site import Site
    from mock_airflow.limits.rules import LimitRule

RANDOM = "abcdefghijklmnopqrstuvwxyz0123456789"
_NO_STORE = {"Cache-Control": "no-store"}
_UNLIMITED = 1_000_000  # what is told where there is no bound (assumed), as the package wants a whole number
_PLAN = "growth"


class BoughtPlan(NamedTuple):
    """What the company has bought; ``keys`` is None for any number."""

    keys: int | None
    rate_limit_per_min: int
    burst_limit: int


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
    return _UNLIMITED if rule is None else max(1, round(rule.amount * seconds / rule.seconds))


class ApiKeys(ArmorResource):
    """The company's keys."""

    tag, below = "API keys", ""
    view = (  # never its value
        "id=public_id name key_prefix=prefix key_suffix=suffix display_key scope"
        " rate_limit_per_min=plan.rate_limit_per_min burst_limit=plan.burst_limit"
        " created_at last_used_at revoked_at expires_at is_active"
    )

    def _display_key(self, key: Key) -> str:
        return f"{key.prefix}...{key.suffix}"

    def _plan(self, key: Key) -> BoughtPlan:
        return plan_of(self.call.deployment, key)

    def _is_active(self, key: Key) -> bool:
        return key.ended(self.now) is None

    def _named(self) -> Key:
        key = self.call.deployment.keys.by_public_id(self.path["key_id"])
        if key is None:
            raise self.missing("API key", self.path["key_id"])
        return key

    def _keys(self) -> list[Key]:
        """The company's; those of demo sessions are nobody's."""
        return [key for key in self.call.deployment.keys.list() if not key.details.get("demo")]

    def _working(self) -> int:
        """How many keys the company holds that open something (assumed)."""
        return sum(map(self._is_active, self._keys()))

    @get("/api-keys")
    def list_api_keys(self) -> Any:
        """List the keys; revoked ones only with include_revoked."""
        keys = [key for key in self._keys() if key.revoked_at is None or self.flag("include_revoked")]
        return self.page(keys, name="keys")

    @post("/api-keys", f"name scope:{'|'.join(SCOPES)}=read-only", success=201, confidential=True)
    def create_api_key(self, name: str, scope: str) -> Any:
        """Make a key, and show its value this once."""
        settings, deployment, owner = self.settings, self.call.deployment, self.call.principal.name
        limit, working = plan_of(deployment).keys, self._working()
        if limit is not None and working >= limit:
            status, code = int(settings.anomalyarmor_key_limit_status), settings.anomalyarmor_key_limit_code
            said = f"API key limit reached: your plan allows {limit} API key{'' if limit == 1 else 's'}"
            reason = f"The plan allows {limit} keys, and so many work already."
            passing = "the same request after a key was revoked, or with a plan that allows more"
            why, details = Why(reason, "number of keys", "", passing), {"current_count": working, "max_keys": limit}
            raise refused(settings, status, code, said, why, details)
        issued = deployment.keys.issue(name=name, scope=scope, owner=owner, created_by=owner)
        answer = wrapped({**self.shown(issued.key), "key": issued.secret}, settings)
        return Answer(answer.body, int(settings.anomalyarmor_create_status), headers=_NO_STORE)

    @get("/api-keys/usage")
    def get_api_key_usage(self) -> Any:
        """Show how many keys there are and may be, and how fast each may ask; ``armor auth login`` checks a key
        with it."""
        plan, working = plan_of(self.call.deployment), self._working()
        return {
            "current_count": working,
            "max_keys": _UNLIMITED if plan.keys is None else plan.keys,
            **self.shown(plan, "rate_limit_per_min burst_limit"),
            "can_create": plan.keys is None or working < plan.keys,
        }

    @get("/api-keys/{key_id}")
    def get_api_key(self) -> Any:
        """Show a key, all but its value."""
        return self.shown(self._named())

    @delete("/api-keys/{key_id}")
    def revoke_api_key(self) -> Any:
        """Have a key open nothing from the next request on; it stays in the list of revoked ones."""
        return self.shown(self.call.deployment.keys.revoke(self._named()))


@API.tagged("API keys")("POST", "/demo/session", "create_demo_session", access=None, confidential=True)
def create_demo_session(call: Call) -> Answer:
    """Give anybody a key that reads for a while; the vendor's agent plugin asks for one when it finds no key."""
    issued = call.deployment.keys.issue(
        name="demo session",
        scope="read-only",
        owner="demo",
        expires_in=timedelta(seconds=call.settings.anomalyarmor_demo_lifetime),
        secret="aa_demo_" + call.deployment.airflow.ids.text(32, RANDOM, "demo key"),
        details={"demo": True},
    )
    answer = wrapped({"api_key": issued.secret, "expires_at": issued.key.expires_at}, call.settings)
    return Answer(answer.body, headers=_NO_STORE)
