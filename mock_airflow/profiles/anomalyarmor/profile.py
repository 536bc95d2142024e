"""The gate: which credentials it reads, what each may do, and how it refuses.

Documented: ``Authorization: Bearer aa_live_...``, the scopes (read-only: GET; read-write: GET and POST; admin: all,
and keys), the tiers, the error envelope and codes, the limit headers on every answer, Retry-After with a 429. From the
package: Retry-After in whole seconds, since it reads it with ``int()``. Assumed: where a 403 tells its scopes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from mock_airflow.access.keys import KeyForm
from mock_airflow.access.oauth.server import AuthorizationServer, Policy
from mock_airflow.access.principals import Principal, behind_gate
from mock_airflow.answers import JSON, Refusal
from mock_airflow.journal.why import Why
from mock_airflow.profiles.anomalyarmor import answers, endpoints
from mock_airflow.profiles.anomalyarmor.api import Vendor
from mock_airflow.profiles.anomalyarmor.estate import ArmorEstate
from mock_airflow.profiles.anomalyarmor.gate import (
    HEADER,
    bearer_of,
    check_scope,
    needed_scope,
    token_holder,
    unauthorized,
)
from mock_airflow.profiles.anomalyarmor.oauth import SCOPES
from mock_airflow.profiles.anomalyarmor.resources.keys import RANDOM, default_limit
from mock_airflow.profiles.anomalyarmor.warehouse import stock
from mock_airflow.profiles.base import Profile, too_many

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.limits.standing import Exceeded
    from mock_airflow.settings import Settings

_SCOPE_OF_ROLE = {"Viewer": "read-only", "User": "read-write", "Admin": "admin"}


class AnomalyArmor(Profile):
    """The key decides who calls, and its scope what; behind the gate is an ordinary Airflow."""

    name = "anomalyarmor"
    title = "AnomalyArmor's API and MCP server, with an Airflow behind its gate"
    gateway = True
    reads_keys = True
    signs_tokens = True
    key_form: ClassVar = KeyForm(
        new_value=lambda airflow: "aa_live_" + airflow.ids.text(32, RANDOM, "key"), prefix_length=12
    )
    apis: ClassVar = endpoints.APIS
    security: ClassVar = {"Bearer": {"type": "http", "scheme": "bearer"}}
    limit_headers = "x-ratelimit-unix"

    def attach(self, airflow: Airflow, settings: Settings) -> Vendor:
        """The estate, and the authorization server of the MCP server."""
        policy = Policy(
            scopes=SCOPES,
            access_lifetime=settings.anomalyarmor_access_lifetime,
            refresh_lifetime=settings.anomalyarmor_refresh_lifetime,
            code_lifetime=settings.anomalyarmor_code_lifetime,
            rotates=settings.anomalyarmor_refresh_rotates,
        )
        return Vendor(ArmorEstate(airflow), AuthorizationServer(airflow, policy))

    def prepare(self, deployment: Site) -> dict[str, str]:
        """A key with every permission, the warehouse, and a limit unless the settings say another."""
        if not deployment.limits.on:
            deployment.limits.set(default_limit(deployment))
        vendor: Vendor = deployment.vendor
        if deployment.settings.anomalyarmor_warehouse and not vendor.estate.assets:
            stock(vendor.estate)
        return {"api_key": deployment.keys.issue(name="first key").secret}

    def credentials_for(self, deployment: Site, role: str) -> dict[str, str]:
        """A key whose scope maps to the role, or one of a user who has it."""
        scope = _SCOPE_OF_ROLE.get(role)
        if scope is not None:
            return {"api_key": deployment.keys.issue(name=role, scope=scope, owner=role.lower()).secret}
        from mock_airflow.access.passwords import add_user

        owner = add_user(deployment, f"{role.lower()}-user", deployment.airflow.ids.hex(16), role)
        return {"api_key": deployment.keys.issue(name=role, owner=owner.username).secret}

    def headers(self, credentials: Mapping[str, str], deployment: Site) -> dict[str, str]:
        """The documented form."""
        return {"Authorization": f"Bearer {credentials['api_key']}"}

    def environment(self, url: str, credentials: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """What the Python package and its command read, and what the JavaScript one does."""
        key = credentials["api_key"]
        return {"ARMOR_API_KEY": key, "ARMOR_API_URL": f"{url}/api/v1", "ANOMALYARMOR_API_KEY": key}

    # ------------------------------------------------------------------------------------------ who calls, and may he

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """Whose key or access token it is. Raises Refusal, a 401."""
        settings, value = deployment.settings, bearer_of(request, deployment.settings)
        key = deployment.keys.find(value)
        if key is None and value.count(".") == 2:
            return token_holder(value, request, deployment)
        if key is None:
            seen = f"that begins with {value[:8]!r}" if len(value) >= 24 else "like the one that was sent"
            raise unauthorized(settings, "Invalid API key", Why(f"There is no key {seen}.", "unknown key"))
        why = key.ended(deployment.airflow.now())
        if why is not None:
            said = "API key has been revoked" if key.revoked_at is not None else "API key has expired"
            raise unauthorized(settings, said, why)
        return self.key_holder(deployment.keys.used(key), deployment)

    def key_holder(self, key: Key, deployment: Site) -> Principal:
        """Who acts with a key."""
        credential_id, generation = f"key:{key.public_id}", deployment.settings.generation
        return behind_gate(
            deployment.airflow, key.owner, key.scope, generation, credential_id=credential_id, tier=key.tier
        )

    def admit(self, request: Request, principal: Principal, deployment: Site) -> None:
        """Refuse a method beyond the scope, at the vendor's endpoints and before Airflow's alike. Raises Refusal."""
        needed = needed_scope(request.method, request.path, deployment.settings)
        why = Why(
            f"The credential of {principal.name!r} has the scope {principal.scope}, and {request.method} of"
            f" {request.path} takes {needed}.",
            rule="scope",
            read_from=HEADER,
            would_pass=f"a key with the scope {needed}",
        )
        check_scope(principal, needed, deployment.settings, why)

    def limited(self, exceeded: Exceeded, deployment: Site) -> Refusal:
        """429, with a Retry-After in whole seconds that is added to it."""
        wait = exceeded.retry_after
        said, why = f"Rate limit exceeded. Retry after {wait} seconds.", too_many(exceeded, "limit")
        details, headers = {"retry_after": wait, "limit": exceeded.rule.amount}, {"Cache-Control": "no-store"}
        return answers.refused(deployment.settings, 429, "RATE_LIMITED", said, why, details, headers)

    def sent(self, request: Request, response: Response, deployment: Site) -> Response:
        """Airflow's answer; what is unknown below the vendor's own path is refused in the vendor's words."""
        if request.path.startswith("/api/v1/sdk/") and response.status_code in (404, 405):
            words = {404: ("NOT_FOUND", "Not Found"), 405: ("METHOD_NOT_ALLOWED", "Method Not Allowed")}
            code, message = words[response.status_code]
            refusal = answers.refused(deployment.settings, response.status_code, code, message, why=Why())
            response.set_data(refusal.body)
            response.content_type = JSON
        return response


PROFILE = AnomalyArmor()
