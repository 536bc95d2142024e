"""What an authorization server and the resource that it guards say of themselves (RFC 8414, RFC 9728)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_airflow.access.oauth.clients import AUTH_METHODS, GRANT_TYPES


def authorization_server(issuer: str, scopes: tuple[str, ...], endpoints: Mapping[str, str]) -> dict[str, Any]:
    """The metadata of an authorization server; ``endpoints`` are paths below the issuer, by their names in RFC 8414."""
    return {
        "issuer": issuer,
        **{name: f"{issuer}{path}" for name, path in endpoints.items()},
        "response_types_supported": ["code"],
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "scopes_supported": list(scopes),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def protected_resource(resource: str, server: str, name: str) -> dict[str, Any]:
    """The metadata of a resource that takes this server's tokens."""
    return {
        "resource": resource,
        "authorization_servers": [server],
        "scopes_supported": [],
        "bearer_methods_supported": ["header"],
        "resource_name": name,
    }


def challenge(error: str = "", description: str = "", **more: str) -> str:
    """A ``WWW-Authenticate: Bearer`` (RFC 6750, section 3); without an error where no credential was sent."""
    parts = {"error": error, "error_description": description, **more}
    told = ", ".join(f'{name}="{value}"' for name, value in parts.items() if value)
    return f"Bearer {told}".rstrip()
