"""The vendors' gates before an Airflow 3: which credentials open it, which roles it has, and every failure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import AccessKeyError, FailureError, SettingError
from mock_airflow.failures.catalogue import CATALOGUE
from mock_airflow.settings import PROFILES

CLOCK = "2025-01-01T06:00:00Z"
VENDORS = [name for name in PROFILES if not name.startswith("airflow")]


def mock_of(profile: str, **settings: Any) -> MockAirflow:
    return MockAirflow(profile=profile, airflow_version="3.3.2", clock=CLOCK, frozen=True, **settings)


@pytest.fixture(params=VENDORS)
def airflow(request: pytest.FixtureRequest) -> Iterator[MockAirflow]:
    with mock_of(request.param) as mock:
        yield mock


def ask(mock: MockAirflow, headers: Any = None, path: str = "/dags", method: str = "GET", **more: Any) -> Any:
    return requests.request(method, mock.api_url + path, headers=headers, allow_redirects=False, **more)


def pool(mock: MockAirflow, headers: Any) -> Any:
    return ask(mock, headers, "/pools", "POST", json={"name": "p", "slots": 1})


def test_a_credential_opens_the_api_of_airflow_3(airflow: MockAirflow) -> None:
    assert airflow.api_url.endswith("/api/v2")
    assert ask(airflow, airflow.headers).json() == {"dags": [], "total_entries": 0}
    if airflow.deployment.profile.gateway:  # which asks everywhere
        assert ask(airflow, path="/version").status_code in (302, 401)


def test_roles_are_those_of_fab(airflow: MockAirflow) -> None:
    assert airflow.settings.fab_auth_manager
    viewer, op, public = (airflow.principal(role).headers for role in ("Viewer", "Op", "Public"))
    assert [ask(airflow, viewer).status_code, pool(airflow, viewer).status_code] == [200, 403]
    assert pool(airflow, op).status_code == 201
    assert ask(airflow, op, "/assets").status_code == 200
    if airflow.settings.profile in ("composer", "astro", "astronomer-software"):
        assert ask(airflow, public).status_code == 403
    admin = airflow.principal("Admin").headers
    users = requests.get(f"{airflow.url}{airflow.deployment.mount}/auth/fab/v1/users", headers=admin)
    assert users.status_code == 200


def test_the_simple_auth_manager_can_be_chosen() -> None:
    with mock_of("datacoves", auth_manager="simple") as mock:
        users = requests.get(f"{mock.url}/auth/fab/v1/users", headers=mock.headers)
        assert users.headers["Content-Type"].startswith("text/html")  # that manager's page stands below /auth


@pytest.mark.parametrize("profile", VENDORS)
def test_each_failure_is_met_as_it_looks(profile: str) -> None:
    edition = {"airbyte_edition": "cloud"} if profile == "airbyte" else {}
    base = mock_of(profile, **edition)
    met = 0
    for name, failure in CATALOGUE.items():
        mock = base.fork()
        try:
            look = mock.failures.look(name)
        except FailureError:
            continue
        met += 1
        if look.request != "GET /api/v2/dags" or failure.passing or failure.kind == "gateway":
            continue
        headers = mock.headers
        mock.failures.provoke(name)
        if failure.kind == "permission":
            headers = mock.headers
        with mock.intercept("http://airflow.example"):
            url = f"http://airflow.example{mock.deployment.mount}/api/v2/dags"
            answer = requests.get(url, headers=headers, allow_redirects=False)
        assert (name, answer.status_code) == (name, look.status)
    assert met > len(CATALOGUE) - 5


# ---------------------------------------------------------------------------------------------------------------- Astro


def test_astro_has_api_tokens_alone() -> None:
    with mock_of("astro") as mock:
        assert {*mock.credentials} == {"api_token"}
        env = mock.deployment.profile.environment(mock.url, mock.credentials, mock.settings)
        assert {*env} == {"ASTRO_API_TOKEN", "ASTRO_DOMAIN", "ASTRO_API_URL"}
        assert mock.headers == {"Authorization": f"Bearer {mock.credentials['api_token']}"}
        body = {"client_id": "x", "client_secret": "y", "audience": "astronomer-ee", "grant_type": "client_credentials"}
        refused = requests.post(f"{mock.url}/oauth/token", json=body)
        assert (refused.status_code, refused.json()["error"]) == (403, "unauthorized_client")
        assert mock.calls[-1].rule == "keys are gone"


def test_astros_tokens_are_made_rotated_and_expire() -> None:
    with mock_of("astro") as mock:
        made = mock.keys.create(name="ci", scope="read-only", expires_in=3600)
        sent = {"Authorization": f"Bearer {made.secret}"}
        assert [ask(mock, sent).status_code, pool(mock, sent).status_code] == [200, 403]
        rotated = mock.keys.rotate(made)
        assert ask(mock, sent).status_code == 401
        sent = {"Authorization": f"Bearer {rotated.secret}"}
        assert ask(mock, sent).status_code == 200
        mock.keys.delete(made)
        assert ask(mock, sent).status_code == 401
        timed = mock.keys.create(name="timed", expires_in=3600)
        mock.clock.advance(hours=1)
        assert ask(mock, {"Authorization": f"Bearer {timed.secret}"}).status_code == 401
        with pytest.raises(AccessKeyError, match="signed JWT, so its value cannot be given"):
            mock.keys.create(secret="my-secret-key-0001")
    with pytest.raises((AccessKeyError, SettingError), match="its value cannot be given"):
        mock_of("astro", key=("my-secret-key-0001:read-only",)).headers  # noqa: B018


def test_astros_keys_and_its_tokens_role_are_settings() -> None:
    with mock_of("astro", astro_api_keys=True) as mock:
        assert {*mock.credentials} == {"key_id", "key_secret"}
        assert ask(mock, mock.headers).status_code == 200
    with mock_of("astro", astro_deployment_token_role="Op") as mock:
        assert pool(mock, mock.headers).status_code == 201
        users = requests.get(f"{mock.url}{mock.deployment.mount}/auth/fab/v1/users", headers=mock.headers)
        assert users.status_code == 403
    with MockAirflow(profile="astro", astro_api_keys=False, frozen=True) as mock:
        assert {*mock.credentials} == {"api_token"}


# ------------------------------------------------------------------------------------ Datacoves and Astronomer Software


def test_datacoves_documented_form_before_api_v2() -> None:
    with mock_of("datacoves") as mock:
        env = mock.deployment.profile.environment(mock.url, mock.credentials, mock.settings)
        assert env["MY_AIRFLOW_API_URL"] == f"{mock.url}/api/v2/"
        sent = {"Authorization": f"Token {env['MY_AIRFLOW_API_KEY']}"}
        assert requests.get(env["MY_AIRFLOW_API_URL"] + "dags", headers=sent).status_code == 200
        bearer = {"Authorization": f"Bearer {env['MY_AIRFLOW_API_KEY']}"}
        assert requests.get(env["MY_AIRFLOW_API_URL"] + "dags", headers=bearer).status_code == 401


def test_astronomer_software_has_its_pages_and_no_experimental_api() -> None:
    with mock_of("astronomer-software") as mock:
        release = f"{mock.url}/quasar-1234/airflow"
        assert requests.get(f"{release}/api/v2/dags", headers=mock.headers).status_code == 200
        gone = requests.get(f"{release}/api/experimental/pools", headers=mock.headers)
        assert (gone.status_code, gone.headers["Content-Type"].partition(";")[0]) == (404, "text/html")
        assert ask(mock).status_code == 302
