"""``/api-keys`` and the demo session: how keys are made, looked at and revoked.

Documented: the paths, the scopes, that the value is told once, that a revoked key opens nothing from the next request
on, and what each plan allows. From the package anomalyarmor-cli 0.6.0: every field. Assumed (each a setting): the
status of a new key, and what is answered when the plan allows no more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mock_airflow.access.keys import Key
from mock_airflow.access.principals import ROLE_OF_SCOPE as SCOPES
from mock_airflow.answers import Answer
from mock_airflow.api.operation import Call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.anomalyarmor.answers import refused, wrapped
from mock_airflow.profiles.anomalyarmor.api import API
from mock_airflow.profiles.anomalyarmor.plans import UNLIMITED, plan_of
from mock_airflow.profiles.anomalyarmor.resource import ArmorResource, delete, get, post

RANDOM = "abcdefghijklmnopqrstuvwxyz0123456789"
_NO_STORE = {"Cache-Control": "no-store"}


class ApiKeys(ArmorResource):
    """The company's keys."""

    tag, below = "API keys", ""
    view = (  # never its value
        "id=public_id name key_prefix=prefix key_suffix=suffix display_key scope rate_limit_per_min burst_limit"
        " created_at last_used_at revoked_at expires_at is_active"
    )

    def _display_key(self, key: Key) -> str:
        return f"{key.prefix}...{key.suffix}"

    def _rate_limit_per_min(self, key: Key) -> int:
        return plan_of(self.call.deployment, key).per_minute

    def _burst_limit(self, key: Key) -> int:
        return plan_of(self.call.deployment, key).per_second

    def _is_active(self, key: Key) -> bool:
        return key.ended(self.now) is None

    def _named(self) -> Key:
        key = self.call.deployment.keys.by_public_id(self.path["key_id"])
        if key is None:
            raise self.missing("API key", self.path["key_id"])
        return key

    def _working(self) -> int:
        """How many keys the company holds that open something (assumed); those of demo sessions are nobody's."""
        return sum(
            key.ended(self.now) is None and not key.details.get("demo") for key in self.call.deployment.keys.list()
        )

    @get("/api-keys")
    def list_api_keys(self) -> Any:
        """List the keys; revoked ones only with include_revoked."""
        keys = [key for key in self.call.deployment.keys.list() if not key.details.get("demo")]
        return self.page([key for key in keys if key.revoked_at is None or self.flag("include_revoked")], name="keys")

    @post("/api-keys", f"name scope:{'|'.join(SCOPES)}=read-only", success=201, confidential=True)
    def create_api_key(self, name: str, scope: str) -> Any:
        """Make a key, and show its value this once."""
        settings, deployment, owner = self.settings, self.call.deployment, self.call.principal.name
        limit, working = plan_of(deployment).max_keys, self._working()
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
            "max_keys": UNLIMITED if plan.max_keys is None else plan.max_keys,
            "rate_limit_per_min": plan.per_minute,
            "burst_limit": plan.per_second,
            "can_create": plan.max_keys is None or working < plan.max_keys,
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
