"""The auth host: the exchange of a key for a token, with Auth0's answers, and what OpenID clients look for."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from mock_airflow.access import signing
from mock_airflow.access.digests import matches
from mock_airflow.answers import HTML, JSON, Answer, Refusal, Unidentified, compact
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call
from mock_airflow.domain import users
from mock_airflow.journal.why import Why
from mock_airflow.profiles.astro.identity import (
    KEY_TOKEN_LIFETIME,
    identify,
    issuer,
    key_token,
    takes_keys,
    user_token,
)
from mock_airflow.profiles.astro.roles import TOKEN_KIND
from mock_airflow.profiles.dialect import VendorDialect
from mock_airflow.profiles.pages import login_form, token_page

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site

GRANT = "client_credentials"
_TITLE = "Access token | Astro"
_NO_STORE = {"Pragma": "no-cache"}  # beside Cache-Control: no-store, which every answer has (RFC 6749, 5.1)
_AUTH_CONFIG = {
    "/hub/auth-config": "auth_config_hub",
    "/auth-config": "auth_config",
    "/private/v1alpha1/cli/auth-config": "auth_config_private",
    "/hub/private/v1alpha1/cli/auth-config": "auth_config_hub_private",
}


class AuthDialect(VendorDialect):
    """Whoever calls shows a credential in the body, so nobody is asked for one before."""

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """Auth0's answer to a body that is not JSON (assumed)."""
        return _refused(
            400, "invalid_request", "The body is not valid JSON.", Why("The body is not JSON.", "malformed body")
        )


API = Api("astro-auth", "", "Astro's auth host", dialect=AuthDialect())
operation = API.tagged("Auth")


def _refused(status: int, error: str, description: str, why: Why) -> Refusal:
    """Auth0's form of a refusal."""
    return Refusal(
        status=status,
        body=compact({"error": error, "error_description": description}),
        content_type=JSON,
        why=why._replace(
            read_from="the body's client_id and client_secret",
            would_pass=f"client_id and client_secret of a Deployment API key, its audience and grant_type {GRANT}",
        ),
        headers=dict(_NO_STORE),
    )


@operation("POST", "/oauth/token", access=None)
def exchange_token(call: Call) -> Answer:
    """Exchange the id and secret of a Deployment API key for a token; JSON and forms are both taken."""
    body = call.body if isinstance(call.body, Mapping) else {}
    id, secret = _pair(call, body)
    for name, value in (("grant_type", body.get("grant_type")), ("client_id", id), ("client_secret", secret)):
        if not isinstance(value, str) or not value:
            status = int(call.settings.astro_missing_parameter_status)
            said = f"Missing required parameter: {name}"
            raise _refused(status, "invalid_request", said, Why(f"The request has no {name}.", "missing parameter"))
    if not takes_keys(call.settings):
        said = f"Grant type '{body['grant_type']}' not allowed for the client."
        why = Why("Deployment API keys are exchanged no more (astro_api_keys).", "keys are gone")
        refusal = _refused(403, "unauthorized_client", said, why)
        refusal.why = refusal.why._replace(would_pass="an API token, used as it is and not exchanged")
        raise refusal
    key = _living(call, str(id), str(secret))
    grant, audience = body["grant_type"], body.get("audience")
    if grant != GRANT:
        said = f"Grant type '{grant}' not allowed for the client."
        raise _refused(403, "unauthorized_client", said, Why(f"The grant type is not {GRANT}.", "grant type"))
    if not audience:
        said = "No audience parameter was provided, and no default audience has been configured"
        raise _refused(403, "access_denied", said, Why("The request has no audience.", "audience"))
    if audience != call.settings.astro_audience:
        reason = f"The audience is not {call.settings.astro_audience!r}."
        raise _refused(403, "access_denied", f"Service not found: {audience}", Why(reason, "audience"))
    key = call.deployment.keys.used(key)
    told = {
        "access_token": key_token(key, call.deployment, call.origin),
        "scope": "",
        "expires_in": int(KEY_TOKEN_LIFETIME.total_seconds()),
        "token_type": "Bearer",
    }
    return Answer(compact(told), 200, JSON, _NO_STORE)


