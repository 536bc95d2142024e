"""google-auth, the client of the Composer API, and Google's sample for Airflow's API, at our server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import google.auth
import pytest
import requests
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import Forbidden, NotFound
from google.auth.compute_engine import _metadata
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import InvalidOperation, RefreshError
from google.auth.transport.requests import AuthorizedSession, Request
from google.cloud.orchestration.airflow import service_v1
from google.cloud.orchestration.airflow.service_v1.services.environments.transports import EnvironmentsRestTransport
from google.oauth2 import credentials as user_credentials, id_token, service_account

from mock_airflow import MockAirflow

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
ENVIRONMENT = "projects/mock-project/locations/us-central1/environments/mock-airflow"


@pytest.fixture(params=["2.11.2", "3.3.2"])
def airflow(request: pytest.FixtureRequest) -> Iterator[MockAirflow]:
    with MockAirflow(profile="composer", airflow_version=request.param, world="demo", frozen=True) as mock:
        yield mock


def key_file(airflow: MockAirflow) -> dict[str, str]:
    told = airflow.deployment.profile.environment(airflow.url, airflow.credentials, airflow.settings)
    found: dict[str, str] = json.loads(told["GOOGLE_CREDENTIALS"])
    return found


def of_service_account(airflow: MockAirflow) -> service_account.Credentials:
    return service_account.Credentials.from_service_account_info(key_file(airflow), scopes=[SCOPE])


def client(airflow: MockAirflow, credentials: Credentials) -> service_v1.EnvironmentsClient:
    transport = EnvironmentsRestTransport(
        host=airflow.url.removeprefix("http://"), url_scheme="http", credentials=credentials
    )
    return service_v1.EnvironmentsClient(transport=transport)


def statuses(airflow: MockAirflow) -> list[tuple[str, int | None]]:
    return [(f"{call.method} {call.path}", call.status) for call in airflow.calls]


def test_a_token_that_expired_by_the_clock_is_refreshed(airflow: MockAirflow) -> None:
    session, dags = AuthorizedSession(of_service_account(airflow)), f"{airflow.api_url}/dags"
    assert session.get(dags).status_code == 200
    airflow.clock.advance(hours=1)
    assert session.get(dags).status_code == 200

    path = f"GET {airflow.deployment.api_path}/dags"
    asked = [("POST /token", 200), (path, 200)]
    assert statuses(airflow) == [*asked, (path, 401), *asked]


def test_the_sample_comes_in_by_the_metadata_server(airflow: MockAirflow, monkeypatch: pytest.MonkeyPatch) -> None:
    names = airflow.deployment.profile.environment(airflow.url, airflow.credentials, airflow.settings)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", "/nowhere")
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(_metadata, "_GCE_METADATA_HOST", names["GCE_METADATA_HOST"])  # read when it is imported
    credentials, project = google.auth.default(scopes=[SCOPE])
    answer = AuthorizedSession(credentials).get(
        f"{names['COMPOSER2_WEB_SERVER_URL']}{airflow.deployment.api_path}/dags"
    )

    assert project == "mock-project"
    assert answer.status_code == 200
    assert answer.json()["total_entries"] > 0


def test_a_users_refresh_token(airflow: MockAirflow) -> None:
    refresh_token = airflow.keys.create(name="vera", owner="vera@example.com").secret
    client_id, _, secret = airflow.settings.composer_oauth_client.partition(":")
    held = user_credentials.Credentials(
        None, refresh_token=refresh_token, token_uri=f"{airflow.url}/token", client_id=client_id, client_secret=secret
    )
    answer = AuthorizedSession(held).get(f"{airflow.api_url}/dags")
    assert answer.status_code == 200
    assert airflow.calls[-1].principal == "vera@example.com"

    airflow.keys.revoke(refresh_token[:8])
    with pytest.raises(RefreshError, match="Token has been expired or revoked"):
        held.refresh(Request())


def test_a_key_that_was_revoked(airflow: MockAirflow) -> None:
    held = of_service_account(airflow)
    airflow.failures.provoke("revoked")
    with pytest.raises(RefreshError, match="invalid_grant"):
        held.refresh(Request())


def test_an_id_token_is_verified_by_googles_own_code(airflow: MockAirflow) -> None:
    held = service_account.IDTokenCredentials.from_service_account_info(key_file(airflow), target_audience="somebody")
    held.refresh(Request())
    claims = id_token.verify_token(
        held.token, Request(), "somebody", certs_url=f"{airflow.url}/oauth2/v3/certs", clock_skew_in_seconds=60
    )
    assert claims["email"] == airflow.credentials["client_email"]


def test_the_environment_tells_where_airflow_is(airflow: MockAirflow) -> None:
    for credentials in (of_service_account(airflow), user_credentials.Credentials(_token(airflow))):
        found = client(airflow, credentials).get_environment(name=ENVIRONMENT)
        assert found.config.airflow_uri == airflow.url
        assert found.state == service_v1.Environment.State.RUNNING
        listed = client(airflow, credentials).list_environments(parent=ENVIRONMENT.rpartition("/environments/")[0])
        assert [each.name for each in listed] == [ENVIRONMENT]


def test_what_the_api_refuses_is_what_the_client_knows(airflow: MockAirflow) -> None:
    with pytest.raises(InvalidOperation, match="cannot be refreshed"):  # what google-auth makes of our 401
        client(airflow, AnonymousCredentials()).get_environment(name=ENVIRONMENT)
    with pytest.raises(NotFound, match="was not found"):
        client(airflow, of_service_account(airflow)).get_environment(name=f"{ENVIRONMENT}-2")
    airflow.failures.provoke("wrong-deployment")
    with pytest.raises(Forbidden, match="does not have permission"):
        client(airflow, of_service_account(airflow)).get_environment(name=ENVIRONMENT)


def _token(airflow: MockAirflow) -> str:
    return airflow.headers["Authorization"].split()[1]


def test_a_command_of_airflows_is_run_and_polled(airflow: MockAirflow) -> None:
    asked = client(airflow, of_service_account(airflow))
    made = asked.execute_airflow_command(
        request={"environment": ENVIRONMENT, "command": "dags", "subcommand": "list", "parameters": ["-o", "json"]}
    )
    polled = asked.poll_airflow_command(
        request={"environment": ENVIRONMENT, "execution_id": made.execution_id, "pod": made.pod}
    )
    assert polled.output_end
    assert polled.exit_info.exit_code == 0
    assert "daily_sales" in "".join(line.content for line in polled.output)


def test_the_client_is_told_the_address_by_options_too() -> None:
    options = ClientOptions(api_endpoint="composer.example")
    assert (
        service_v1.EnvironmentsClient(
            credentials=AnonymousCredentials(), transport="rest", client_options=options
        ).api_endpoint
        == "composer.example"
    )


def test_composer_1_by_identity_aware_proxy() -> None:
    with MockAirflow(profile="composer", composer_generation="1", frozen=True) as airflow:
        redirect = requests.get(airflow.url, allow_redirects=False)
        asked = parse_qs(urlsplit(redirect.headers["location"]).query)
        held = service_account.IDTokenCredentials.from_service_account_info(
            key_file(airflow), target_audience=asked["client_id"][0]
        )
        assert AuthorizedSession(held).get(f"{airflow.api_url}/dags").status_code == 200
