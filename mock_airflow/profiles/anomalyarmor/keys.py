"""``/api-keys`` and the demo session: how keys are made, looked at and revoked.

Documented: the paths, the scopes, that the value is told once, and that a revoked key opens nothing from the next
request on. From the package anomalyarmor-cli 0.6.0: every field. Assumed (each a setting): the status of a new key, and
what is answered when the plan allows no more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mock_airflow.access.keys import Key
from mock_airflow.access.principals import ROLE_OF_SCOPE as SCOPES
from mock_airflow.api.operation import Answer, Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import flag, page, wrapped
from mock_airflow.profiles.anomalyarmor.api import API, fields_of
from mock_airflow.profiles.anomalyarmor.plan import UNLIMITED, keys_left, plan_of, working_keys
from mock_airflow.profiles.dialect import SIGNED_IN

operation = API.tagged("API keys")

RANDOM = "abcdefghijklmnopqrstuvwxyz0123456789"


def key_view(key: Key, call: Call) -> dict[str, Any]:
    """A key as its lists show it: never its value."""
    plan = plan_of(call.deployment, key)
    return {
        "id": key.public_id,
        "name": key.name,
        "key_prefix": key.prefix,
        "key_suffix": key.suffix,
        "display_key": f"{key.prefix}...{key.suffix}",
        "scope": key.scope,
        "rate_limit_per_min": plan.per_minute,
        "burst_limit": plan.per_second,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
        "expires_at": key.expires_at,
        "is_active": key.refusal(call.airflow.now()) is None,
    }


@operation("GET", "/api-keys", "list_api_keys", access=SIGNED_IN)
def list_api_keys(call: Call) -> Answer:
    """List the keys; revoked ones only with include_revoked."""
    all_of_them = flag(call.query, "include_revoked")
    keys = [
        key
        for key in call.deployment.keys.list()
        if not key.details.get("demo") and (all_of_them or key.revoked_at is None)
    ]
    return wrapped(page(keys, lambda key: key_view(key, call), call.query, call.settings, name="keys"), call.settings)


@operation("POST", "/api-keys", "create_api_key", access=SIGNED_IN, success=201, confidential=True)
def create_api_key(call: Call) -> Answer:
    """Make a key, and tell its value this once."""
    settings = call.settings
    found = fields_of(call, required={"name": "text"}, optional={"scope": "text"})
    scope = found.get("scope", "read-only")
    if scope not in SCOPES:
        raise answers.invalid(settings, f"scope must be one of {', '.join(SCOPES)}", field="scope")
    if keys_left(call.deployment) == 0:
        limit = plan_of(call.deployment).max_keys
        raise answers.refused(
            settings,
            int(settings.anomalyarmor_key_limit_status),
            settings.anomalyarmor_key_limit_code,
            f"API key limit reached: your plan allows {limit} API key{'' if limit == 1 else 's'}",
            details={"current_count": working_keys(call.deployment), "max_keys": limit},
            reason=f"The plan allows {limit} keys, and so many work already.",
            rule="number of keys",
            would_pass="the same request after a key was revoked, or with a plan that allows more",
        )
    issued = call.deployment.keys.create(
        name=found["name"], scope=scope, owner=call.principal.name, created_by=call.principal.name
    )
    told = {**key_view(issued.key, call), "key": issued.secret}
    answer = wrapped(told, settings)
    return Answer(answer.body, int(settings.anomalyarmor_create_status), headers={"Cache-Control": "no-store"})


@operation("GET", "/api-keys/usage", "get_api_key_usage", access=SIGNED_IN)
def get_api_key_usage(call: Call) -> Answer:
    """Tell how many keys there are and may be, and how fast each may ask; ``armor auth login`` checks a key with it."""
    plan, left = plan_of(call.deployment), keys_left(call.deployment)
    told = {
        "current_count": working_keys(call.deployment),
        "max_keys": UNLIMITED if plan.max_keys is None else plan.max_keys,
        "rate_limit_per_min": plan.per_minute,
        "burst_limit": plan.per_second,
        "can_create": left is None or left > 0,
    }
    return wrapped(told, call.settings)


@operation("GET", "/api-keys/{key_id}", "get_api_key", access=SIGNED_IN)
def get_api_key(call: Call) -> Answer:
    """Tell of a key all but its value."""
    return wrapped(key_view(_named(call), call), call.settings)


@operation("DELETE", "/api-keys/{key_id}", "revoke_api_key", access=SIGNED_IN)
def revoke_api_key(call: Call) -> Answer:
    """Have a key open nothing from the next request on; it stays in the list of revoked ones."""
    return wrapped(key_view(call.deployment.keys.revoke(_named(call)), call), call.settings)


def _named(call: Call) -> Key:
    key = call.deployment.keys.by_public_id(call.path["key_id"])
    if key is None:
        raise answers.not_found(call.settings, "API key", call.path["key_id"])
    return key


@operation("POST", "/demo/session", "create_demo_session", access=None, confidential=True)
def create_demo_session(call: Call) -> Answer:
    """Give anybody a key that reads for a while; the vendor's agent plugin asks for one when it finds no key."""
    deployment = call.deployment
    lifetime = timedelta(seconds=call.settings.anomalyarmor_demo_lifetime)
    issued = deployment.keys.create(
        name="demo session",
        scope="read-only",
        owner="demo",
        expires_in=lifetime,
        secret="aa_demo_" + deployment.ids.text(32, RANDOM, "demo key"),
        details={"demo": True},
    )
    answer = wrapped({"api_key": issued.secret, "expires_at": issued.key.expires_at}, call.settings)
    return Answer(answer.body, headers={"Cache-Control": "no-store"})
