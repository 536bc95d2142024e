"""This server as the company's OpenID provider: client credentials for a JWT, discovery, keys (RFC 6749, 7517)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from mock_airflow.access import signing
from mock_airflow.access.digests import matches
from mock_airflow.answers import JSON, Answer, Refusal
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.dialect import VendorDialect
from mock_airflow.profiles.gateway.credentials import role_name
from mock_airflow.profiles.gateway.settings import JWT

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site

GRANT = "client_credentials"
_PASSING = "id and secret of a client of here, in the body or as Basic, with grant_type client_credentials"


class ProviderDialect(VendorDialect):
    """Whoever calls shows a credential in the body, so nobody is asked for one before."""

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """The answer to a body that is neither a form nor JSON."""
        return _refused(400, "invalid_request", "The body is no JSON.", "malformed body")


API = Api("gateway-tokens", "", "The company's OpenID provider", dialect=ProviderDialect())
operation = API.tagged("Tokens")


def _refused(status: int, error: str, reason: str, rule: str) -> Refusal:
    body = json.dumps({"error": error, "error_description": reason})
    return Refusal(
        status=status,
        body=body,
        content_type=JSON,
        why=Why(reason, rule, "the body", _PASSING),
        headers={"Pragma": "no-cache"},
    )


def _demand(call: Call) -> None:
    """Refuse where JWTs do not come from here. Raises Refusal."""
    if call.settings.gateway_credential != JWT or call.settings.gateway_jwks:
        raise _refused(404, "not_found", "This gateway takes no JWT that is made here.", "no provider")


@operation("POST", "/oauth/token", "gateway_token", access=None)
def token(call: Call) -> Answer:
    """Exchange the id and secret of a client for a JWT."""
    _demand(call)
    body = call.body if isinstance(call.body, Mapping) else {}
    if body.get("grant_type") != GRANT:
        raise _refused(400, "unsupported_grant_type", f"Only {GRANT} is taken.", "grant type")
    id, secret = _client(call, body)
    key = call.deployment.keys.by_public_id(id)
    if key is None or not matches(secret, key.digest):
        raise _refused(401, "invalid_client", "There is no such client, or its secret differs.", "unknown key")
    why = key.ended(call.airflow.now())
    if why is not None:
        raise _refused(401, "invalid_client", why.reason, why.rule)
    audience = call.settings.gateway_audience
    if body.get("audience") not in (None, "", audience):
        raise _refused(400, "invalid_target", f"The audience is not {audience!r}.", "audience")
    seconds = call.settings.gateway_token_seconds
    made = {"access_token": jwt_of(key, call.deployment, call.origin), "expires_in": seconds, "token_type": "Bearer"}
    return Answer(json.dumps(made), 200, JSON, {"Pragma": "no-cache"})


def _client(call: Call, body: Mapping[str, Any]) -> tuple[str, str]:
    """Id and secret of the client, from a Basic header or from the body (RFC 6749, section 2.3.1)."""
    shown = call.request.authorization
    if shown is not None and shown.type == "basic":
        return unquote_plus(shown.username or ""), unquote_plus(shown.password or "")
    return str(body.get("client_id") or ""), str(body.get("client_secret") or "")


def jwt_of(key: Key, deployment: Site, origin: str = "") -> str:
    """A new JWT for a client."""
    settings = deployment.settings
    claims: dict[str, Any] = {
        "iss": settings.gateway_issuer or origin or "https://gateway.example",
        "azp": key.public_id,
    }
    if settings.gateway_audience:
        claims["aud"] = settings.gateway_audience
    name = key.name or key.owner
    claims[settings.gateway_name_claim] = name
    *above, last = settings.gateway_role_claim.split(".")
    inner = claims
    for part in above:
        inner = inner.setdefault(part, {})
    inner[last] = [role_name(key, settings)]
    lifetime = timedelta(seconds=settings.gateway_token_seconds)
    return deployment.tokens.issue(name, lifetime, credential=key.public_id, claims=claims, algorithm="RS256")


@operation("GET", "/.well-known/openid-configuration", "gateway_discovery", access=None)
def discovery(call: Call) -> Answer:
    """Tell where everything is (OpenID Connect Discovery)."""
    _demand(call)
    told = {
        "issuer": call.settings.gateway_issuer or call.origin,
        "token_endpoint": f"{call.origin}/oauth/token",
        "jwks_uri": f"{call.origin}/.well-known/jwks.json",
        "grant_types_supported": [GRANT],
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }
    return Answer(json.dumps(told))


@operation("GET", "/.well-known/jwks.json", "gateway_keys", access=None)
def keys(call: Call) -> Answer:
    """Tell the public key that JWTs are checked with."""
    _demand(call)
    return Answer(json.dumps(signing.jwks()))
