"""Airbyte: applications whose client id and secret are exchanged for an access token, sent as ``Bearer``.

Documented: the exchange, that a token lives 60 minutes (on the page for Self-Managed Enterprise), that an application
acts with its user's permissions and its secret can be read again. Code (airbyte-platform): the endpoints, their
answers, the errors by edition. Assumed: the body of a refused bearer token, that a token outlives its application, and
what a 429 looks like. Behind the gate sits an ordinary Airflow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from mock_airflow.access.keys import KeyForm
from mock_airflow.access.principals import SCOPE_OF_ROLE, Principal, behind_gate, scheme_seen
from mock_airflow.answers import Refusal, TokenRefused
from mock_airflow.journal.why import Why
from mock_airflow.profiles.airbyte import applications, workspaces
from mock_airflow.profiles.airbyte.applications import CLOUDS_APPLICATIONS, bearer_of, issue, new_application
from mock_airflow.profiles.airbyte.dialect import API
from mock_airflow.profiles.airbyte.wording import throttled, unauthorized
from mock_airflow.profiles.airbyte.workspaces import DEFAULT_ID, AirbyteWorkspace, Workspaces
from mock_airflow.profiles.base import Probe, Profile, too_many

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.limits.standing import Exceeded
    from mock_airflow.settings import Settings

__all__ = ["PROFILE", "Airbyte", "applications", "workspaces"]


class Airbyte(Profile):
    """An access token decides who calls."""

    name = "airbyte"
    title = "Airbyte with applications and access tokens"
    gateway = True
    reads_keys = True
    key_form: ClassVar = KeyForm(shown_again=True)
    signs_tokens = True
    apis: ClassVar = (API,)
    security: ClassVar = {"Bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}

    def attach(self, airflow: Airflow, settings: Settings) -> Workspaces:
        """Its workspaces."""
        return Workspaces(airflow)

    def prepare(self, deployment: Site) -> dict[str, str]:
        """An application with every permission, and a workspace to list."""
        deployment.vendor.table.put(AirbyteWorkspace(workspace_id=DEFAULT_ID, name="Default Workspace"))
        return self._credentials(deployment, "first application", "admin", "admin")

    def credentials_for(self, deployment: Site, role: str) -> dict[str, str]:
        """An application whose scope maps to the role, or one of a user who has it."""
        scope = SCOPE_OF_ROLE.get(role)
        if scope is not None:
            return self._credentials(deployment, role, scope, role.lower())
        from mock_airflow.access.passwords import add_user

        owner = add_user(deployment, f"{role.lower()}-user", deployment.airflow.ids.hex(16), role)
        return self._credentials(deployment, role, "admin", owner.username)

    def _credentials(self, deployment: Site, name: str, scope: str, owner: str) -> dict[str, str]:
        key = new_application(deployment, name, scope, owner)
        assert key.value is not None  # the form of its keys says so
        return {"client_id": key.public_id, "client_secret": key.value}

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """The owner of the application that the token was handed out for."""
        header = request.headers.get("Authorization", "")
        scheme, _, text = header.partition(" ")
        if not header:
            raise unauthorized(deployment, request.path, Why("No Authorization header was sent.", rule="no credential"))
        if scheme.lower() != "bearer":
            seen = f"The Authorization header has {scheme_seen(header)}; only Bearer is looked at."
            raise unauthorized(deployment, request.path, Why(seen, rule="scheme"))
        text = text.strip()
        try:
            holder = bearer_of(deployment, text)
        except TokenRefused as refused:
            why = refused.why._replace(rule=f"{refused.why.rule} token")
            raise unauthorized(deployment, request.path, why) from None
        if holder is None:
            said = "The token is rightly signed, but nobody here is whom it stands for."
            raise unauthorized(deployment, request.path, Why(said, rule="unknown token"))
        return behind_gate(
            deployment.airflow,
            holder["owner"],
            holder["scope"],
            deployment.settings.generation,
            credential_id=f"application:{holder['client_id']}",
            tier=holder["tier"],
        )

    def exchange(self, credentials: Mapping[str, str], settings: Settings) -> Probe:
        """The pair, for a token."""
        return Probe("POST", "/api/public/v1/applications/token", dict(credentials), airflows=False, signed=False)

    def new_key(self, settings: Settings) -> Probe:
        """One more application."""
        return Probe("POST", "/api/v1/applications/create", {"name": "one more"}, airflows=False)

    def most_keys(self, deployment: Site) -> int | None:
        """Keycloak's two a user."""
        return CLOUDS_APPLICATIONS if deployment.settings.airbyte_edition == "cloud" else None

    def limited(self, exceeded: Exceeded, deployment: Site) -> Refusal:
        """The public API's form of a problem."""
        return throttled(exceeded.rule.words, too_many(exceeded))

    def headers(self, credentials: Mapping[str, str], deployment: Site) -> dict[str, str]:
        """The header with a new token for the application."""
        with deployment.lock:
            key = deployment.keys.get(credentials["client_id"])
            return {"Authorization": f"Bearer {issue(deployment, key)}"}

    def environment(self, url: str, credentials: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """What PyAirbyte reads (code)."""
        return {
            "AIRBYTE_CLOUD_CLIENT_ID": credentials["client_id"],
            "AIRBYTE_CLOUD_CLIENT_SECRET": credentials["client_secret"],
            "AIRBYTE_CLOUD_API_URL": f"{url}/api/public/v1",
            "AIRBYTE_CLOUD_CONFIG_API_URL": f"{url}/api/v1",
            "AIRBYTE_CLOUD_WORKSPACE_ID": DEFAULT_ID,
        }


PROFILE = Airbyte()
