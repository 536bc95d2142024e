"""Every failure with every profile: it is met as the catalogue says, by a client at a real socket, and taken back."""

from __future__ import annotations

import importlib.util
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import FailureError
from mock_airflow.failures.catalogue import CATALOGUE
from mock_airflow.settings import PROFILES

ROOT = Path(__file__).resolve().parents[2]
ASKED_FOR = (
    "no-credential malformed-header wrong-scheme unknown-key revoked expired expired-between-pages "
    "token-expires-mid-poll wrong-deployment missing-scope missing-role number-of-keys wrong-audience wrong-grant "
    "clock-skew 429-burst 429-minute 429-date 503-retry-after gateway-page airflow-restarting"
).split()
CLOCK = "2025-01-01T06:00:00Z"
REFUSALS = {
    "credential": (302, 400, 401, 403),
    "permission": (400, 401, 403, 409),
    "exchange": (400, 401, 403),
    "limit": (429,),
}


def mock_of(profile):
    options = {"airbyte_edition": "cloud"} if profile == "airbyte" else {}
    return MockAirflow(profile=profile, clock=CLOCK, frozen=True, **options)


def test_the_catalogue_is_whole():
    assert list(CATALOGUE) == ASKED_FOR
    assert all(failure.title.endswith(".") for failure in CATALOGUE.values())


@pytest.mark.parametrize("profile", PROFILES)
def test_credential_that_is_refused_is_still_held_by_its_client(profile):
    for name in ASKED_FOR:
        with mock_of(profile) as mock, mock.intercept("http://airflow.example"):
            path = f"http://airflow.example{mock.deployment.mount}{mock.deployment.api_path}/dags"
            before = mock.headers
            assert requests.get(path, headers=before).status_code == 200
            try:
                mock.failures.provoke(name)
            except FailureError:
                continue
            after = mock.headers
            assert after.keys() == before.keys()
            assert mock.story()
            if name == "unknown-key":
                for headers in (before, after):
                    answer = requests.get(path, headers=headers, allow_redirects=False)
                    assert answer.status_code in (302, 401, 403)


@pytest.mark.parametrize("profile", PROFILES)
def test_one_failure_upon_another_is_met_or_refused_in_words(profile):
    base = mock_of(profile)
    for first in ASKED_FOR:
        mock = base.fork()
        with suppress(FailureError):
            mock.failures.provoke(first)
        for second in ASKED_FOR:
            both = mock.fork()
            with suppress(FailureError):
                both.failures.provoke(second)
            assert both.headers


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", ASKED_FOR)
def test_a_client_meets_what_the_catalogue_shows(profile, name):
    mock = mock_of(profile)
    try:
        seen = mock.failures.look(name)
    except FailureError:
        before = mock.snapshot()
        with pytest.raises(FailureError, match=repr(profile)):
            mock.failures.provoke(name)
        assert mock.snapshot().tables == before.tables
        return
    kind = CATALOGUE[name].kind
    if kind in REFUSALS:
        assert seen.status in REFUSALS[kind]
        assert seen.reason
    assert mock.calls == []  # a look leaves no trace

    with mock:
        headers = mock.headers
        mock.failures.provoke(name)
        if kind == "permission" and seen.request == "GET /api/v1/dags":
            headers = mock.headers  # a token that was exchanged before tells of what was then
        if kind != "gateway" and seen.request == "GET /api/v1/dags" and CATALOGUE[name].passing == 0:
            answer = requests.get(f"{mock.api_url}/dags", headers=headers, allow_redirects=False)
            assert answer.status_code == seen.status
        if name == "gateway-page":
            answer = requests.get(f"{mock.api_url}/dags", headers=headers)
            assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
        if name == "airflow-restarting":
            with pytest.raises(requests.ConnectionError):
                requests.get(f"{mock.api_url}/dags", headers=headers)
        mock.reset()
        assert requests.get(f"{mock.api_url}/dags", headers=mock.headers).status_code == 200


def test_an_unknown_failure_names_the_nearest():
    with pytest.raises(FailureError, match="did you mean 'revoked'"):
        MockAirflow().failures.provoke("revokd")


def test_the_control_api_lists_looks_and_provokes():
    with MockAirflow(profile="datacoves", clock=CLOCK, frozen=True) as mock:
        control = f"{mock.url}/__mock__/failures"
        listed = requests.get(control).json()
        assert [each["name"] for each in listed["failures"]] == ASKED_FOR
        seen = requests.get(f"{control}/revoked").json()
        assert (seen["looks"]["status"], seen["looks"]["rule"]) == (401, "revoked key")
        assert requests.get(f"{control}/nope").status_code == 404
        assert requests.post(control, json={"name": "wrong-grant"}).status_code == 400
        assert requests.post(control, json={"name": "revoked"}).status_code == 204
        assert requests.get(f"{mock.api_url}/dags", headers=mock.headers).status_code == 401


def test_the_page_is_what_is_met():
    path = ROOT / "docs" / "make_failures_page.py"
    spec = importlib.util.spec_from_file_location("make_failures_page", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text("utf-8") == module.page(), "run: python docs/make_failures_page.py"
