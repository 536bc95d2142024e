"""Principals of a test's own: what their roles may, and the credentials that a profile hands out."""

import pytest

from mock_airflow import MockAirflow
from mock_airflow.errors import (
    UnknownRoleError,
)
from tests.testing.calling import call


@pytest.mark.parametrize("profile", ["airflow2", "datacoves"])
@pytest.mark.parametrize("role", ["Admin", "Op", "User", "Viewer", "Public"])
def test_principal_acts_with_its_role(profile, role):
    mock = MockAirflow(profile=profile)
    mock.add_dag("etl")
    logins = [user.login_count for user in mock.deployment.airflow.users]
    account = mock.principal(role)
    assert [user.login_count for user in mock.deployment.airflow.users][: len(logins)] == logins
    answers = [
        call(mock, "GET", "/dags", account.headers).status_code,
        call(mock, "POST", "/dags/etl/dagRuns", account.headers, json={}).status_code,
        call(mock, "POST", "/pools", account.headers, json={"name": "p", "slots": 1}).status_code,
    ]

    assert account.roles == (role,)
    assert {each.principal for each in mock.calls} == {account.name}
    assert (
        answers
        == {
            "Public": [403, 403, 403],
            "Viewer": [200, 403, 403],
            "User": [200, 200, 403],
            "Op": [200, 200, 200],
            "Admin": [200, 200, 200],
        }[role]
    )
    assert all(value not in repr(account) for value in account.headers.values())


def test_unknown_role_names_the_nearest(airflow):
    with pytest.raises(UnknownRoleError, match="no role 'viewer'; did you mean 'Viewer'"):
        airflow.principal("viewer")


def test_the_simple_auth_manager_knows_its_own_roles_only():
    mock = MockAirflow(airflow_version="3.3.2")

    with pytest.raises(UnknownRoleError, match=r"Simple auth manager has no role 'Public'.*auth_manager=fab"):
        mock.principal("Public")
    assert "public" not in mock.deployment.passwords


def test_credentials_are_those_of_the_profile():
    assert MockAirflow().credentials == {"username": "admin", "password": "admin"}
    assert MockAirflow().headers == {"Authorization": "Basic YWRtaW46YWRtaW4="}
    datacoves = MockAirflow(profile="datacoves")
    assert datacoves.headers == {"Authorization": f"Token {datacoves.credentials['api_key']}"}
    assert MockAirflow(profile="datacoves").credentials == datacoves.credentials  # from the seed
    assert MockAirflow(profile="datacoves", seed=1).credentials != datacoves.credentials


def test_env_points_at_the_server():
    with MockAirflow(profile="datacoves") as mock:
        assert mock.env["MY_AIRFLOW_API_URL"] == mock.api_url + "/"
        assert mock.env["MY_AIRFLOW_API_KEY"] == mock.credentials["api_key"]
    with MockAirflow() as mock:
        assert mock.env["AIRFLOW_API_URL"] == mock.api_url
