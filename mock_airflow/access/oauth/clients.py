"""Dynamic client registration (RFC 7591), and how a client says who it is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from mock_airflow.access.digests import digest, matches
from mock_airflow.access.oauth.records import OAuthClient
from mock_airflow.access.oauth.refusals import OAuthRefusal
from mock_airflow.domain.airflow import Airflow
from mock_airflow.storage.tables import Table

GRANT_TYPES = ("authorization_code", "refresh_token")
AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TEXTS = ("client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri", "software_id", "software_version")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Clients:
    """The clients of one authorization server."""

    def __init__(self, airflow: Airflow, scopes: tuple[str, ...]) -> None:
        self._airflow, self._scopes = airflow, scopes
        self._table: Table[str, OAuthClient] = airflow.add_table("oauth_clients", lambda client: client.client_id)

    def get(self, client_id: str) -> OAuthClient | None:
        """The client of this id."""
        return self._table.get(client_id)

    def register(self, told: Any) -> tuple[OAuthClient, str | None]:
        """A new client, and its secret unless it is a public one. Raises OAuthRefusal (RFC 7591, section 3.2.2)."""
        if not isinstance(told, dict):
            raise OAuthRefusal("invalid_client_metadata", "The client's metadata must be a JSON object.")
        redirect_uris = _redirect_uris(told.get("redirect_uris"))
        method = told.get("token_endpoint_auth_method", "client_secret_basic")
        if method not in AUTH_METHODS:
            raise OAuthRefusal(
                "invalid_client_metadata", f"token_endpoint_auth_method must be one of {', '.join(AUTH_METHODS)}."
            )
        grants = _listed(told, "grant_types", ("authorization_code",), GRANT_TYPES)
        if "authorization_code" not in grants:
            raise OAuthRefusal("invalid_client_metadata", "grant_types must name authorization_code.")
        _listed(told, "response_types", ("code",), ("code",))
        metadata = {name: told[name] for name in (*_TEXTS, "contacts") if name in told}
        for name in _TEXTS:
            if name in metadata and (not isinstance(metadata[name], str) or len(metadata[name]) > 500):
                raise OAuthRefusal("invalid_client_metadata", f"{name} must be a text of up to 500 characters.")
        client_id = self._airflow.ids.text(16, _ALPHABET, "oauth client")
        secret = None if method == "none" else self._airflow.ids.text(32, _ALPHABET, "oauth secret")
        client = OAuthClient(
            client_id=client_id,
            secret_digest=None if secret is None else digest(secret),
            redirect_uris=redirect_uris,
            grant_types=grants,
            auth_method=method,
            scopes=self._asked_for(told.get("scope")),
            metadata=metadata,
            created_at=self._airflow.now(),
        )
        return self._table.put(client), secret

    def _asked_for(self, scope: Any) -> tuple[str, ...]:
        """The scopes that a client may ask for: those it names and the server has, or all."""
        if scope is None or scope == "":
            return self._scopes
        if not isinstance(scope, str):
            raise OAuthRefusal("invalid_client_metadata", "scope must be a text of scopes with spaces between.")
        return tuple(name for name in scope.split() if name in self._scopes) or self._scopes

    def told(self, client: OAuthClient, secret: str | None) -> dict[str, Any]:
        """The answer to a registration (RFC 7591, section 3.2.1)."""
        answer: dict[str, Any] = {
            "client_id": client.client_id,
            "client_id_issued_at": int(client.created_at.timestamp()),
            "redirect_uris": list(client.redirect_uris),
            "grant_types": list(client.grant_types),
            "response_types": ["code"],
            "token_endpoint_auth_method": client.auth_method,
            "scope": " ".join(client.scopes),
            **client.metadata,
        }
        if secret is not None:
            answer |= {"client_secret": secret, "client_secret_expires_at": 0}
        return answer

    def authenticated(self, authorization: str, form: Mapping[str, str]) -> OAuthClient:
        """Which client calls, by the way it registered for. Raises OAuthRefusal, an invalid_client."""
        if authorization:
            client_id, secret = _basic(authorization)
            if form.get("client_id", client_id) != client_id:
                raise OAuthRefusal("invalid_request", "The body and the Authorization header name different clients.")
            used, scheme = "client_secret_basic", "Basic"
        else:
            client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
            used, scheme = ("client_secret_post" if secret else "none"), ""
        if not client_id:
            raise OAuthRefusal("invalid_client", "The request names no client.", 401, scheme)
        client = self._table.get(client_id)
        if client is None:
            raise OAuthRefusal("invalid_client", "There is no such client.", 401, scheme)
        if client.auth_method != used:
            said = f"The client was registered for {client.auth_method}, and used {used}."
            raise OAuthRefusal("invalid_client", said, 401, scheme)
        if client.secret_digest is not None and not matches(secret, client.secret_digest):
            raise OAuthRefusal("invalid_client", "The client's secret is wrong.", 401, scheme)
        return client


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise OAuthRefusal("invalid_client", "A client says who it is by HTTP Basic or in the body.", 401, "Basic")
    try:
        name, colon, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise OAuthRefusal("invalid_client", "The Authorization header cannot be read.", 401, "Basic") from None
    if not colon:
        raise OAuthRefusal("invalid_client", "The Authorization header holds no secret.", 401, "Basic")
    return unquote_plus(name), unquote_plus(secret)


def _listed(told: Mapping[str, Any], name: str, default: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    value = told.get(name, list(default))
    if not isinstance(value, list) or not value or not all(one in known for one in value):
        raise OAuthRefusal("invalid_client_metadata", f"{name} must be a list out of {', '.join(known)}.")
    return tuple(value)


def _redirect_uris(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(uri, str) for uri in value):
        raise OAuthRefusal("invalid_redirect_uri", "redirect_uris must be a list of one or more URIs.")
    for uri in value:
        try:
            split = urlsplit(uri)
        except ValueError:
            raise OAuthRefusal("invalid_redirect_uri", "A redirect URI cannot be read.") from None
        if not split.scheme or split.fragment or "#" in uri or len(uri) > 2000:
            raise OAuthRefusal("invalid_redirect_uri", "A redirect URI must be absolute and have no fragment.")
        if split.scheme == "http" and split.hostname not in _LOOPBACK:
            raise OAuthRefusal("invalid_redirect_uri", "Plain http is for redirects to this machine only; use https.")
        if split.scheme in ("http", "https") and not split.hostname:
            raise OAuthRefusal("invalid_redirect_uri", "A redirect URI needs a host.")
        if split.scheme in ("javascript", "data", "vbscript", "file"):
            raise OAuthRefusal("invalid_redirect_uri", f"{split.scheme} is no scheme to redirect to.")
    return tuple(value)


def redirects_to(client: OAuthClient, uri: str) -> bool:
    """Whether a client was registered for a redirect URI: letter by letter, but for the port on this machine.

    The port of a loopback address is the program's to choose each time (RFC 8252, section 7.3).
    """
    if uri in client.redirect_uris:
        return True
    try:
        split = urlsplit(uri)
        port_free = [urlsplit(known) for known in client.redirect_uris]
        return split.scheme == "http" and any(
            known.scheme == "http"
            and known.hostname in _LOOPBACK
            and (known.hostname, known.path, known.query) == (split.hostname, split.path, split.query)
            and split.port != 0
            for known in port_free
        )
    except ValueError:
        return False
