"""OAuth 2.1: discovery, registration, the consent page."""

from __future__ import annotations

import pytest
import requests

from mock_airflow import MockAirflow

from .oauth_client import REDIRECT, OAuthClient, brought_back, refused


@pytest.fixture
def client(armor):
    return OAuthClient(armor)


# ----------------------------------------------------------------------------------------------------------- discovery


def test_the_server_tells_of_itself(armor):
    told = requests.get(f"{armor.url}/.well-known/oauth-authorization-server")
    assert told.json() == requests.get(f"{armor.url}/.well-known/openid-configuration").json()
    assert told.headers["Cache-Control"] == "public, max-age=3600"
    assert told.headers["Access-Control-Allow-Origin"] == "*"
    metadata = told.json()
    assert metadata["issuer"] == armor.url
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["scopes_supported"] == ["openid", "profile", "email", "offline_access"]
    for name, path in [
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("registration_endpoint", "/oauth/register"),
        ("userinfo_endpoint", "/oauth/userinfo"),
        ("jwks_uri", "/.well-known/jwks.json"),
        ("revocation_endpoint", "/oauth/revoke"),
        ("introspection_endpoint", "/oauth/introspect"),
    ]:
        assert metadata[name] == armor.url + path


@pytest.mark.parametrize("path", ["", "/mcp"])
def test_the_resource_tells_who_guards_it(armor, path):
    told = requests.get(f"{armor.url}/.well-known/oauth-protected-resource{path}").json()
    assert told == {
        "resource": f"{armor.url}/mcp",
        "authorization_servers": [armor.url],
        "scopes_supported": [],
        "bearer_methods_supported": ["header"],
        "resource_name": "AnomalyArmor MCP Server",
    }


def test_what_the_metadata_say_beyond_what_is_known_are_settings():
    words = {"anomalyarmor_server_slash": "yes", "anomalyarmor_oauth_extras": "no"}
    with MockAirflow(profile="anomalyarmor", anomalyarmor_issuer="https://clerk.example.com/", **words) as mock:
        resource = requests.get(f"{mock.url}/.well-known/oauth-protected-resource").json()
        server = requests.get(f"{mock.url}/.well-known/oauth-authorization-server").json()
    assert resource["authorization_servers"] == ["https://clerk.example.com/"]
    assert server["issuer"] == "https://clerk.example.com"
    assert server["token_endpoint"] == "https://clerk.example.com/oauth/token"
    assert "revocation_endpoint" not in server


# -------------------------------------------------------------------------------------------------------- registration


def test_a_client_registers_itself(armor):
    told = OAuthClient(armor, token_endpoint_auth_method="client_secret_post", scope="openid email").registered
    assert told["client_secret_expires_at"] == 0
    assert told["client_id_issued_at"] == int(armor.clock.now().timestamp())
    assert (told["scope"], told["redirect_uris"], told["client_name"]) == ("openid email", [REDIRECT], "Tester")
    assert "client_secret" not in OAuthClient(armor).registered
    assert OAuthClient(armor, token_endpoint_auth_method="client_secret_basic").registered["client_secret"]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": "http://127.0.0.1/"}, "invalid_redirect_uri"),
        ({"redirect_uris": ["/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://example.com/#here"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://example.com/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://[::1"]}, "invalid_redirect_uri"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"grant_types": ["refresh_token"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"client_name": 7}, "invalid_client_metadata"),
        ({"scope": ["openid"]}, "invalid_client_metadata"),
    ],
)
def test_a_client_that_cannot_be(armor, changed, error):
    refused(requests.post(f"{armor.url}/oauth/register", json={"redirect_uris": [REDIRECT], **changed}), error)


def test_a_registration_that_is_no_object(armor):
    refused(requests.post(f"{armor.url}/oauth/register", json=[]), "invalid_client_metadata")


# ------------------------------------------------------------------------------------------------------------- consent


def test_a_person_is_asked_and_may_say_no(client):
    page = client.asked()
    assert page.status_code == 200
    assert "<strong>Tester</strong>" in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    told = client.answered("deny")
    assert (told["error"], told["state"]) == ("access_denied", "a state")


def test_what_a_client_calls_itself_is_text_on_the_page(armor):
    page = OAuthClient(armor, client_name="<script>alert(1)</script>").asked()
    assert "<script>" not in page.text


def test_nobody_is_asked_by_a_setting():
    with MockAirflow(profile="anomalyarmor", anomalyarmor_auto_approve="yes") as mock:
        answer = OAuthClient(mock).asked()
        told = brought_back(answer)
    assert answer.status_code == 302
    assert {*told} == {"code", "state"}


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "nobody"}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": f"{REDIRECT}/more"}],
)
def test_whom_nobody_knows_is_never_sent_back(client, changed):
    answer = client.asked(**changed)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert client.mock.calls[-1].reason


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "openid root"}, "invalid_scope"),
    ],
)
def test_a_wrong_request_is_told_to_the_client(client, changed, error):
    answer = client.asked(**changed)
    assert answer.status_code == 302
    told = brought_back(answer)
    assert (told["error"], told["state"]) == (error, "a state")


def test_a_loopback_port_is_the_clients_to_choose(client):
    assert client.asked(redirect_uri="http://127.0.0.1:9999/callback").status_code == 200
    assert client.asked(redirect_uri="http://localhost:7777/callback").status_code == 400


def test_a_question_is_answered_once_and_in_time(armor, client):
    ticket = client.asked().text.partition('name="ticket" value="')[2].partition('"')[0]
    form = {"ticket": ticket, "decision": "approve"}
    url = f"{armor.url}/oauth/authorize"
    assert requests.post(url, data=form, allow_redirects=False).status_code == 302
    refused(requests.post(url, data=form, allow_redirects=False), "invalid_request")
    ticket = client.asked().text.partition('name="ticket" value="')[2].partition('"')[0]
    armor.clock.advance(minutes=10)
    refused(requests.post(url, data={"ticket": ticket, "decision": "approve"}), "invalid_request")
    refused(requests.post(url, data={}), "invalid_request")
