"""Astro's gate: a bearer token that its auth host made, with a role on the deployment.

Documented: the exchange, the addresses, the lifetimes, that a deleted key is gone for good and goes with its
deployment. From code: the claims, both forms of the exchange, the API's errors, the gate's ``Not authorized``.
Assumed: everything else that a refusal says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from mock_airflow.access.keys import Issued, Key, KeyForm
from mock_airflow.access.principals import ROLE_OF_SCOPE, SCOPE_OF_ROLE, Principal
from mock_airflow.answers import JSON, Answer, Refusal, Unidentified, compact
from mock_airflow.errors import AccessKeyError
from mock_airflow.journal.why import Why
from mock_airflow.profiles.astro import api, api_tokens, auth_host, organizations
from mock_airflow.profiles.astro.estate import AstroEstate, short_id
from mock_airflow.profiles.astro.identity import AUTH_HOST, identify, key_token, takes_keys
from mock_airflow.profiles.astro.roles import DEPLOYMENT, TOKEN_KIND, role_on
from mock_airflow.profiles.base import Probe, Profile, too_many

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.domain.records.json_object import JsonObject
    from mock_airflow.limits.standing import Exceeded
    from mock_airflow.settings import Settings

TEXT = "text/plain; charset=utf-8"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_ANOTHER = "cl0000000000000another000"
_WORDS = {307: "", 401: "Not authorized", 403: "Forbidden", 404: "404 page not found", 429: "Too many requests"}


class Astro(Profile):
    """The token's roles on the deployment decide what the request may do in its Airflow."""

    name = "astro"
    title = "Astro"
    gateway = True
    reads_keys = True
    # The lengths and letters of Auth0's client ids and secrets (assumed).
    key_form = KeyForm(
        new_value=lambda airflow: airflow.ids.text(64, _LETTERS + "-_", "key secret"),
        new_public_id=lambda airflow: airflow.ids.text(32, _LETTERS, "key id"),
        suffix_length=8,
    )
    signs_tokens = True
    apis = (auth_host.API, api.API)
    security: ClassVar = {"Bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}

    def attach(self, airflow: Airflow, settings: Settings) -> AstroEstate:
        """The organization with its deployments."""
        return AstroEstate(airflow, settings)

    def mount(self, settings: Settings) -> str:
        """Airflow's place on its host (documented)."""
        return f"/{short_id(settings.astro_deployment_id)}"

    def prepare(self, deployment: Site) -> dict[str, str]:
        """A Deployment API key; where these are gone, a Deployment API token."""
        if not takes_keys(deployment.settings):
            return {"api_token": self._token(deployment, "first token").secret}
        return self._credentials(deployment.keys.issue(name="first key", owner="first key"))

    def credentials_for(self, deployment: Site, role: str) -> dict[str, str]:
        """A key or a token that acts with that role of Airflow's; Astro's own keys act as Admin (assumed)."""
        scope = SCOPE_OF_ROLE.get(role, "read-only")
        also = {"airflow_role": role}
        if not takes_keys(deployment.settings):
            return {"api_token": self._token(deployment, role, also, scope=scope).secret}
        return self._credentials(deployment.keys.issue(name=role, scope=scope, owner=role, details=also))

    def issue(self, deployment: Site, name: str, scope: str, owner: str, **more: Any) -> Issued:
        """A Deployment API key; where these are gone, a Deployment API token, whose value cannot be chosen.

        Raises AccessKeyError.
        """
        if takes_keys(deployment.settings):
            return super().issue(deployment, name, scope, owner, **more)
        if more.pop("secret", None) is not None:
            raise AccessKeyError(
                "An API token of Astro's is a signed JWT, so its value cannot be given; leave it out, or set"
                " astro_api_keys=true to have Deployment API keys."
            )
        also = {} if scope == "admin" else {"airflow_role": ROLE_OF_SCOPE[scope]}
        return self._token(deployment, name or "token", also, scope=scope, **more)

    def _token(self, deployment: Site, name: str, also: Mapping[str, Any] | None = None, **more: Any) -> Issued:
        roles = [role_on(DEPLOYMENT, deployment.vendor.main_id, "DEPLOYMENT_ADMIN")]
        by = {"id": "astro", "subjectType": "USER", "fullName": "mock-airflow", "username": "mock-airflow"}
        return api_tokens.made(deployment, name, DEPLOYMENT, roles, by=by, also=also, **more)

    def _credentials(self, issued: Issued) -> dict[str, str]:
        return {"key_id": issued.key.public_id, "key_secret": issued.secret}

    def rotate(self, deployment: Site, which: int | str | Key | Issued) -> Issued:
        """A new value: for an API token a JWT, for a Deployment API key a secret. Raises AccessKeyError."""
        key = deployment.keys.get(which)
        if key.details.get("kind") != TOKEN_KIND:
            return super().rotate(deployment, key)
        return api_tokens.renewed(deployment, key)

    def exchange(self, credentials: Mapping[str, str], settings: Settings) -> Probe | None:
        """The key, for a token; an API token is used as it is."""
        if "key_id" not in credentials:
            return None
        body = {
            "client_id": credentials["key_id"],
            "client_secret": credentials["key_secret"],
            "audience": settings.astro_audience,
            "grant_type": auth_host.GRANT,
        }
        return Probe("POST", "/oauth/token", body, airflows=False, signed=False)

    def bound_elsewhere(self, key: Key) -> JsonObject:
        """A key, or a token, of another deployment."""
        if key.details.get("kind") == TOKEN_KIND:
            return {**key.details, "roles": [role_on(DEPLOYMENT, _ANOTHER, "DEPLOYMENT_ADMIN")]}
        return {**key.details, "deployment_id": _ANOTHER}

    def with_role(self, key: Key, role: str) -> JsonObject:
        """The role of Airflow's that is asked for, which a token then tells."""
        return {**key.details, "airflow_role": role}

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """Whoever Astro knows and has a role on the deployment. Raises Refusal."""
        try:
            actor = identify(request, deployment)
        except Unidentified as nobody:
            if nobody.why.rule == "no credential" and deployment.settings.astro_no_token == "redirect":
                raise _to_login(request, deployment, nobody.why) from None
            raise _refused(deployment, 401, nobody.why) from None
        estate: AstroEstate = deployment.vendor
        if estate.deployments.get(estate.main_id) is None:
            gone = Why("This deployment was deleted; its Airflow went with it.", "deleted deployment")
            raise _refused(deployment, 404, gone)
        roles = actor.airflow_roles(estate.main_id, estate)
        if not roles:
            held = ", ".join(f"{role['role']} on {role['entityId']}" for role in actor.roles) or "no role"
            said = f"{actor.name!r} has {held}, which gives no way into the deployment {estate.main_id}."
            raise _refused(deployment, 403, Why(said, "no role"))
        return api.principal_of(actor, roles, deployment)

    def unmounted(self, request: Request, deployment: Site) -> Answer | None:
        """Airflow answers at the root too, unless told otherwise; another deployment's address has no Airflow here."""
        estate: AstroEstate = deployment.vendor
        first = request.path.lstrip("/").partition("/")[0]
        row = next((row for row in estate.deployments if short_id(row.id) == first), None)
        if row is None:
            if deployment.settings.astro_root:
                return None
            raise self._nothing(deployment)
        try:
            actor = identify(request, deployment)
        except Unidentified as nobody:
            raise _refused(deployment, 401, nobody.why) from None
        if not actor.airflow_roles(row.id, estate):
            raise _refused(deployment, 403, Why(f"{actor.name!r} has no role on {row.id}.", "no role"))
        raise self._nothing(deployment)

    def _nothing(self, deployment: Site) -> Refusal:
        said = f"There is no Airflow at this address; it is at {deployment.mount}."
        return _refused(deployment, 404, Why(said, "no Airflow"))

    def limited(self, exceeded: Exceeded, deployment: Site) -> Refusal:
        """In the gate's form (assumed: no limit is documented)."""
        return _refused(deployment, 429, too_many(exceeded, "limit"))

    def headers(self, credentials: Mapping[str, str], deployment: Site) -> dict[str, str]:
        """A bearer token: the given API token, or what the key is exchanged for.

        Raises AccessKeyError for no such key.
        """
        token = credentials.get("api_token")
        return {"Authorization": f"Bearer {token or key_token(deployment.keys.get(credentials['key_id']), deployment)}"}

    def environment(self, url: str, credentials: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """What the command line reads, and the names of the pages' scripts."""
        if "api_token" in credentials:
            held = {"ASTRO_API_TOKEN": credentials["api_token"]}
        else:
            held = {
                "ASTRONOMER_KEY_ID": credentials["key_id"],
                "ASTRONOMER_KEY_SECRET": credentials["key_secret"],
                "ASTRO_AUTH_URL": f"{url}/oauth/token",
            }
        return {**held, "ASTRO_DOMAIN": "localhost", "ASTRO_API_URL": url}


def _refused(deployment: Site, status: int, why: Why) -> Refusal:
    """The gate's words: Go's plain error (code) or the API's form, by a setting (both assumed for this host)."""
    refusal = Refusal(
        status=status,
        body=_WORDS[status] + "\n",
        content_type=TEXT,
        why=why._replace(
            read_from="the Authorization header",
            would_pass=why.would_pass or "Authorization: Bearer <a token with a role on this deployment>",
        ),
        headers={"X-Content-Type-Options": "nosniff"},
    )
    if deployment.settings.astro_refusal_body == "json":
        id = deployment.airflow.ids.uuid("request")
        body = {"message": _WORDS[status], "requestId": id, "statusCode": status}
        refusal.body, refusal.content_type, refusal.headers = compact(body), JSON, {}
    return refusal


def _to_login(request: Request, deployment: Site, why: Why) -> Refusal:
    """To the auth host's login, as a browser without a session is sent (code)."""
    asked = {
        "client_id": deployment.settings.astro_cli_client_id,
        "redirect_uri": f"{request.host_url}_oauth",
        "response_type": "code",
        "scope": "openid profile email",
        "audience": deployment.settings.astro_audience,
    }
    refusal = _refused(deployment, 307, why)
    refusal.headers = {"Location": f"{AUTH_HOST}/authorize?{urlencode(asked)}"}
    return refusal


__all__ = ["PROFILE", "organizations"]

PROFILE = Astro()
