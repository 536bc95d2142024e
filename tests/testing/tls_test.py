"""A test's own Airflow over TLS."""

from __future__ import annotations

import pytest
import requests

from mock_airflow import MockAirflow


@pytest.mark.parametrize(
    "settings", [{}, {"airflow_version": "3.3.2"}, {"profile": "datacoves"}], ids=["2", "3", "gate"]
)
def test_its_server_speaks_tls_when_told_so(settings: dict[str, str]) -> None:
    with MockAirflow(tls_self_signed=True, **settings) as airflow:
        assert airflow.api_url.startswith("https://127.0.0.1:")
        answer = requests.get(f"{airflow.api_url}/dags", headers=airflow.headers, verify=airflow.ca_file)
        assert answer.status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(airflow.url)
        assert [call.path.rpartition("/")[2] for call in airflow.calls if call.status == 200][-1] == "dags"
        assert all(value.startswith("https:") for value in airflow.env.values() if "://" in value)
        assert airflow.fork().url.startswith("https://")


def test_without_it_there_is_nothing_to_trust() -> None:
    with MockAirflow() as airflow:
        assert airflow.ca_file is None
        assert airflow.url.startswith("http://")


def test_its_other_face_speaks_it_too() -> None:
    with MockAirflow(tls_self_signed=True, airflow_version="3.3.2") as airflow:
        old = airflow.seen_as("2.11.2")
        assert requests.get(f"{old.api_url}/health", verify=old.ca_file).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_who_speaks_plain_http_to_it_is_told_so(method: str) -> None:
    with MockAirflow(tls_self_signed=True) as airflow:
        url = airflow.api_url.replace("https://", "http://")
        answer = requests.request(method, f"{url}/dags", data=b"x" * 1_000_000)
        assert answer.status_code == 400
        assert answer.text == "This server speaks TLS, and plain HTTP arrived: use a URL that starts with https://.\n"
        assert requests.get(f"{airflow.api_url}/health", verify=airflow.ca_file).status_code == 200
        assert [call.method for call in airflow.calls] == ["GET"]
