"""An environment of both generations over TLS, which botocore and requests are told to trust."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_airflow import MockAirflow


@pytest.fixture(scope="session", params=["2.11.2", "3.3.2"])
def airflow(request: pytest.FixtureRequest) -> Iterator[MockAirflow]:
    settings = {"airflow_version": request.param, "world": "demo", "tls_self_signed": True}
    with MockAirflow(profile="mwaa", mwaa_more_environments="a-second,a-third", runs="manual", **settings) as mock:
        yield mock


@pytest.fixture(autouse=True)
def _environment(airflow: MockAirflow, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    start = airflow.snapshot()
    for name, value in airflow.env.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(airflow.ca_file))
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # it remembers the credentials that it read first
    yield
    airflow.restore(start)
