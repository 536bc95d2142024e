"""OAuth and JOSE by libraries that had no part in making our tokens: Authlib asks, joserfc checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from mock_airflow import MockAirflow
from mock_airflow.access.signing import jwks


@pytest.fixture
def astro() -> Iterator[MockAirflow]:
    with MockAirflow(profile="astro") as mock:
        yield mock


def session(astro: MockAirflow, method: str, **changed: str) -> OAuth2Session:
    pair = {"client_id": astro.credentials["key_id"], "client_secret": astro.credentials["key_secret"], **changed}
    return OAuth2Session(**pair, token_endpoint_auth_method=method)


def published(astro: MockAirflow) -> tuple[dict[str, Any], KeySet]:
    """What discovery tells, and the keys that it names."""
    told = requests.get(f"{astro.url}/.well-known/openid-configuration", timeout=10).json()
    return told, KeySet.import_key_set(requests.get(told["jwks_uri"], timeout=10).json())


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_client_credentials_by_every_announced_method(astro: MockAirflow, method: str) -> None:
    told, keys = published(astro)
    assert method in told["token_endpoint_auth_methods_supported"]
    client = session(astro, method)
    token = client.fetch_token(told["token_endpoint"], grant_type="client_credentials", audience="astronomer-ee")

    assert (token["token_type"], token["expires_in"]) == ("Bearer", 86400)
    assert client.get(f"{astro.api_url}/dags").status_code == 200  # with the token, as Authlib sends it
    checked = jwt.decode(token["access_token"], keys, algorithms=["RS256"])
    rules = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": told["issuer"]}, aud={"essential": True, "value": "astronomer-ee"}
    )
    rules.validate(checked.claims)
    assert checked.header["kid"] == keys.keys[0].kid


def test_wrong_secret_is_an_oauth_error(astro: MockAirflow) -> None:
    client = session(astro, "client_secret_post", client_secret="wrong")
    with pytest.raises(OAuthError, match="access_denied: Unauthorized"):
        client.fetch_token(f"{astro.url}/oauth/token", grant_type="client_credentials", audience="astronomer-ee")


def test_api_token_is_checked_by_the_published_keys(astro: MockAirflow) -> None:
    _, keys = published(astro)
    organization = requests.get(f"{astro.url}/v1/organizations", headers=astro.headers, timeout=10).json()
    path = f"{astro.url}/v1/organizations/{organization['organizations'][0]['id']}/tokens"
    body = {"name": "ci", "type": "ORGANIZATION", "role": "ORGANIZATION_OWNER", "tokenExpiryPeriodInDays": 7}
    made = requests.post(path, json=body, headers=astro.headers, timeout=10).json()

    checked = jwt.decode(made["token"], keys, algorithms=["RS256"])
    jwt.JWTClaimsRegistry(exp={"essential": True}).validate(checked.claims)
    assert checked.claims["apiTokenId"] == made["id"]
    head, payload, signature = made["token"].split(".")
    forged = ".".join([head, payload, signature[:-8] + ("A" * 8 if not signature.endswith("A" * 8) else "B" * 8)])
    with pytest.raises(BadSignatureError):
        jwt.decode(forged, keys, algorithms=["RS256"])
    refused = requests.get(f"{astro.api_url}/dags", headers={"Authorization": f"Bearer {forged}"}, timeout=10)
    assert refused.status_code == 401


def test_tokens_of_the_software_platform() -> None:
    keys = KeySet.import_key_set(jwks())
    with MockAirflow(profile="astronomer-software", user=("vera:vera:Viewer",)) as software:
        login = 'mutation { createToken(identity: "vera", password: "vera") { token { value payload { exp } } } }'
        told = requests.post(f"{software.url}/v1", json={"query": login}, timeout=10).json()["data"]["createToken"]
        checked = jwt.decode(told["token"]["value"], keys, algorithms=["RS256"])
        jwt.JWTClaimsRegistry(exp={"essential": True}).validate(checked.claims)
        assert checked.claims["exp"] == told["token"]["payload"]["exp"]

        url = f"https://deployments.example.com/{software.credentials['release']}/airflow"
        asked = requests.get(
            f"{software.url}/v1/authorization", headers={**software.headers, "X-Original-URL": url}, timeout=10
        )
        platform = jwt.decode(asked.headers["Authorization"].removeprefix("Bearer "), keys, algorithms=["RS256"])
        rules = jwt.JWTClaimsRegistry(aud={"essential": True, "value": "deployments.example.com/quasar-1234"})
        rules.validate(platform.claims)
        assert platform.claims["roles"] == ["Admin"]
