"""Composer under attack: tokens of another kind, delegation, settings of nonsense."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import SettingError
from tests.access.composer.tokens_test import assertion, exchange


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
