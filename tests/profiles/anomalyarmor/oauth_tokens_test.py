"""OAuth 2.1: codes with PKCE, tokens, their renewal and their end."""

from __future__ import annotations

import base64

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from mock_airflow import MockAirflow

from .oauth_client import REDIRECT, VERIFIER, OAuthClient, refused

CLOCK = "2026-01-02T03:04:05Z"


@pytest.fixture
def client(armor):
    return OAuthClient(armor)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


# -------------------------------------------------------------------------------------------------------------- tokens


def test_the_tokens_stand_up_to_a_library_that_did_not_make_them(armor, client):
    told = client.signed_in(scope="openid profile email", nonce="n-1", resource=f"{armor.url}/mcp")
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 43200, "openid profile email")
    keys = KeySet.import_key_set(requests.get(f"{armor.url}/.well-known/jwks.json").json())
    access = jwt.decode(told["access_token"], keys, algorithms=["RS256"])
    identity = jwt.decode(told["id_token"], keys, algorithms=["RS256"])
    now = int(armor.clock.now().timestamp())
    assert access.header["typ"] == "at+jwt"
    assert (access.claims["iss"], access.claims["aud"]) == (armor.url, f"{armor.url}/mcp")
    assert (access.claims["iat"], access.claims["exp"]) == (now, now + 43200)
    assert (identity.claims["aud"], identity.claims["nonce"]) == (client.id, "n-1")
    assert (
        identity.claims["email"]
        == requests.get(f"{armor.url}/oauth/userinfo", headers=bearer(told["access_token"])).json()["email"]
    )
    assert access.claims["sub"] == identity.claims["sub"]


def test_answers_with_tokens_are_never_stored(client):
    answer = client.exchanged(client.answered()["code"])
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    assert answer.headers["Content-Type"] == "application/json"


def test_a_token_opens_the_api_and_airflow_too(armor, client):
    headers = bearer(client.signed_in()["access_token"])
    for path in ("sdk/assets", "dags", "api-keys"):
        assert requests.get(f"{armor.api_url}/{path}", headers=headers).status_code == 200
    assert armor.calls[-1].principal == "admin"
    armor.clock.advance(hours=12)
    expired = requests.get(f"{armor.api_url}/dags", headers=headers)
    assert (expired.status_code, expired.json()["error"]["code"]) == (401, "UNAUTHORIZED")
    assert (armor.calls[-1].rule, armor.calls[-1].since) == ("token expired", armor.clock.now())


def test_what_signed_in_people_may_do_is_a_setting():
    with MockAirflow(profile="anomalyarmor", anomalyarmor_oauth_scope="read-only") as mock:
        headers = bearer(OAuthClient(mock).signed_in()["access_token"])
        assert requests.get(f"{mock.api_url}/sdk/assets", headers=headers).status_code == 200
        assert requests.post(f"{mock.api_url}/sdk/schema/snowflake.prod/refresh", headers=headers).status_code == 403


def test_an_id_token_opens_nothing(armor, client):
    told = client.signed_in(scope="openid")
    answer = requests.get(f"{armor.api_url}/sdk/assets", headers=bearer(told["id_token"]))
    assert (answer.status_code, armor.calls[-1].rule) == (401, "kind of token")
    assert requests.get(f"{armor.url}/oauth/userinfo", headers=bearer(told["id_token"])).status_code == 401


