"""Every fixture, with its type: `.ci/run` has mypy check this file, strictly, against the installed wheel."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mock_airflow import Settings
from pytest_mock_airflow import (
    AirflowHTTPServer,
    MatrixCase,
    MockAirflow,
    MockAirflowFactory,
    ThrowawayAuthority,
    VirtualSleep,
)


def status(url: str, headers: Mapping[str, str]) -> int:
    """The status of an answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=dict(headers))) as answer:
            code: int = answer.status
            return code
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.fixture
def mock_airflow_settings() -> dict[str, Any]:
    """What all tests of this file share."""
    return {"seed": 7, "frozen": True}


def test_settings_are_known_by_name_and_type() -> None:
    with pytest.raises(TypeError, match="no setting 'profil'"):
        Settings(profil="astro")  # type: ignore[call-arg]
    profile: str = Settings(profile="astro", seed=7).profile
    assert profile == "astro"
    Settings(seed="seven")  # type: ignore[arg-type]


@pytest.mark.mock_airflow(profile="datacoves", strict=True)
def test_one(mock_airflow: MockAirflow, mock_airflow_env: dict[str, str]) -> None:
    run_id: str = mock_airflow.trigger(mock_airflow.add_dag("etl", tasks=("extract",)).dag_id).run_id
    moment: datetime = mock_airflow.clock.advance(minutes=5)
    state: str = mock_airflow.dag_run("etl", run_id).state
    assert (state, moment) == ("success", mock_airflow.clock.now())
    assert mock_airflow_env["AIRFLOW_API_URL"] == mock_airflow.api_url

    with mock_airflow.expect(404) as expected:
        assert status(f"{mock_airflow.api_url}/dags/none", mock_airflow.headers) == 404
    reasons: list[str] = [call.reason for call in expected.calls]
    assert reasons == ["There is no DAG 'none'."]
    role: str | None = mock_airflow.least_privilege().role
    assert role == "Viewer"


def test_several(mock_airflow_factory: MockAirflowFactory) -> None:
    one, other = mock_airflow_factory(), mock_airflow_factory(profile="astro")
    seeds: set[int] = {one.settings.seed, other.settings.seed}
    assert (seeds, other.settings.profile) == ({7}, "astro")


def test_waiting(mock_airflow: MockAirflow, virtual_sleep: VirtualSleep) -> None:
    time.sleep(90)
    slept: list[float] = virtual_sleep.slept
    assert slept == [90]


def test_scripted(mock_airflow: MockAirflow, mock_airflow_httpserver: AirflowHTTPServer) -> None:
    mock_airflow_httpserver.expect_oneshot_request("/api/v1/dags").respond_with_data("", status=503)
    url: str = mock_airflow_httpserver.url_for("/api/v1/dags")
    assert [status(url, mock_airflow.headers) for _ in range(2)] == [503, 200]


def test_tls(mock_airflow_httpserver_tls: AirflowHTTPServer, mock_airflow_authority: ThrowawayAuthority) -> None:
    ca_file: Path | None = mock_airflow_httpserver_tls.ca_file
    assert ca_file is not None
    assert ca_file.read_text() == mock_airflow_authority.ca_file.read_text()


@pytest.mark.mock_airflow_matrix(profiles=["airflow2", "anomalyarmor"], failures=["revoked", "429-minute"])
def test_refusals(mock_airflow_matrix: MatrixCase) -> None:
    case = mock_airflow_matrix
    failure: str | None = case.failure
    assert failure is not None
    assert case.look is not None
    assert status(f"{case.api_url}/dags", case.headers) == case.look.status
