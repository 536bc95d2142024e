"""``/api-keys`` and the demo session: how keys are made, looked at and revoked, and the plan that bounds them.

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
from mock_airflow.profiles.anomalyarmor.api import API, Ask, Shape, resource

if TYPE_CHECKING:
    from mock_airflow.access.site import Site
    from mock_airflow.limits.rules import LimitRule

operation = resource("API keys", below="")

RANDOM = "abcdefghijklmnopqrstuvwxyz0123456789"
_PLAN = "growth"
_UNLIMITED = 1_000_000  # what is told where there is no bound (assumed), as the package wants a whole number
_NO_STORE = {"Cache-Control": "no-store"}


class BoughtPlan(NamedTuple):
    """What the plan that the company has bought allows; ``max_keys`` is None for any number."""

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
    return _UNLIMITED if rule is None else max(1, round(rule.amount * seconds / rule.seconds))


def _working_keys(deployment: Site) -> int:
    """How many keys the company holds that open something (assumed); those of demo sessions are nobody's."""
    now = deployment.airflow.now()
    return sum(key.ended(now) is None and not key.details.get("demo") for key in deployment.keys.list())


key_view = Shape(  # never its value
    "id=public_id name key_prefix=prefix key_suffix=suffix display_key scope rate_limit_per_min burst_limit created_at"
    " last_used_at revoked_at expires_at is_active",
    display_key=lambda ask, key: f"{key.prefix}...{key.suffix}",
    rate_limit_per_min=lambda ask, key: plan_of(ask.call.deployment, key).per_minute,
    burst_limit=lambda ask, key: plan_of(ask.call.deployment, key).per_second,
    is_active=lambda ask, key: key.ended(ask.now) is None,
)


@operation("GET", "/api-keys")
def list_api_keys(ask: Ask) -> Any:
    """List the keys; revoked ones only with include_revoked."""
    kept = [key for key in ask.call.deployment.keys.list() if key.revoked_at is None or ask.flag("include_revoked")]
    return ask.page([key for key in kept if not key.details.get("demo")], key_view, "keys")


@operation("POST", "/api-keys", success=201, confidential=True)
def create_api_key(ask: Ask) -> Any:
    """Make a key, and show its value this once."""
    settings, deployment, name = ask.settings, ask.call.deployment, ask.call.principal.name
    fields = ask.fields("name scope?", scope=tuple(SCOPES))
    limit, working = plan_of(deployment).max_keys, _working_keys(deployment)
    if limit is not None and working >= limit:
        raise refused(
            settings,
            int(settings.anomalyarmor_key_limit_status),
            settings.anomalyarmor_key_limit_code,
            f"API key limit reached: your plan allows {limit} API key{'' if limit == 1 else 's'}",
            details={"current_count": working, "max_keys": limit},
            why=Why(
                f"The plan allows {limit} keys, and so many work already.",
                rule="number of keys",
                would_pass="the same request after a key was revoked, or with a plan that allows more",
            ),
        )
    scope = fields.get("scope", "read-only")
    issued = deployment.keys.issue(name=fields["name"], scope=scope, owner=name, created_by=name)
    answer = wrapped({**key_view(ask, issued.key), "key": issued.secret}, settings)
    return Answer(answer.body, int(settings.anomalyarmor_create_status), headers=_NO_STORE)


@operation("GET", "/api-keys/usage")
def get_api_key_usage(ask: Ask) -> Any:
    """Show how many keys there are and may be, and how fast each may ask; ``armor auth login`` checks a key with it."""
    plan, working = plan_of(ask.call.deployment), _working_keys(ask.call.deployment)
    return {
        "current_count": working,
        "max_keys": _UNLIMITED if plan.max_keys is None else plan.max_keys,
        "rate_limit_per_min": plan.per_minute,
        "burst_limit": plan.per_second,
        "can_create": plan.max_keys is None or working < plan.max_keys,
    }


@operation("GET", "/api-keys/{key_id}")
def get_api_key(ask: Ask) -> Any:
    """Show a key, all but its value."""
    return key_view(ask, _named(ask))


@operation("DELETE", "/api-keys/{key_id}")
def revoke_api_key(ask: Ask) -> Any:
    """Have a key open nothing from the next request on; it stays in the list of revoked ones."""
    return key_view(ask, ask.call.deployment.keys.revoke(_named(ask)))


def _named(ask: Ask) -> Key:
    key = ask.call.deployment.keys.by_public_id(ask.path["key_id"])
    if key is None:
        raise ask.missing("API key", ask.path["key_id"])
    return key


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