def test_a_token_of_another_issuer_opens_nothing(client, armor):
    token = client.signed_in()["access_token"]
    other = armor.api_url.replace("127.0.0.1", "localhost")
    assert requests.get(f"{other}/sdk/assets", headers=bearer(token)).status_code == 401
    assert armor.calls[-1].rule == "token issuer"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code": "nonsense"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"code_verifier": VERIFIER.upper()}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        ({"redirect_uri": f"{REDIRECT}/"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
    ],
)
def test_a_code_that_is_not_rightly_shown(client, changed, error):
    form = {
        "grant_type": "authorization_code",
        "code": client.answered()["code"],
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    refused(client.token(**{**form, **changed}), error)
    assert client.mock.calls[-1].rule == error


def test_a_code_is_too_old_after_ten_minutes(armor, client):
    code = client.answered()["code"]
    armor.clock.advance(minutes=10)
    refused(client.exchanged(code), "invalid_grant")


def test_a_codes_life_is_a_setting():
    with MockAirflow(profile="anomalyarmor", anomalyarmor_code_lifetime="60", clock=CLOCK, frozen=True) as mock:
        client = OAuthClient(mock)
        code = client.answered()["code"]
        mock.clock.advance(60)
        refused(client.exchanged(code), "invalid_grant")


def test_a_code_that_comes_twice_ends_what_came_of_it(armor, client):
    code = client.answered()["code"]
    token = client.exchanged(code).json()["access_token"]
    assert requests.get(f"{armor.api_url}/sdk/assets", headers=bearer(token)).status_code == 200
    refused(client.exchanged(code), "invalid_grant")
    assert requests.get(f"{armor.api_url}/sdk/assets", headers=bearer(token)).status_code == 401
    assert armor.calls[-1].rule == "token revoked"


def test_a_code_is_of_one_client(armor, client):
    refused(OAuthClient(armor).exchanged(client.answered()["code"]), "invalid_grant")


def test_a_refresh_token_is_good_for_one_use(armor, client):
    first = client.signed_in()
    second = client.token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert requests.get(f"{armor.api_url}/assets", headers=bearer(second["access_token"])).status_code == 200

    refused(client.token(grant_type="refresh_token", refresh_token=first["refresh_token"]), "invalid_grant")
    refused(client.token(grant_type="refresh_token", refresh_token=second["refresh_token"]), "invalid_grant")
    for token in (first["access_token"], second["access_token"]):
        assert requests.get(f"{armor.api_url}/assets", headers=bearer(token)).status_code == 401


def test_rotation_is_a_setting():
    with MockAirflow(profile="anomalyarmor", anomalyarmor_refresh_rotates="no") as mock:
        client = OAuthClient(mock)
        refresh = client.signed_in()["refresh_token"]
        answers = [client.token(grant_type="refresh_token", refresh_token=refresh) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_renewal_may_narrow_and_not_widen(client):
    refresh = client.signed_in(scope="openid email")["refresh_token"]
    refused(client.token(grant_type="refresh_token", refresh_token=refresh, scope="profile"), "invalid_scope")
    narrowed = client.token(grant_type="refresh_token", refresh_token=refresh, scope="email")
    assert (narrowed.status_code, narrowed.json()["scope"]) == (200, "email")


def test_a_refresh_token_expires():
    with MockAirflow(profile="anomalyarmor", anomalyarmor_refresh_lifetime="90", clock=CLOCK, frozen=True) as mock:
        client = OAuthClient(mock)
        refresh = client.signed_in()["refresh_token"]
        mock.clock.advance(90)
        refused(client.token(grant_type="refresh_token", refresh_token=refresh), "invalid_grant")


def test_a_client_that_was_not_registered_for_renewals(armor):
    client = OAuthClient(armor, grant_types=["authorization_code"])
    assert "refresh_token" not in client.signed_in()
    refused(client.token(grant_type="refresh_token", refresh_token="x"), "unauthorized_client")


def test_lifetimes_are_settings():
    with MockAirflow(profile="anomalyarmor", anomalyarmor_access_lifetime="60", clock=CLOCK, frozen=True) as mock:
        told = OAuthClient(mock).signed_in()
        assert told["expires_in"] == 60
        mock.clock.advance(60)
        assert requests.get(f"{mock.api_url}/assets", headers=bearer(told["access_token"])).status_code == 401


# -------------------------------------------------------------------------------- who calls, revocation and such


def basic(name, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def test_a_client_says_who_it_is_as_it_registered(armor):
    client = OAuthClient(armor, token_endpoint_auth_method="client_secret_basic")
    secret, url = client.registered["client_secret"], f"{armor.url}/oauth/token"
    code = client.answered()["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}

    wrong = requests.post(url, data=form, headers=basic(client.id, "wrong"))
    refused(wrong, "invalid_client", 401)
    assert wrong.headers["WWW-Authenticate"].startswith("Basic")
    refused(requests.post(url, data={**form, "client_id": client.id, "client_secret": secret}), "invalid_client", 401)
    refused(requests.post(url, data={**form, "client_id": client.id}), "invalid_client", 401)
    refused(requests.post(url, data=form), "invalid_client", 401)
    refused(requests.post(url, data={**form, "client_id": "x"}, headers=basic(client.id, secret)), "invalid_request")
    refused(requests.post(url, data=form, headers={"Authorization": "Basic ???"}), "invalid_client", 401)
    assert requests.post(url, data=form, headers=basic(client.id, secret)).status_code == 200


def test_revocation(armor, client):
    told = client.signed_in()
    url = f"{armor.url}/oauth/revoke"
    assert requests.post(url, data={"client_id": client.id, "token": "unknown"}).status_code == 200
    other = OAuthClient(armor)
    assert requests.post(url, data={"client_id": other.id, "token": told["access_token"]}).status_code == 200
    assert requests.get(f"{armor.api_url}/assets", headers=bearer(told["access_token"])).status_code == 200
    assert requests.post(url, data={"client_id": client.id, "token": told["access_token"]}).text == ""
    assert requests.get(f"{armor.api_url}/assets", headers=bearer(told["access_token"])).status_code == 401
    renewed = client.token(grant_type="refresh_token", refresh_token=told["refresh_token"]).json()
    requests.post(url, data={"client_id": client.id, "token": renewed["refresh_token"]})
    assert requests.get(f"{armor.api_url}/assets", headers=bearer(renewed["access_token"])).status_code == 401
    refused(requests.post(url, data={"client_id": client.id}), "invalid_request")


def test_introspection(armor, client):
    told, url = client.signed_in(scope="openid"), f"{armor.url}/oauth/introspect"

    def asked(token):
        return requests.post(url, data={"client_id": client.id, "token": token}).json()

    access = asked(told["access_token"])
    assert (access["active"], access["scope"], access["client_id"]) == (True, "openid", client.id)
    assert asked(told["refresh_token"])["token_type"] == "refresh_token"
    assert asked("nonsense") == {"active": False}
    armor.tokens.expire_all()
    assert asked(told["access_token"]) == {"active": False}
    refused(requests.post(url, data={"token": told["access_token"]}), "invalid_client", 401)


def test_no_secret_of_the_flow_gets_into_the_journal(armor):
    client = OAuthClient(armor, token_endpoint_auth_method="client_secret_post")
    code = client.answered()["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    secret = client.registered["client_secret"]
    told = requests.post(
        f"{armor.url}/oauth/token", data={**form, "client_id": client.id, "client_secret": secret}
    ).json()
    requests.get(f"{armor.api_url}/assets", headers=bearer(told["access_token"]))
    journal = requests.get(f"{armor.url}/__mock__/journal").text + str(list(armor.calls))
    journal += str([*armor.deployment.tokens])
    for hidden in (code, secret, VERIFIER, told["access_token"], told["refresh_token"]):
        assert hidden not in journal


def test_clients_and_grants_go_with_snapshots(armor, client):
    before = armor.snapshot()
    refresh = client.signed_in()["refresh_token"]
    armor.restore(before)
    refused(client.token(grant_type="refresh_token", refresh_token=refresh), "invalid_grant")
