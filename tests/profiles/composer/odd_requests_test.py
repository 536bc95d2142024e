"""Composer under attack: tokens of another kind, delegation, settings of nonsense."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.access.signing import private_key
from mock_airflow.errors import SettingError
from tests.profiles.composer.tokens_test import NOW, assertion, exchange


def test_an_id_token_is_no_access_token() -> None:
    with MockAirflow(profile="composer", clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        made = exchange(mock, assertion=assertion(mock, scope="", target_audience="https://it.example")).json()
        answer = requests.get(f"{mock.api_url}/dags", headers={"Authorization": f"Bearer {made['id_token']}"})

        assert answer.status_code == 401
        assert "id token" in mock.calls[-1].reason


def test_a_service_account_acts_for_nobody_else() -> None:
    with MockAirflow(profile="composer", clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        answer = exchange(mock, assertion=assertion(mock, sub="vera@example.com"))
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized_client")

        itself = assertion(mock, sub=mock.credentials["client_email"])
        assert exchange(mock, assertion=itself).status_code == 200


def test_a_stranger_with_a_token_for_the_right_application_has_no_role_in_iam() -> None:
    with MockAirflow(profile="composer", composer_generation="1", clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        audience = mock.settings.composer_iap_client_id

        def answered(email: str, issuer: str = "https://accounts.google.com") -> Any:
            told = {"iss": issuer, "aud": audience, "email": email, "sub": "1", "exp": NOW + 60}
            token = jwt.encode(told, private_key(), algorithm="RS256")
            return requests.get(f"{mock.api_url}/dags", headers={"Authorization": f"Bearer {token}"})

        assert answered(mock.credentials["client_email"]).status_code == 200
        assert answered("stranger@example.com").status_code == 403
        assert "issuer" in answered("stranger@example.com", "https://evil.example").text


@pytest.mark.parametrize(
    "odd",
    [
        {"composer_project": ""},
        {"composer_project": "My Project"},
        {"composer_location": "x/y"},
        {"composer_environment": "a/b"},
        {"composer_accounts_url": "accounts.google.com"},
        {"composer_accounts_url": "https://a\nb"},
        {"composer_token_seconds": 10**18},
        {"composer_command_seconds": 10**18},
        {"composer_oauth_client": "id-without-a-secret"},
        {"composer_iap_client_id": ""},
    ],
)
def test_settings_that_make_no_sense(odd: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=next(iter(odd))):
        MockAirflow(profile="composer", **odd)
