"""Composer's gate: who comes in, as which user of Airflow's, and what anybody else is answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import SettingError

CLOCK = "2025-01-01T06:00:00Z"
ACCOUNT = "mock-airflow@mock-project.iam.gserviceaccount.com"
LONG = f"a-service-account-of-ours@{'a-rather-long-name-of-a-project'}.iam.gserviceaccount.com"


@pytest.fixture(params=["2.11.2", "3.3.2"])
def composer(request: pytest.FixtureRequest) -> Iterator[MockAirflow]:
    with MockAirflow(profile="composer", airflow_version=request.param, clock=CLOCK, frozen=True) as mock:
        yield mock


def ask(mock: MockAirflow, headers: Any = None, path: str = "/dags", method: str = "GET", **more: Any) -> Any:
    return requests.request(method, mock.api_url + path, headers=headers, allow_redirects=False, **more)


def users(mock: MockAirflow) -> dict[str, tuple[str, ...]]:
    return {user.username: user.roles for user in mock.deployment.airflow.users}


def test_a_new_caller_becomes_a_user_with_the_role_op(composer: MockAirflow) -> None:
    assert users(composer) == {}
    assert ask(composer, composer.headers).status_code == 200
    assert users(composer) == {ACCOUNT: ("Op",)}

    assert ask(composer, composer.headers, "/pools", "POST", json={"name": "p", "slots": 1}).status_code in (200, 201)
    assert users(composer) == {ACCOUNT: ("Op",)}
    assert [call.principal for call in composer.calls] == [ACCOUNT, ACCOUNT]


def test_the_role_of_a_new_caller_is_a_setting() -> None:
    with MockAirflow(profile="composer", composer_auth_user_registration_role="Viewer", frozen=True) as mock:
        refused = ask(mock, mock.headers, "/pools", "POST", json={"name": "p", "slots": 1})
        assert (refused.status_code, refused.json()["title"]) == (403, "Forbidden")
        assert users(mock) == {ACCOUNT: ("Viewer",)} or users(mock) == {}
    with pytest.raises(SettingError, match="role 'Operator' of composer_auth_user_registration_role; the roles are"):
        MockAirflow(profile="composer", composer_auth_user_registration_role="Operator").headers  # noqa: B018


def test_a_user_who_is_there_keeps_the_roles() -> None:
    with MockAirflow(profile="composer", user=("vera:vera:Viewer",), frozen=True) as mock:
        key = mock.keys.create(name="of vera", owner="vera")
        token = exchanged(mock, key.secret)
        assert ask(mock, {"Authorization": f"Bearer {token}"}).status_code == 200
        assert users(mock) == {"vera": ("Viewer",)}
        assert mock.calls[-1].principal == "vera"


def exchanged(mock: MockAirflow, refresh_token: str) -> str:
    client_id, _, secret = mock.settings.composer_oauth_client.partition(":")
    form = {"client_id": client_id, "client_secret": secret, "refresh_token": refresh_token}
    answer = requests.post(f"{mock.url}/token", data={"grant_type": "refresh_token", **form})
    return str(answer.json()["access_token"])


def of_account(mock: MockAirflow, email: str) -> dict[str, str]:
    issued = mock.keys.create(name="long", owner=email)
    credentials = {"client_email": email, "private_key_id": issued.secret}
    return mock.deployment.profile.headers(credentials, mock.deployment)


def test_a_name_of_more_than_64_letters_is_registered_by_its_number(composer: MockAirflow) -> None:
    assert len(LONG) > 64
    assert ask(composer, of_account(composer, LONG)).status_code == 200
    ((name, roles),) = users(composer).items()
    assert (name.partition(":")[0], roles) == ("accounts.google.com", ("Op",))
    assert name.partition(":")[2].isdigit()


def test_such_a_name_may_have_to_be_registered_by_hand() -> None:
    with MockAirflow(profile="composer", composer_registers_long_names=False, frozen=True) as mock:
        headers = of_account(mock, LONG)
        assert ask(mock, headers).status_code == 403
        made = mock.calls[-1].would_pass.split()[2].rstrip(",")
        assert made.startswith("accounts.google.com:")
        by_hand = {"username": made, "email": made, "first_name": "a", "last_name": "b", "password": "-"}
        admin = mock.principal("Admin").headers
        assert ask(mock, admin, "/users", "POST", json={**by_hand, "roles": [{"name": "Viewer"}]}).status_code == 200
        assert ask(mock, headers).status_code == 200
        assert mock.calls[-1].principal == made


@pytest.mark.parametrize("header", [None, "", "Basic YWRtaW46YWRtaW4=", "{token}", "Bearer", "Bearer {token} x"])
def test_without_a_token_a_client_is_sent_to_the_sign_in(composer: MockAirflow, header: str | None) -> None:
    token = composer.headers["Authorization"].split()[1]
    answer = ask(composer, {} if header is None else {"Authorization": header.format(token=token)})
    location = urlsplit(answer.headers["Location"])

    assert (answer.status_code, location.path) == (302, "/o/oauth2/v2/auth")
    assert requests.get(answer.headers["Location"]).headers["Content-Type"].startswith("text/html")
    assert composer.calls[0].rule in ("no credential", "scheme")


def test_where_the_sign_in_is_and_whether_one_is_sent_there_are_settings() -> None:
    with MockAirflow(profile="composer", composer_accounts_url="https://accounts.google.com/", frozen=True) as mock:
        assert ask(mock).headers["Location"].startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    with MockAirflow(profile="composer", composer_no_credential="401", frozen=True) as mock:
        assert ask(mock).status_code == 401


def test_a_token_that_counts_no_more_is_401(composer: MockAirflow) -> None:
    headers = composer.headers
    for changed, rule in (("x", "unknown"), ("", "expired")):
        sent = {"Authorization": headers["Authorization"] + changed}
        if not changed:
            composer.clock.advance(hours=1)
        answer = ask(composer, sent)
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, "text/html; charset=utf-8")
        assert composer.calls[-1].rule == rule


def test_an_account_that_iam_gives_no_role_is_403(composer: MockAirflow) -> None:
    composer.failures.provoke("wrong-deployment")
    answer = ask(composer, composer.headers)
    assert (answer.status_code, composer.calls[-1].rule) == (403, "no role")
    assert "Error 403 (Forbidden)" in answer.text


def test_an_inactive_user_and_a_token_for_something_else_are_403(composer: MockAirflow) -> None:
    from msgspec.structs import replace

    ask(composer, composer.headers)
    airflow = composer.deployment.airflow
    airflow.users.put(replace(airflow.users.get(ACCOUNT), active=False))
    assert ask(composer, composer.headers).status_code == 403
    assert composer.calls[-1].rule == "inactive user"

    url = f"{composer.url}/computeMetadata/v1/instance/service-accounts/default/token?scopes=openid"
    token = requests.get(url, headers={"Metadata-Flavor": "Google"}).json()["access_token"]
    assert ask(composer, {"Authorization": f"Bearer {token}"}).status_code == 403
    assert composer.calls[-1].rule == "scope"


def test_a_deleted_key_leaves_its_tokens_by_a_setting() -> None:
    for outlive, status in ((True, 200), (False, 401)):
        with MockAirflow(profile="composer", composer_tokens_outlive_keys=outlive, frozen=True) as mock:
            headers = mock.headers
            mock.keys.delete(mock.credentials["private_key_id"][:8])
            assert ask(mock, headers).status_code == status


def test_the_web_servers_host_form_is_answered() -> None:
    with MockAirflow(profile="composer", composer_web_server="host", composer_location="europe-west1") as mock:
        place = f"{mock.url}/v1/projects/mock-project/locations/europe-west1/environments/mock-airflow"
        uri = requests.get(place, headers=mock.headers).json()["config"]["airflowUri"]
        assert urlsplit(uri).netloc.endswith("-dot-europe-west1.composer.googleusercontent.com")
        with mock.intercept(uri):
            assert requests.get(f"{uri}/api/v1/dags", headers=mock.headers).status_code == 200


# ----------------------------------------------------------------------------------------------------------- Composer 1


@pytest.fixture
def composer_1() -> Iterator[MockAirflow]:
    with MockAirflow(profile="composer", composer_generation="1", clock=CLOCK, frozen=True) as mock:
        yield mock


def test_identity_aware_proxy_names_its_client_in_the_redirect(composer_1: MockAirflow) -> None:
    answer = requests.get(composer_1.url, allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["X-Goog-IAP-Generated-Response"] == "true"
    (client,) = parse_qs(urlsplit(answer.headers["Location"]).query)["client_id"]
    assert client == composer_1.settings.composer_iap_client_id


def id_token(mock: MockAirflow, audience: str) -> dict[str, str]:
    url = f"{mock.url}/computeMetadata/v1/instance/service-accounts/default/identity?audience={audience}"
    return {"Authorization": f"Bearer {requests.get(url, headers={'Metadata-Flavor': 'Google'}).text}"}


def test_identity_aware_proxy_takes_id_tokens_for_its_client_alone(composer_1: MockAirflow) -> None:
    client = composer_1.settings.composer_iap_client_id
    assert ask(composer_1, id_token(composer_1, client)).status_code == 200

    refused = ask(composer_1, id_token(composer_1, "somebody-else"))
    assert refused.status_code == 401
    assert refused.text == (
        "Invalid IAP credentials: JWT audience doesn't match this application ('aud' claim (somebody-else) doesn't"
        f" match expected value ({client}))"
    )
    assert ask(composer_1, {"Authorization": "Bearer ya29.x"}).text == "Invalid IAP credentials: Unable to parse JWT"
    held = id_token(composer_1, client)
    composer_1.clock.advance(hours=1)
    assert ask(composer_1, held).text == "Invalid IAP credentials: Expired JWT"


def test_composer_1_has_no_airflow_3() -> None:
    with pytest.raises(SettingError, match=r"Composer 1 has no Airflow 3\.3\.2: set composer_generation to 3"):
        MockAirflow(profile="composer", composer_generation="1", airflow_version="3.3.2")
