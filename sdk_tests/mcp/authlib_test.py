"""Authlib: its OAuth client goes through the flow, its checks of metadata and its JOSE read what we tell."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet

from mock_airflow import MockAirflow

REDIRECT = "http://127.0.0.1:7777/callback"
Allow = Callable[[str], dict[str, str]]


def session(armor: MockAirflow, method: str) -> OAuth2Session:
    told = {"redirect_uris": [REDIRECT], "token_endpoint_auth_method": method, "client_name": "Authlib"}
    told["grant_types"] = ["authorization_code", "refresh_token"]
    client = requests.post(f"{armor.url}/oauth/register", json=told).json()
    return OAuth2Session(
        client["client_id"],
        client.get("client_secret"),
        scope="openid email offline_access",
        redirect_uri=REDIRECT,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        code_challenge_method="S256",
    )


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_the_whole_flow(armor: MockAirflow, allow: Allow, method: str) -> None:
    found = requests.get(get_well_known_url(armor.url, external=True)).json()
    client, verifier = session(armor, method), generate_token(48)
    url, state = client.create_authorization_url(found["authorization_endpoint"], code_verifier=verifier, nonce="n-1")
    brought = allow(url)
    assert brought["state"] == state
    token = client.fetch_token(found["token_endpoint"], code=brought["code"], code_verifier=verifier)

    assert client.get(f"{armor.api_url}/sdk/assets").status_code == 200
    keys = KeySet.import_key_set(requests.get(found["jwks_uri"]).json())
    identity = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    assert (identity["iss"], identity["aud"], identity["nonce"]) == (armor.url, client.client_id, "n-1")
    assert client.get(found["userinfo_endpoint"]).json()["sub"] == identity["sub"]

    renewed = client.refresh_token(found["token_endpoint"])
    assert renewed["access_token"] != token["access_token"]
    active = client.introspect_token(found["introspection_endpoint"], token=renewed["access_token"])
    assert active.json()["active"] is True
    client.revoke_token(found["revocation_endpoint"], token=renewed["refresh_token"])
    assert client.get(f"{armor.api_url}/sdk/assets").status_code == 401
    with pytest.raises(OAuthError, match="invalid_grant"):
        client.refresh_token(found["token_endpoint"], refresh_token=token["refresh_token"])


def test_the_metadata_are_sound() -> None:
    """Its check wants https, as a real issuer has it."""
    issuer = "https://clerk.example.com"
    with MockAirflow(profile="anomalyarmor", anomalyarmor_issuer=issuer) as mock:
        found = requests.get(f"{mock.url}/.well-known/oauth-authorization-server").json()
    AuthorizationServerMetadata(found).validate()
    OpenIDProviderMetadata(found).validate()
    assert found["issuer"] == issuer
