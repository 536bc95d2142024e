"""Faults without a socket: requests raises what it would raise over one."""

from __future__ import annotations

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

BASE = "https://airflow.example"
URL = BASE + "/api/v1/dags"


@pytest.fixture
def get(airflow):
    """One call of requests, answered in process."""
    with airflow.intercept(BASE):
        yield lambda **more: requests.get(URL, headers=airflow.headers, **more)


@pytest.mark.parametrize(
    ("effect", "error", "said"),
    [
        ({"reset": True}, requests.ConnectionError, "Connection reset by peer"),
        ({"empty": True}, requests.ConnectionError, "Remote end closed connection without response"),
        ({"lost_answer": True}, requests.ConnectionError, "Remote end closed connection without response"),
        ({"lost_answer": True, "reset": True}, requests.ConnectionError, "Connection reset by peer"),
        ({"reset": "after"}, requests.exceptions.ChunkedEncodingError, "Connection reset by peer"),
        ({"truncate": 10}, requests.exceptions.ChunkedEncodingError, "IncompleteRead(10 bytes read"),
        ({"truncate": 10, "reset": "after"}, requests.exceptions.ChunkedEncodingError, "Connection reset by peer"),
    ],
)
def test_requests_raises_what_a_socket_would_make_it_raise(airflow, get, effect, error, said):
    airflow.faults.add("get_dags", times=1, **effect)
    with pytest.raises(error) as in_process:
        get()
    over_a_socket = airflow.faults.add("get_dags", times=1, **effect)
    with pytest.raises(error) as live:
        requests.get(airflow.api_url + "/dags", headers=airflow.headers, timeout=20)

    assert said in str(in_process.value)
    assert str(in_process.value) == str(live.value)
    assert airflow.faults.remove(over_a_socket).fired == 1
    assert get().json()["total_entries"] == 5


@pytest.mark.parametrize("timeout", [5, (3, 5)])
def test_client_gives_up_when_its_time_is_over(airflow, get, timeout):
    airflow.faults.add("get_dags", latency=30, times=1)
    before = airflow.clock.now()
    with pytest.raises(requests.ReadTimeout, match=r"HTTPSConnectionPool\(host='airflow.example', port=443\): Read"):
        get(timeout=timeout)

    assert (airflow.clock.now() - before).total_seconds() == 5, "as long as the client waited"
    assert (airflow.calls[0].status, airflow.calls[0].decision) == (0, "faulted")


def test_patient_client_waits(airflow, get):
    airflow.faults.add("get_dags", latency=4)

    assert get(timeout=5).status_code == 200
    assert get().status_code == 200


def test_write_that_times_out_was_done_all_the_same(airflow):
    airflow.faults.add("POST *", latency=30, times=1)
    with airflow.intercept(BASE), pytest.raises(requests.ReadTimeout):
        requests.post(BASE + "/api/v1/pools", json={"name": "p", "slots": 1}, headers=airflow.headers, timeout=5)

    assert airflow.deployment.airflow.pools.get("p") is not None


def test_dripping_body(airflow, get):
    airflow.faults.add("get_dags", drip={"bytes": 500, "every": 2})
    before = airflow.clock.now()

    assert get(timeout=5).json()["total_entries"] == 5
    assert (airflow.clock.now() - before).total_seconds() >= 4
    with pytest.raises(requests.ConnectionError, match="Read timed out"):
        get(timeout=1)


def test_retries_of_the_session_meet_faults_too(airflow):
    airflow.faults.add("get_dags", reset=True, times=1)
    airflow.faults.add("get_dags", empty=True, times=1)
    airflow.faults.add("get_dags", status=502, times=1)
    with requests.Session() as session, airflow.intercept(BASE):
        session.mount(BASE, HTTPAdapter(max_retries=Retry(3, status_forcelist=[502])))
        assert session.get(URL, headers=airflow.headers).status_code == 200

        airflow.faults.add("get_dags", reset=True)
        with pytest.raises(requests.ConnectionError, match="Max retries exceeded"):
            session.get(URL, headers=airflow.headers)

    assert [call.status for call in airflow.calls] == [0, 0, 502, 200, 0, 0, 0, 0]
