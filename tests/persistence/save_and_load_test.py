"""A whole deployment in one file, and the deployment that goes on from it."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import DocumentError, SettingError
from mock_airflow.settings.record import PROFILES

WORLD = {
    "dags": [{"dag_id": "etl", "tasks": ["extract", "load"], "schedule": "@hourly"}],
    "variables": [{"key": "colour", "value": "green"}],
    "clock": {"now": "2025-03-01T00:30:00Z"},
}


@pytest.fixture
def world(tmp_path: Path) -> str:
    path = tmp_path / "world.json"
    path.write_text(json.dumps({key: value for key, value in WORLD.items() if key != "clock"}), "utf-8")
    return str(path)


def told(mock: MockAirflow) -> dict[str, Any]:
    """Everything that is the same for a client, whichever of two equal deployments it asks."""
    airflow = mock.deployment.airflow
    rows = {
        name: [row for row in table if getattr(row, "name", "") != "passwords"]
        for name, table in airflow.tables.items()
    }
    state = mock.deployment.snapshot()
    return {
        "rows": rows,
        "serials": dict(airflow.serials),
        "ids": airflow.ids.drawn,
        "clock": state.clock,
        "awaited": state.awaited,
        "credentials": mock.credentials,
        "headers": mock.headers.keys(),
    }


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_loaded_is_what_was_saved(profile: str, world: str, tmp_path: Path) -> None:
    with MockAirflow(profile=profile, world=world, clock="2025-03-01T00:30:00Z", frozen=True) as mock:
        mock.limits.set("100/minute", "10/second")
        mock.faults.add("GET */pools", status=503, times=2)
        if mock.deployment.profile.reads_keys:
            mock.keys.create(name="second", scope="read-only", expires_in=3600)
        mock.trigger("etl", {"day": 1})
        requests.get(mock.api_url + "/pools", headers=mock.headers)
        requests.get(mock.api_url + "/dags", headers=mock.headers)
        mock.clock.advance(5000)
        mock.save(tmp_path / "saved")
        mock.clock.advance(10000)
        mock.dag_run("etl", next(iter(mock.deployment.airflow.dag_runs)).run_id)
        with MockAirflow.load(tmp_path / "saved") as other:
            assert other.settings.profile == profile
            other.clock.advance(10000)
            other.dag_run("etl", next(iter(other.deployment.airflow.dag_runs)).run_id)

            assert told(other) == told(mock)
            assert requests.get(other.api_url + "/pools", headers=other.headers).status_code == 503
            assert requests.get(other.api_url + "/pools", headers=other.headers).status_code == 200
            mock.reset()
            other.reset()
            assert told(other) == told(mock)


def test_keys_and_passwords_are_no_part_of_the_file(tmp_path: Path) -> None:
    secrets = ["my-own-secret-key-0001", "a-password-of-vera", "token-of-the-control"]
    with MockAirflow(
        profile="datacoves",
        key=f"{secrets[0]}:admin",
        user=f"vera:{secrets[1]}:Admin",
        control_token=secrets[2],
    ) as mock:
        issued = mock.keys.create()
        mock.save(tmp_path / "saved")
        text = (tmp_path / "saved").read_text("ascii")
        first = mock.credentials["api_key"]

    assert [secret for secret in (*secrets, issued.secret, first) if secret in text] == []
    assert stat.S_IMODE((tmp_path / "saved").stat().st_mode) == 0o600
    with MockAirflow.load(tmp_path / "saved") as other:
        for secret in (secrets[0], issued.secret, first):
            assert (
                requests.get(other.api_url + "/dags", headers={"Authorization": f"Token {secret}"}).status_code == 200
            )


def test_a_credential_that_cannot_be_known_again_is_a_new_one(tmp_path: Path) -> None:
    with MockAirflow(user="vera:s3cret-of-hers:Admin") as mock:
        assert mock.credentials == {"username": "vera", "password": "s3cret-of-hers"}
        mock.save(tmp_path / "saved")

    with (
        MockAirflow.load(tmp_path / "saved") as other,
        MockAirflow.load(tmp_path / "saved", user="vera:s3cret-of-hers:Admin") as told_again,
    ):
        assert requests.get(other.api_url + "/dags", headers=other.headers).status_code == 200
        assert requests.get(other.api_url + "/dags", auth=("vera", "s3cret-of-hers")).status_code == 200
        assert told_again.credentials["username"] == "vera"


def test_settings_of_the_start_go_above_those_of_the_file(tmp_path: Path) -> None:
    with MockAirflow(seed=5, maximum_page_limit=7) as mock:
        mock.save(tmp_path / "saved")

    with MockAirflow.load(tmp_path / "saved", explain_header=True) as other:
        assert (other.settings.maximum_page_limit, other.settings.explain_header) == (7, True)
    with pytest.raises(SettingError, match="whose seed is 5, which cannot be changed to 6"):
        MockAirflow.load(tmp_path / "saved", seed=6)
    with pytest.raises(SettingError, match="whose profile is airflow2"):
        MockAirflow.load(tmp_path / "saved", profile="datacoves")


def test_a_file_that_is_not_whole_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "saved"
    with MockAirflow() as mock:
        mock.save(path)
    whole = path.read_text("ascii")
    broken = {
        "damaged": whole.replace('"Default pool"', '"Default p00l"'),
        "is damaged": whole[: len(whole) // 2],
        "not a saved deployment": "not at all",
        "is not a saved": '{"dags": []}',
        "newer than what this version": whole.replace('"schema": 1', '"schema": 99', 1),
    }
    for said, text in broken.items():
        path.write_text(text, "ascii")
        with pytest.raises(DocumentError, match=said):
            MockAirflow.load(path)
        assert path.read_text("ascii") == text
    with pytest.raises(DocumentError, match="cannot be read"):
        MockAirflow.load(tmp_path / "nothing")
    with MockAirflow() as mock, pytest.raises(DocumentError, match="cannot be written"):
        mock.save(tmp_path / "nowhere" / "saved")


def test_the_fixture_goes_on_from_a_file(pytester: pytest.Pytester) -> None:
    with MockAirflow() as mock:
        mock.add_dag("kept", tasks=("one",))
        mock.save(pytester.path / "it.saved")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.mock_airflow(saved="it.saved")
        def test_it(mock_airflow):
            assert "kept" in mock_airflow.deployment.airflow.dags
            mock_airflow.trigger("kept")

        @pytest.mark.mock_airflow(saved="it.saved")
        def test_again(mock_airflow):
            assert len(mock_airflow.deployment.airflow.dag_runs) == 0
        """
    )

    pytester.runpytest().assert_outcomes(passed=2)
