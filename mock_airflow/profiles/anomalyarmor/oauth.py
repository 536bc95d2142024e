"""OAuth 2.1 for the MCP server: discovery, registration, authorization, tokens.

From armor-mcp 0.9.1: the metadata and their paths. The vendor's identity provider is a host of its own; here it is this
one. Assumed: where tokens are revoked and introspected, the consent page, lifetimes.
"""

from __future__ import annotations

import html
from typing import Any

from mock_airflow.access import signing
from mock_airflow.access.oauth import metadata
from mock_airflow.access.oauth.refusals import NO_STORE, OAuthRefusal, RedirectedRefusal
from mock_airflow.access.oauth.server import AuthorizationServer, Issuer, sent_back
from mock_airflow.answers import HTML, JSON, Answer, Refusal, TokenRefused
from mock_airflow.api.operation import Call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.anomalyarmor.answers import text_of
from mock_airflow.profiles.anomalyarmor.api import HOST, Vendor
from mock_airflow.profiles.anomalyarmor.gate import HEADER, issuer_url, subject_of, user_of

operation = HOST.tagged("OAuth")

SCOPES = ("openid", "profile", "email", "offline_access")
RESOURCE_NAME = "AnomalyArmor MCP Server"
_ENDPOINTS = {
    "authorization_endpoint": "/oauth/authorize",
    "token_endpoint": "/oauth/token",
    "userinfo_endpoint": "/oauth/userinfo",
    "jwks_uri": "/.well-known/jwks.json",
    "registration_endpoint": "/oauth/register",
}
_EXTRAS = {"revocation_endpoint": "/oauth/revoke", "introspection_endpoint": "/oauth/introspect"}
_PUBLIC = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}


def person(call: Call, subject: str, scopes: tuple[str, ...]) -> dict[str, Any]:
    """What is told of a person, as far as the scopes go."""
    username = user_of(call.deployment, subject)
    user = call.airflow.users.get(username)
    told: dict[str, Any] = {}
    if "profile" in scopes:
        name = username if user is None else f"{user.first_name} {user.last_name}".strip()
        told |= {"name": name or username, "preferred_username": username}
    if "email" in scopes:
        told |= {"email": f"{username}@example.com" if user is None else user.email, "email_verified": True}
    return told


def _server(call: Call) -> AuthorizationServer:
    vendor: Vendor = call.deployment.vendor
    return vendor.oauth


def _answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(text_of(value), status, headers=NO_STORE if headers is None else headers)


def _sent(call: Call) -> tuple[str, dict[str, str], Issuer]:
    """What a request to the authorization server holds: its header, its form, and in whose name it is answered.

    Of a JSON object the texts are taken as well, as identity providers do (assumed).
    """
    body, issuer = call.body if isinstance(call.body, dict) else {}, issuer_url(call.settings, call.origin)
    form = {name: value for name, value in body.items() if isinstance(value, str)}
    issued = Issuer(issuer, call.deployment.tokens, lambda subject, scopes: person(call, subject, scopes))
    return call.headers.get("Authorization", ""), form, issued


# ---------------------------------------------------------------------------------------------------------- discovery


@operation("GET", "/.well-known/openid-configuration", "get_openid_configuration", access=None)
@operation("GET", "/.well-known/oauth-authorization-server", "get_oauth_server_metadata", access=None)
def get_oauth_server_metadata(call: Call) -> Answer:
    """Show what the authorization server offers (RFC 8414), to clients of OpenID Connect too."""
    endpoints = {**_ENDPOINTS, **(_EXTRAS if call.settings.anomalyarmor_oauth_extras else {})}
    told = metadata.authorization_server(issuer_url(call.settings, call.origin), SCOPES, endpoints)
    return _answer(told, headers=_PUBLIC)


@operation("GET", "/.well-known/oauth-protected-resource/mcp", "get_resource_metadata_of_mcp", access=None)
@operation("GET", "/.well-known/oauth-protected-resource", "get_resource_metadata", access=None)
def get_resource_metadata(call: Call) -> Answer:
    """Show which authorization server guards the MCP server (RFC 9728)."""
    slash = "/" if call.settings.anomalyarmor_server_slash else ""
    server = issuer_url(call.settings, call.origin) + slash
    return _answer(metadata.protected_resource(f"{call.origin}/mcp", server, RESOURCE_NAME), headers=_PUBLIC)


@operation("GET", "/.well-known/jwks.json", "get_jwks", access=None)
def get_jwks(call: Call) -> Answer:
    """Tell the public key that tokens are signed with (RFC 7517)."""
    return _answer(signing.jwks(), headers=_PUBLIC)


# ---------------------------------------------------------------------------------------------- registration, consent


