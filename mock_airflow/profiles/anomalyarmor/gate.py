"""What the gate reads, and what it asks for: credentials of both kinds, and the scope that a request takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_airflow.access.oauth.metadata import challenge
from mock_airflow.access.principals import Principal, behind_gate, scheme_seen
from mock_airflow.access.tokens import several
from mock_airflow.answers import Refusal, TokenRefused
from mock_airflow.journal.why import Why
from mock_airflow.profiles.anomalyarmor import answers

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.settings import Settings

HEADER = "the Authorization header"
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_RANK = {"read-only": 0, "read-write": 1, "admin": 2}


def needed_scope(method: str, path: str, settings: Settings) -> str:
    """The least scope for a request. MCP's own requests are all POST, so each tool asks for its scope by itself."""
    if path == "/mcp":
        return "read-only"
    manages_keys = path == "/api/v1/api-keys" or path.startswith("/api/v1/api-keys/")
    if method in _READS:
        if manages_keys and not path.endswith("/usage") and settings.anomalyarmor_key_reads == "admin":
            return "admin"
        return "read-only"
    if manages_keys:
        return "admin"
    return "read-write" if method == "POST" or settings.anomalyarmor_read_write_changes else "admin"


def bearer_of(request: Request, settings: Settings) -> str:
    """The value of the Authorization header. Raises Refusal, a 401, for none and for one that makes no sense."""
    header = request.headers.get("Authorization", "")
    if not header.strip():
        raise unauthorized(settings, "Missing API key", Why("No Authorization header was sent.", "no credential"))
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        said = f"The Authorization header has {scheme_seen(header)}; the gate reads only Bearer."
        raise unauthorized(settings, "Missing API key", Why(said, "scheme"))
    value = value.strip()
    if not value:
        raise unauthorized(settings, "Invalid API key", Why("The header has no key after Bearer.", "malformed header"))
    if any(character.isspace() or character == "," for character in value):
        said = "The header holds more than one word after Bearer, as when two headers were sent."
        raise unauthorized(settings, "Invalid API key", Why(said, "malformed header"))
    return value


def unauthorized(settings: Settings, message: str, why: Why) -> Refusal:
    """A 401 of the API."""
    sent = "invalid_token" if why.rule not in ("no credential", "scheme") else ""
    read_from = "" if why.rule == "no credential" else HEADER
    passing = "a key that exists and was neither revoked nor expired, as Authorization: Bearer <key>"
    why = why._replace(read_from=read_from, would_pass=passing)
    headers = {"WWW-Authenticate": challenge(sent)} if settings.anomalyarmor_challenge else {}
    return answers.refused(settings, 401, "UNAUTHORIZED", message, why, headers=headers)


def check_scope(principal: Principal, needed: str, settings: Settings, why: Why) -> None:
    """Refuse who may do less than is needed. Raises Refusal, a 403."""
    if _RANK[principal.scope or "read-only"] < _RANK[needed]:
        message = f"This operation requires {needed} scope"
        details = {"required_scope": needed, "current_scope": principal.scope}
        raise answers.refused(settings, 403, "FORBIDDEN", message, details=details, why=why)


def issuer_url(settings: Settings, host_url: str) -> str:
    """In whose name tokens are issued, without a slash at the end: the setting, or the address that is called."""
    return (settings.anomalyarmor_issuer or host_url).rstrip("/")


def subject_of(deployment: Site, username: str) -> str:
    """What the identity provider calls a user."""
    vendor: Any = deployment.vendor
    return f"user_{vendor.estate.named_id(f'user {username}').replace('-', '')[:27]}"


def user_of(deployment: Site, subject: str) -> str:
    """The name of the user whom the identity provider calls so."""
    for user in deployment.airflow.users:
        if subject_of(deployment, user.username) == subject:
            return user.username
    return "admin" if subject == subject_of(deployment, "admin") else subject


def token_holder(token: str, request: Request, deployment: Site) -> Principal:
    """Who acts with an OAuth access token, which the MCP server passes on to the API. Raises Refusal, a 401."""
    settings = deployment.settings
    try:
        issuer = issuer_url(settings, request.host_url)
        claims = deployment.tokens.read(token, algorithm="RS256", issuer=issuer)
    except TokenRefused as error:
        why = error.why._replace(rule=f"token {error.why.rule}")
        raise unauthorized(settings, "Invalid token", why) from None
    if "client_id" not in claims:
        said = "The token is an id token, which says who somebody is and opens nothing."
        raise unauthorized(settings, "Invalid token", Why(said, "kind of token"))
    audiences = claims.get("aud", ())
    ours = (issuer.rstrip("/"), request.host_url.rstrip("/"))
    if audiences and not any(str(each).startswith(ours) for each in several(audiences)):
        said = f"The token is for {audiences!r}, which is none of this server's addresses."
        raise unauthorized(settings, "Invalid token", Why(said, "token audience"))
    subject = str(claims.get("sub", ""))
    credential_id = f"oauth:{claims['client_id']}:{subject}"
    name, scope = user_of(deployment, subject), settings.anomalyarmor_oauth_scope
    return behind_gate(deployment.airflow, name, scope, settings.generation, credential_id=credential_id)
