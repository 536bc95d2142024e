"""Google's host for tokens: exchanges a signed JWT or a refresh token, and tells what a token is.

Documented, and read from google-auth's code: the grants, the fields of their answers, ``target_audience``. Reported by
users: the errors of a service account's JWT. Assumed: the rest of the errors' words, and what the sign-in shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mock_airflow.access import signing
from mock_airflow.answers import HTML, JSON, Answer, Refusal, TokenRefused, Unidentified
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.composer.accounts import email_of, is_service_account
from mock_airflow.profiles.composer.identity import (
    ISSUER,
    USER_SCOPES,
    GoogleAccount,
    access_token,
    bearer,
    by_access_token,
    by_id_token,
    id_token,
    signed_by_key,
)
from mock_airflow.profiles.composer.problems import JSON_UTF8, laid_out, token_error, told
from mock_airflow.profiles.dialect import VendorDialect

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
REFRESH = "refresh_token"
TOKEN_ENDPOINT = "https://oauth2.googleapis.com/token"
_TOKEN_PATHS = {"/token": "token", "/oauth2/v4/token": "token_v4", "/o/oauth2/token": "token_o"}
_INFO_PATHS = {
    "/tokeninfo": "tokeninfo",
    "/oauth2/v1/tokeninfo": "tokeninfo_v1",
    "/oauth2/v3/tokeninfo": "tokeninfo_v3",
}
_USER_PATHS = {"/v1/userinfo": "userinfo", "/oauth2/v1/userinfo": "userinfo_v1", "/oauth2/v3/userinfo": "userinfo_v3"}
_SHORT_LIVED = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp"
    " values in the JWT claim."
)
_NOT_DELEGATED = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes"
    " requested."
)
_SIGN_IN = """<!DOCTYPE html>
<html lang="en">
  <head><meta charset="utf-8"><title>Sign in</title></head>
  <body><h1>Sign in</h1><p>This stands for the sign-in of Google's; nobody signs in here.</p></body>
</html>
"""


class TokenDialect(VendorDialect):
    """Whoever calls shows a credential in the body or the query, so nobody is asked for one before."""

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """The answer to a body that is neither a form nor JSON (assumed)."""
        return token_error(400, "invalid_request", "Bad Request", Why("The body is no JSON.", "malformed body"))


API = Api("google-tokens", "", "Google's tokens", dialect=TokenDialect())
operation = API.tagged("Tokens")


def _at(method: str, paths: Mapping[str, str], **facts: Any) -> Callable[[Callable[[Call], Answer]], Any]:
    def register(handler: Callable[[Call], Answer]) -> Any:
        for path, name in paths.items():
            operation(method, path, f"{name}_{method.lower()}", access=None, **facts)(handler)
        return handler

    return register


@_at("POST", _TOKEN_PATHS)
def token(call: Call) -> Answer:
    """Exchange a service account's JWT, or a refresh token, for an access token."""
    body = call.body if isinstance(call.body, Mapping) else {}
    grant = str(body.get("grant_type") or "")
    if grant == JWT_BEARER:
        return _for_jwt(call, str(body.get("assertion") or ""))
    if grant == REFRESH:
        return _for_refresh_token(call, body)
    if not grant:
        raise token_error(400, "invalid_request", "Required parameter is missing: grant_type", _why("no grant", ""))
    said = f"Invalid grant_type: {grant}"
    raise token_error(400, "unsupported_grant_type", said, _why("grant type", f"The grant {grant!r} is not taken."))


def _why(rule: str, reason: str) -> Why:
    return Why(
        reason or "The request has no grant_type.",
        rule,
        "the body",
        "a JWT that a service account's key signed as assertion, or a refresh_token with its client",
    )


def _for_jwt(call: Call, assertion: str) -> Answer:
    deployment = call.deployment
    if not assertion:
        raise token_error(400, "invalid_request", "Required parameter is missing: assertion", _why("no assertion", ""))
    try:
        claims, key = signed_by_key(assertion, deployment)
    except Unidentified as nobody:
        raise _jwt_refused(nobody.why) from None
    if claims.get("aud") not in (TOKEN_ENDPOINT, "https://www.googleapis.com/oauth2/v4/token", call.request.base_url):
        said = "Invalid JWT: Failed audience check. The right audience is https://oauth2.googleapis.com/token"
        raise token_error(400, "invalid_grant", said, _why("audience", f"The JWT is for {claims.get('aud')!r}."))
    if claims.get("sub") not in (None, "", claims.get("iss")):
        why = _why("delegation", f"The account may act for nobody, and not for {str(claims['sub'])[:80]!r}.")
        raise token_error(401, "unauthorized_client", _NOT_DELEGATED, why)
    key = deployment.keys.used(key)
    if claims.get("target_audience"):
        made = {"id_token": id_token(key, str(claims["target_audience"]), deployment)}
        return Answer(laid_out(made), 200, JSON_UTF8)
    scopes = tuple(str(claims.get("scope") or "").split())
    if not scopes:
        said = "Invalid OAuth scope or ID token audience provided."
        raise token_error(400, "invalid_scope", said, _why("scope", "The JWT has no scope and no target_audience."))
    return _granted(call, key, scopes)