@operation("POST", "/oauth/register", "register_oauth_client", access=None, success=201, confidential=True)
def register_oauth_client(call: Call) -> Answer:
    """Register a client (RFC 7591)."""
    clients = _server(call).clients
    client, secret = clients.register(call.body)
    return _answer(clients.told(client, secret), 201)


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 10vh auto; max-width: 30rem; padding: 0 1rem }}
button {{ font: inherit; margin-right: .5rem; padding: .4rem 1.2rem }}
</style></head><body><h1>{title}</h1>{content}</body></html>
"""
_QUESTION = """<p><strong>{client}</strong> wants to use AnomalyArmor as <strong>{user}</strong>.</p>
<p>It asks for: {scopes}. It will be called back at {host}.</p>
<form method="post" action="/oauth/authorize"><input type="hidden" name="ticket" value="{ticket}">
<button name="decision" value="approve">Allow</button><button name="decision" value="deny">Deny</button></form>
<p>This is a mock; nobody's data is behind it.</p>"""
_PAGE_HEADERS = {
    **NO_STORE,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def _page(title: str, content: str) -> str:
    return _PAGE.format(title=html.escape(title), content=content)


def _redirected(to: str) -> Answer:
    return Answer("", 302, HTML, {"Location": to, **NO_STORE})


@operation("GET", "/oauth/authorize", "authorize_oauth_client", access=None, confidential=True)
def authorize_oauth_client(call: Call) -> Answer:
    """Ask a person whether a client may act for them; with the setting anomalyarmor_auto_approve nobody is asked."""
    server, user = _server(call), _signed_in(call)
    try:
        grant, client, ticket = server.asked(call.query)
    except OAuthRefusal as error:
        page = _page("This cannot be asked", f"<p>{html.escape(error.description)}</p>")
        why = Why(error.description, error.error, "the query")
        raise Refusal(status=400, body=page, content_type=HTML, why=why, headers=dict(_PAGE_HEADERS)) from None
    except RedirectedRefusal as error:
        said = {"error": error.error, "error_description": error.description, "state": error.state}
        return _redirected(sent_back(error.redirect_uri, **said))
    if call.settings.anomalyarmor_auto_approve:
        return _redirected(server.approved(grant, subject_of(call.deployment, user)))
    told = {"client": client.name, "user": user, "scopes": ", ".join(grant.scopes), "ticket": ticket}
    told["host"] = grant.redirect_uri.partition("?")[0]
    content = _QUESTION.format(**{name: html.escape(value) for name, value in told.items()})
    return Answer(_page("Allow access?", content), 200, HTML, _PAGE_HEADERS)


def _signed_in(call: Call) -> str:
    """Who sits before the page: the administrator, since nobody signs in to a mock."""
    return next((user.username for user in call.airflow.users if "Admin" in user.roles and user.active), "admin")


@operation("POST", "/oauth/authorize", "answer_oauth_consent", access=None, confidential=True)
def answer_oauth_consent(call: Call) -> Answer:
    """Take the person's answer, and send the browser back to the client."""
    server, (_, form, _) = _server(call), _sent(call)
    grant = server.ticketed(form.get("ticket", ""))
    if form.get("decision") == "approve":
        return _redirected(server.approved(grant, subject_of(call.deployment, _signed_in(call))))
    return _redirected(server.denied(grant))


# ------------------------------------------------------------------------------------------------------------- tokens


@operation("POST", "/oauth/token", "issue_oauth_tokens", access=None, confidential=True)
def issue_oauth_tokens(call: Call) -> Answer:
    """Give tokens for a code or for a refresh token (RFC 6749)."""
    return _answer(_server(call).exchange(*_sent(call)))


@operation("POST", "/oauth/revoke", "revoke_oauth_token", access=None, confidential=True)
def revoke_oauth_token(call: Call) -> Answer:
    """Have a token count no more (RFC 7009)."""
    _server(call).revoke(*_sent(call))
    return Answer("", headers=NO_STORE)


@operation("POST", "/oauth/introspect", "introspect_oauth_token", access=None, confidential=True)
def introspect_oauth_token(call: Call) -> Answer:
    """Tell what a token is (RFC 7662)."""
    return _answer(_server(call).introspect(*_sent(call)))


@operation("POST", "/oauth/userinfo", "post_userinfo", access=None)
@operation("GET", "/oauth/userinfo", "get_userinfo", access=None)
def get_userinfo(call: Call) -> Answer:
    """Show who an access token is of (OpenID Connect)."""
    header, _, issuer = _sent(call)
    scheme, _, token = header.partition(" ")
    why, said = Why("No access token was sent.", "no credential"), metadata.challenge()
    if scheme.lower() == "bearer" and token.strip():
        try:
            claims = call.deployment.tokens.read(token.strip(), algorithm="RS256", issuer=issuer.url)
            scopes = tuple(str(claims.get("scope", "")).split())
            if "client_id" in claims:
                return _answer({"sub": claims["sub"], **issuer.claims(str(claims["sub"]), scopes)})
            why = Why("An id token is no access token.", "kind of token")
        except TokenRefused as error:
            why = error.why._replace(rule=f"token {error.why.rule}")
        said = metadata.challenge("invalid_token", why.reason)
    why = why._replace(
        read_from="" if why.rule == "no credential" else HEADER, would_pass="an access token of this server"
    )
    body, headers = {"error": "invalid_token", "error_description": why.reason}, {"WWW-Authenticate": said, **NO_STORE}
    raise Refusal(status=401, body=text_of(body), content_type=JSON, why=why, headers=headers)
