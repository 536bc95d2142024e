"""How real clients react to each form of Retry-After, as measured: whether they sleep, for how long, and how often."""

from __future__ import annotations

import time
import types
from datetime import datetime, timezone

import airflow_client.client as official
import pytest
import requests
import urllib3
from airflow_client.client.api import dag_api, dag_run_api
from airflow_client.client.exceptions import ApiException
from airflow_client.client.model.dag_run import DAGRun
from requests.adapters import HTTPAdapter

from mock_airflow import MockAirflow

START = datetime(2025, 6, 1, 12, tzinfo=timezone.utc)
FORMS = (2, "date 30", "absent", "zero", "past", "absurd", "malformed")


@pytest.fixture
def airflow():
    with MockAirflow(clock=START, frozen=True) as mock:
        mock.add_dag("etl")
        yield mock


@pytest.fixture
def slept(airflow, monkeypatch):
    """The seconds that urllib3 sleeps; they pass on the clock, which is urllib3's clock too."""
    seconds = []

    def sleep(amount):
        seconds.append(amount)
        if amount < 1e6:
            airflow.clock.advance(amount)

    clock = types.SimpleNamespace(**vars(time))
    clock.time, clock.sleep = lambda: airflow.clock.now().timestamp(), sleep
    monkeypatch.setattr("urllib3.util.retry.time", clock)
    return seconds


def official_get(airflow):
    configuration = official.Configuration(host=airflow.api_url, **airflow.credentials)
    with official.ApiClient(configuration) as client:
        return dag_api.DAGApi(client).get_dags()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("status", [429, 503])
def test_requests_alone_asks_once_and_gives_the_answer(airflow, form, status):
    airflow.faults.add("get_dags", status=status, page="api", retry_after=form)
    answer = requests.get(airflow.api_url + "/dags", headers=airflow.headers, timeout=20)

    assert (answer.status_code, len(airflow.calls)) == (status, 1)


@pytest.mark.parametrize(
    ("form", "calls", "waits"),
    [
        (2, 4, [2, 2, 2]),
        ("date 30", 4, [30, 30, 30]),
        ("absent", 1, []),
        ("zero", 4, []),
        ("past", 4, []),
    ],
)
def test_official_client_sleeps_and_repeats_three_times(airflow, slept, form, calls, waits):
    airflow.faults.add("get_dags", status=429, retry_after=form)
    with pytest.raises((ApiException, urllib3.exceptions.MaxRetryError)):
        official_get(airflow)

    assert (len(airflow.calls), slept) == (calls, waits)


def test_official_client_sleeps_long_for_an_absurd_one(airflow, slept):
    airflow.faults.add("get_dags", status=429, retry_after="absurd", times=1)
    official_get(airflow)

    assert len(slept) == 1
    assert slept[0] >= 3600


def test_official_client_falls_over_a_malformed_one(airflow, slept):
    airflow.faults.add("get_dags", status=429, retry_after="malformed")
    with pytest.raises(urllib3.exceptions.InvalidHeader):
        official_get(airflow)

    assert (len(airflow.calls), slept) == (1, [])


def test_official_client_finds_its_way_when_the_limit_is_over(airflow, slept):
    airflow.faults.add("get_dags", status=429, retry_after=7, times=2)

    assert official_get(airflow).total_entries == 1
    assert (slept, [call.status for call in airflow.calls]) == ([7, 7], [429, 429, 200])


def test_official_client_never_repeats_a_post(airflow, slept):
    airflow.faults.add("POST *", status=429, retry_after=2)
    configuration = official.Configuration(host=airflow.api_url, **airflow.credentials)
    with official.ApiClient(configuration) as client, pytest.raises(ApiException) as caught:
        dag_run_api.DAGRunApi(client).post_dag_run("etl", DAGRun())

    assert (caught.value.status, len(airflow.calls), slept) == (429, 1, [])


@pytest.mark.parametrize(
    ("method", "retry", "calls", "waits"),
    [
        ("GET", {"total": 2}, 3, [2, 2]),
        ("GET", {"total": 2, "respect_retry_after_header": False}, 1, []),
        ("GET", {"total": 2, "respect_retry_after_header": False, "status_forcelist": [503]}, 3, []),
        ("POST", {"total": 2}, 1, []),
        ("POST", {"total": 2, "allowed_methods": None}, 3, [2, 2]),
    ],
)
def test_retry_of_urllib3_under_requests(airflow, slept, method, retry, calls, waits):
    airflow.faults.add("*", status=503, retry_after=2)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=urllib3.Retry(raise_on_status=False, **retry)))
        answer = session.request(method, airflow.api_url + "/dags", headers=airflow.headers, timeout=20)

    assert (answer.status_code, len(airflow.calls), slept) == (503, calls, waits)


def test_backoff_without_the_header(airflow, slept):
    airflow.faults.add("*", status=502)
    with requests.Session() as session:
        retry = urllib3.Retry(4, status_forcelist=[502], backoff_factor=0.5)
        session.mount("http://", HTTPAdapter(max_retries=retry))
        with pytest.raises(requests.exceptions.RetryError):
            session.get(airflow.api_url + "/dags", headers=airflow.headers, timeout=20)

    assert slept == [1.0, 2.0, 4.0]
