"""`mock_airflow_env`: exactly the variables that each vendor's pages and tools name, for the time of the test."""

from __future__ import annotations

from typing import Any

import pytest

from mock_airflow.settings import PROFILES
from tests.plugin.suite import Suite

# In this order: what scripts commonly use, as Airflow names none; the pages on My Airflow and on Team Airflow; the
# script of the page on service accounts; the page on Deployment API keys, the command line's code and the scripts'
# names for the two URLs; Google's sample, google-auth's code and Terraform's page; botocore's code, and a name that
# scripts use; the Python package's and the JavaScript one's; PyAirbyte's code.
NAMES = {
    "airflow2": "AIRFLOW_API_URL AIRFLOW_USERNAME AIRFLOW_PASSWORD",
    "airflow3": "AIRFLOW_API_URL AIRFLOW_USERNAME AIRFLOW_PASSWORD",
    "datacoves": "MY_AIRFLOW_API_URL MY_AIRFLOW_API_KEY AIRFLOW_API_URL DATACOVES_API_KEY",
    "astronomer-software": "BASE_URL DEPLOYMENT_ID TOKEN HOUSTON_URL",
    "astro": "ASTRONOMER_KEY_ID ASTRONOMER_KEY_SECRET ASTRO_DOMAIN ASTRO_AUTH_URL ASTRO_API_URL",
    "composer": "COMPOSER2_WEB_SERVER_URL GCE_METADATA_HOST GCE_METADATA_IP GOOGLE_CLOUD_PROJECT GOOGLE_CREDENTIALS",
    "mwaa": "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION AWS_REGION AWS_ENDPOINT_URL_MWAA "
    "AWS_DISABLE_HOST_PREFIX_INJECTION MWAA_ENV_NAME",
    "gateway": "AIRFLOW_API_URL AIRFLOW_API_KEY",
    "anomalyarmor": "ARMOR_API_KEY ARMOR_API_URL ANOMALYARMOR_API_KEY",
    "airbyte": "AIRBYTE_CLOUD_CLIENT_ID AIRBYTE_CLOUD_CLIENT_SECRET AIRBYTE_CLOUD_API_URL AIRBYTE_CLOUD_CONFIG_API_URL "
    "AIRBYTE_CLOUD_WORKSPACE_ID",
}


def test_every_profile_is_looked_at() -> None:
    assert {*NAMES} == {*PROFILES}


@pytest.mark.parametrize("profile", PROFILES)
def test_names_of_the_profile_are_set_and_undone(suite: Suite, monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    first, *others = NAMES[profile].split()
    monkeypatch.setenv(first, "as it was")
    for name in others:
        monkeypatch.delenv(name, raising=False)
    suite.write(
        f"""
        import os

        import pytest
        import requests

        names = {{*{[first, *others]!r}}}

        def others():
            return {{name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}}

        before = others()

        @pytest.mark.mock_airflow(profile={profile!r})
        def test_set(mock_airflow, mock_airflow_env):
            assert {{*mock_airflow_env}} == names
            assert others() == before | mock_airflow_env
            for name, value in mock_airflow_env.items():
                if value.startswith("http"):
                    assert value.startswith(mock_airflow.url), name
                    assert requests.get(value).status_code < 500
            secrets = {{*mock_airflow.credentials.values()}}
            told = "".join(mock_airflow_env.values())
            assert all(secret in told for secret in secrets)

        def test_undone():
            assert others() == before
            assert os.environ[{first!r}] == "as it was"

        @pytest.mark.mock_airflow(profile={profile!r})
        def test_not_asked_for(mock_airflow):
            assert others() == before
        """
    )
    assert suite.outcomes() == {"passed": 3}


@pytest.mark.mock_airflow(profile="datacoves")
def test_the_pages_own_lines_work(mock_airflow: Any, mock_airflow_env: dict[str, str]) -> None:
    import os

    import requests

    mock_airflow.add_dag("etl")
    url, key = os.environ["MY_AIRFLOW_API_URL"], os.environ["MY_AIRFLOW_API_KEY"]
    answer = requests.get(f"{url}/dags", headers={"Authorization": f"Token {key}"})  # two slashes, as on the page

    assert answer.json()["dags"][0]["dag_id"] == "etl"
    assert [call.status for call in mock_airflow.calls] == [308, 200]
