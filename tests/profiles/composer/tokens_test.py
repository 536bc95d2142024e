"""The made-up Google's tokens: both grants, what a token is, the metadata server, and every refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.access.signing import private_key

CLOCK = "2025-01-01T06:00:00Z"
NOW = 1735711200  # the same moment
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ENDPOINT = "https://oauth2.googleapis.com/token"


@pytest.fixture
def composer() -> Iterator[MockAirflow]:
    with MockAirflow(profile="composer", clock=CLOCK, frozen=True) as mock:
        yield mock


def assertion(mock: MockAirflow, key: Any = None, kid: str | None = None, **claims: Any) -> str:
    held = mock.credentials
    told = {"iss": held["client_email"], "aud": ENDPOINT, "scope": SCOPE, "iat": NOW, "exp": NOW + 3600, **claims}
    headers = {"kid": held["private_key_id"] if kid is None else kid}
    return jwt.encode(told, key or private_key(), algorithm="RS256", headers=headers)


def exchange(mock: MockAirflow, path: str = "/token", **fields: str) -> Any:
    return requests.post(mock.url + path, data={"grant_type": GRANT, **fields})


@pytest.mark.parametrize("path", ["/token", "/oauth2/v4/token", "/o/oauth2/token"])
def test_a_signed_jwt_is_exchanged_for_an_access_token_of_an_hour(composer: MockAirflow, path: str) -> None:
    made = exchange(composer, path, assertion=assertion(composer)).json()
    assert {*made} == {"access_token", "expires_in", "token_type"}
    assert (made["expires_in"], made["token_type"], made["access_token"][:5]) == (3599, "Bearer", "ya29.")

    headers = {"Authorization": f"Bearer {made['access_token']}"}
    assert requests.get(f"{composer.api_url}/dags", headers=headers).status_code == 200
    composer.clock.advance(hours=1)
    assert requests.get(f"{composer.api_url}/dags", headers=headers).status_code == 401


def test_json_is_taken_like_a_form(composer: MockAirflow) -> None:
    body = {"grant_type": GRANT, "assertion": assertion(composer)}
    assert requests.post(f"{composer.url}/token", json=body).status_code == 200


REFUSED: dict[str, tuple[Any, int, str, str]] = {
    "another key": (
        lambda mock: {"assertion": assertion(mock, key=another_key())},
        400,
        "invalid_grant",
        "Invalid JWT Signature.",
    ),
    "no such key": (
        lambda mock: {"assertion": assertion(mock, kid="0" * 40)},
        400,
        "invalid_grant",
        "Invalid grant: account not found",
    ),
    "another account": (
        lambda mock: {"assertion": assertion(mock, iss="somebody@else.example")},
        400,
        "invalid_grant",
        "Invalid grant: account not found",
    ),
    "two hours": (
        lambda mock: {"assertion": assertion(mock, exp=NOW + 7200)},
        400,
        "invalid_grant",
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and"
        " exp values in the JWT claim.",
    ),
    "another audience": (
        lambda mock: {"assertion": assertion(mock, aud="https://example.com/token")},
        400,
        "invalid_grant",
        "Invalid JWT: Failed audience check. The right audience is https://oauth2.googleapis.com/token",
    ),
    "no scope": (
        lambda mock: {"assertion": assertion(mock, scope="")},
        400,
        "invalid_scope",
        "Invalid OAuth scope or ID token audience provided.",
    ),
    "no JWT": (lambda mock: {"assertion": "x.y.z"}, 400, "invalid_grant", "Bad Request"),
    "no assertion": (lambda mock: {}, 400, "invalid_request", "Required parameter is missing: assertion"),
    "another grant": (
        lambda mock: {"grant_type": "password"},
        400,
        "unsupported_grant_type",
        "Invalid grant_type: password",
    ),
    "no grant": (lambda mock: {"grant_type": ""}, 400, "invalid_request", "Required parameter is missing: grant_type"),
}


def another_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize("name", REFUSED)
def test_a_jwt_that_is_not_exchanged(composer: MockAirflow, name: str) -> None:
    fields, status, error, description = REFUSED[name]
    answer = exchange(composer, **fields(composer))
    assert (answer.status_code, answer.json()) == (status, {"error": error, "error_description": description})
    assert composer.calls[-1].rule


def test_whether_a_jwts_times_are_held_against_the_clock_is_a_setting() -> None:
    for demanded, status in ((False, 200), (True, 400)):
        with MockAirflow(profile="composer", clock=CLOCK, frozen=True, composer_assertion_times=demanded) as mock:
            assert exchange(mock, assertion=assertion(mock)).status_code == 200
            late = assertion(mock)
            mock.clock.advance(hours=2)
            assert exchange(mock, assertion=late).status_code == status


def test_a_refresh_token_and_its_refusals(composer: MockAirflow) -> None:
    key = composer.keys.create(name="of vera", owner="vera@example.com")
    client_id, _, secret = composer.settings.composer_oauth_client.partition(":")
    good = {"grant_type": "refresh_token", "client_id": client_id, "client_secret": secret, "refresh_token": key.secret}
    made = exchange(composer, **good).json()
    assert SCOPE in made["scope"].split()
    told = requests.get(f"{composer.url}/tokeninfo", params={"access_token": made["access_token"]}).json()
    assert (told["email"], told["expires_in"], told["access_type"]) == ("vera@example.com", "3600", "offline")

    for changed, expected in (
        ({"client_id": "x"}, (401, "invalid_client", "The OAuth client was not found.")),
        ({"client_secret": "x"}, (401, "invalid_client", "The provided client secret is invalid.")),
        ({"refresh_token": "x"}, (400, "invalid_grant", "Bad Request")),
        ({"refresh_token": composer.credentials["private_key_id"]}, (400, "invalid_grant", "Bad Request")),
    ):
        answer = exchange(composer, **{**good, **changed})
        assert (answer.status_code, *answer.json().values()) == expected
    composer.keys.revoke(key)
    assert exchange(composer, **good).json()["error_description"] == "Token has been expired or revoked."


def test_tokeninfo_and_userinfo(composer: MockAirflow) -> None:
    token = composer.headers["Authorization"].split()[1]
    for path in ("/tokeninfo", "/oauth2/v1/tokeninfo", "/oauth2/v3/tokeninfo"):
        told = requests.post(composer.url + path, data={"access_token": token}).json()
        assert (told["scope"], told["exp"], told["email_verified"]) == (SCOPE, str(NOW + 3600), "true")
    who = requests.get(f"{composer.url}/oauth2/v3/userinfo", headers=composer.headers).json()
    assert (who["email"], who["sub"]) == (composer.credentials["client_email"], told["sub"])
    refused = requests.get(f"{composer.url}/tokeninfo?access_token=ya29.x")
    assert (refused.status_code, refused.json()["error_description"]) == (400, "Invalid Value")
    refused = requests.get(f"{composer.url}/v1/userinfo")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_request")


def test_an_id_token_for_an_audience(composer: MockAirflow) -> None:
    made = exchange(composer, assertion=assertion(composer, target_audience="somebody")).json()
    told = requests.get(f"{composer.url}/tokeninfo?id_token={made['id_token']}").json()
    assert (told["aud"], told["iss"], told["exp"]) == ("somebody", "https://accounts.google.com", str(NOW + 3600))
    keys = requests.get(f"{composer.url}/oauth2/v3/certs").json()["keys"]
    assert jwt.get_unverified_header(made["id_token"])["kid"] == keys[0]["kid"]


def test_the_metadata_server_answers_who_asks_on_purpose(composer: MockAirflow) -> None:
    root, flavor = f"{composer.url}/computeMetadata/v1", {"Metadata-Flavor": "Google"}
    account = f"{root}/instance/service-accounts"
    assert requests.get(f"{root}/project/project-id").status_code == 403
    for url, said in (
        (f"{root}/project/project-id", "mock-project"),
        (f"{root}/universe/universe-domain", "googleapis.com"),
        (f"{account}/default/email", composer.credentials["client_email"]),
        (f"{composer.url}/computeMetadata", "v1/\n"),
    ):
        answer = requests.get(url, headers=flavor)
        assert (answer.status_code, answer.text, answer.headers["Metadata-Flavor"]) == (200, said, "Google")
    told = requests.get(f"{account}/default/?recursive=true", headers=flavor).json()
    assert told["scopes"] == [SCOPE]
    made = requests.get(f"{account}/{told['email']}/token", headers=flavor).json()
    sent = {"Authorization": f"Bearer {made['access_token']}"}
    assert requests.get(f"{composer.api_url}/dags", headers=sent).status_code == 200
    assert requests.get(f"{account}/nobody@example.com/token", headers=flavor).status_code == 404
    assert requests.get(f"{account}/default/identity", headers=flavor).status_code == 400
    composer.failures.provoke("revoked")
    assert requests.get(f"{account}/default/token", headers=flavor).status_code == 404


def test_the_metadata_server_can_be_off() -> None:
    with MockAirflow(profile="composer", composer_metadata_server=False, frozen=True) as mock:
        url = f"{mock.url}/computeMetadata/v1/project/project-id"
        assert requests.get(url, headers={"Metadata-Flavor": "Google"}).status_code == 404


def test_the_key_file_is_in_the_environment(composer: MockAirflow) -> None:
    told = composer.deployment.profile.environment(composer.url, composer.credentials, composer.settings)
    held = json.loads(told["GOOGLE_CREDENTIALS"])
    assert held["token_uri"] == f"{composer.url}/token"
    assert held["private_key"].startswith("-----BEGIN PRIVATE KEY-----")
    assert (held["type"], held["project_id"]) == ("service_account", told["GOOGLE_CLOUD_PROJECT"])