def _jwt_refused(why: Why) -> Refusal:
    """The token host's words for a JWT that does not count (reported: three of them)."""
    said = {
        "signature": "Invalid JWT Signature.",
        "malformed": "Bad Request",
        "time": _SHORT_LIVED,
        "unknown": "Invalid grant: account not found",
    }.get(why.rule, "Invalid JWT Signature.")  # a key that is gone verifies nothing
    return token_error(
        400, "invalid_grant", said, _why(why.rule, why.reason)._replace(since=why.since, until=why.until)
    )


def _for_refresh_token(call: Call, body: Mapping[str, Any]) -> Answer:
    deployment = call.deployment
    client, _, secret = call.settings.composer_oauth_client.partition(":")
    if body.get("client_id") != client:
        said = f"The client_id is {str(body.get('client_id'))[:80]!r}, not {client!r}."
        raise token_error(401, "invalid_client", "The OAuth client was not found.", _why("unknown client", said))
    if body.get("client_secret") != secret:
        raise token_error(
            401, "invalid_client", "The provided client secret is invalid.", _why("wrong secret", "The secret differs.")
        )
    value = str(body.get("refresh_token") or "")
    key = deployment.keys.find(value) if value else None
    if key is None or is_service_account(email_of(key, deployment.airflow, call.settings)):
        raise token_error(400, "invalid_grant", "Bad Request", _why("unknown token", "No user has this refresh token."))
    ended = key.ended(deployment.airflow.now())
    if ended is not None:
        raise token_error(400, "invalid_grant", "Token has been expired or revoked.", _why(ended.rule, ended.reason))
    scopes = tuple(str(body.get("scope") or "").split()) or USER_SCOPES
    return _granted(call, deployment.keys.used(key), scopes, tells_scope=True)


def _granted(call: Call, key: Key, scopes: tuple[str, ...], tells_scope: bool = False) -> Answer:
    made: dict[str, Any] = {
        "access_token": access_token(key, scopes, call.deployment),
        "expires_in": max(call.settings.composer_token_seconds - 1, 1),
    }
    if tells_scope:
        made["scope"] = " ".join(scopes)
    return Answer(laid_out({**made, "token_type": "Bearer"}), 200, JSON_UTF8)


# ----------------------------------------------------------------------------------------------------- what a token is


def tokeninfo(call: Call) -> Answer:
    """Tell what an access token or an id token is."""
    fields = call.body if isinstance(call.body, Mapping) else {}
    given = {name: str(call.query.get(name) or fields.get(name) or "") for name in ("access_token", "id_token")}
    try:
        if given["id_token"]:
            by_id_token(given["id_token"], call.deployment, None)
            claims = call.deployment.tokens.read(given["id_token"], algorithm="RS256", issuer=ISSUER)
            return told({name: _as_text(value) for name, value in claims.items() if name != "jti"})
        if not given["access_token"]:
            raise TokenRefused("missing", "Neither access_token nor id_token was given.")
        account = by_access_token(given["access_token"], call.deployment)
    except Unidentified as nobody:
        why = nobody.why._replace(read_from="the query or the form", would_pass="a token that counts now")
        refusal = token_error(400, "invalid_token", "Invalid Value", why)
        raise refusal from None
    row = call.deployment.tokens.handed_out(given["access_token"])
    left = int((row.expires_at - call.airflow.now()).total_seconds())
    return told(
        {
            "azp": account.number,
            "aud": account.number,
            "sub": account.number,
            "scope": " ".join(account.scopes or ()),
            "exp": str(int(row.expires_at.timestamp())),
            "expires_in": str(left),
            "email": account.email,
            "email_verified": "true",
            "access_type": "online" if is_service_account(account.email) else "offline",
        }
    )


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


for _method in ("GET", "POST"):
    _at(_method, _INFO_PATHS)(tokeninfo)


@_at("GET", _USER_PATHS)
def userinfo(call: Call) -> Answer:
    """Tell whose an access token is (OpenID Connect)."""
    try:
        account = by_access_token(bearer(call.request), call.deployment)
    except Unidentified as nobody:
        why = nobody.why._replace(read_from="the Authorization header", would_pass="Authorization: Bearer <a token>")
        refusal = token_error(401, "invalid_request", "Invalid Credentials", why)
        raise refusal from None
    return told(_who(account))


def _who(account: GoogleAccount) -> dict[str, Any]:
    name = account.email.partition("@")[0]
    return {"sub": account.number, "name": name, "email": account.email, "email_verified": True}


@operation("GET", "/oauth2/v3/certs", access=None)
def certs(call: Call) -> Answer:
    """Tell the public key that id tokens are checked with (RFC 7517)."""
    return Answer(laid_out(signing.jwks()), 200, JSON)


@operation("GET", "/o/oauth2/v2/auth", access=None)
def sign_in(call: Call) -> Answer:
    """Show the page that stands for Google's sign-in, which is HTML, as that one is."""
    return Answer(_SIGN_IN, 200, HTML)