def _pair(call: Call, body: Mapping[str, Any]) -> tuple[Any, Any]:
    """The client's id and secret: from the body, or from a Basic header as OAuth clients may send them (RFC 6749)."""
    scheme, _, rest = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic" and "client_id" not in body:
        try:
            id, colon, secret = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None, None
        return unquote_plus(id), unquote_plus(secret) if colon else None
    return body.get("client_id"), body.get("client_secret")


def _living(call: Call, id: str, secret: str) -> Key:
    """The key of this pair. Raises Refusal; the body does not tell which part is wrong."""
    wrong = ("access_denied", "Unauthorized")
    key = call.deployment.keys.by_public_id(id)
    if key is None or key.details.get("kind") == TOKEN_KIND:
        raise _refused(401, *wrong, Why(f"There is no Deployment API key {id[:40]!r}.", "unknown key"))
    if not matches(secret, key.digest):
        said = f"The secret of the Deployment API key {id!r} does not match."
        raise _refused(401, *wrong, Why(said, "wrong secret"))
    why = key.ended(call.airflow.now())
    if why is not None:
        raise _refused(401, *wrong, why)
    return key


@operation("GET", "/.well-known/jwks.json", access=None)
def auth_keys(call: Call) -> Answer:
    """Tell the public key that tokens are checked with (RFC 7517)."""
    return Answer(compact(signing.jwks()))


@operation("GET", "/.well-known/openid-configuration", access=None)
def auth_discovery(call: Call) -> Answer:
    """Tell where everything is (OpenID Connect Discovery)."""
    base = f"{call.origin}/"
    told = {
        "issuer": issuer(call.deployment, call.origin),
        "authorization_endpoint": f"{base}authorize",
        "token_endpoint": f"{base}oauth/token",
        "userinfo_endpoint": f"{base}userinfo",
        "jwks_uri": f"{base}.well-known/jwks.json",
        "grant_types_supported": [GRANT],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": ["openid", "profile", "email"],
        "claims_supported": ["aud", "exp", "iat", "iss", "sub", "email"],
    }
    return Answer(compact(told))


def auth_config(call: Call) -> Answer:
    """Tell the command line which auth host to ask (code)."""
    told = {
        "clientId": call.settings.astro_cli_client_id,
        "audience": call.settings.astro_audience,
        "domainUrl": f"{call.origin}/",
    }
    return Answer(compact(told))


for _path, _name in _AUTH_CONFIG.items():  # its versions ask in different places
    operation("GET", _path, _name, access=None)(auth_config)


@operation("GET", "/userinfo", access=None)
def auth_userinfo(call: Call) -> Answer:
    """Tell who a user's token is (OpenID Connect)."""
    try:
        actor = identify(call.request, call.deployment)
    except Unidentified as nobody:
        raise Refusal(
            status=401,
            body="Unauthorized",
            content_type="text/plain; charset=utf-8",
            why=nobody.why._replace(
                read_from="the Authorization header", would_pass="Authorization: Bearer <a user's token>"
            ),
        ) from None
    told: dict[str, Any] = {"sub": actor.id}
    if actor.user is not None:
        told |= {"name": actor.name, "nickname": actor.user.username, "email": actor.user.email, "email_verified": True}
    return Answer(compact(told))


def _form(said: str = "") -> Answer:
    """The form of ours that stands in the place of the cloud's login (assumed)."""
    return Answer(login_form(_TITLE, "Log in to Astro", "/token", "Username", "username", said), 200, HTML)


@operation("GET", "/token", access=None)
def temporary_token_form(call: Call) -> Answer:
    """Show the form that stands for the cloud's login."""
    return _form()


@operation("POST", "/token", access=None, confidential=True)
def temporary_token(call: Call) -> Answer:
    """Show a user a temporary token."""
    form = call.body if isinstance(call.body, Mapping) else {}
    user = users.by_login(call.airflow, str(form.get("username", "")))
    if user is None or not user.active or not matches(str(form.get("password", "")), user.password_digest):
        return _form("Wrong username or password.")
    token = user_token(users.logged_in(call.airflow, user), call.deployment, call.origin)
    hours = f"{call.settings.astro_user_token_hours:g}"
    return Answer(token_page(_TITLE, "Access token", hours, token), 200, HTML)
