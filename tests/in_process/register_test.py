"""An Airflow inside of a test's own `responses` mock: the test's entries first, every method, other hosts as set."""

from __future__ import annotations

import pytest
import requests
import responses
from responses.registries import OrderedRegistry

from mock_airflow import MockAirflow

BASE = "https://airflow.example"
ADMIN = ("admin", "admin")


@pytest.fixture
def airflow():
    with MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        yield mock


def test_every_method_is_answered_and_state_is_kept(airflow):
    with responses.RequestsMock() as rsps:
        airflow.register(rsps, f"{BASE}/api/v1")
        assert requests.post(f"{BASE}/api/v1/pools", json={"name": "p", "slots": 1}, auth=ADMIN).status_code == 200
        assert requests.patch(f"{BASE}/api/v1/pools/p", json={"slots": 5, "name": "p"}, auth=ADMIN).json()["slots"] == 5
        assert requests.options(f"{BASE}/api/v1/pools").headers["Allow"]
        assert requests.head(f"{BASE}/api/v1/pools", auth=ADMIN).text == ""
        assert requests.delete(f"{BASE}/api/v1/pools/p", auth=ADMIN).status_code == 204
        assert len(rsps.calls) == 5
    assert [call.method for call in airflow.calls] == ["POST", "PATCH", "OPTIONS", "HEAD", "DELETE"]


def test_the_tests_own_entries_come_first_whenever_they_were_added(airflow):
    with responses.RequestsMock() as rsps:
        rsps.get(f"{BASE}/api/v1/health", status=503)
        airflow.register(rsps, BASE)
        rsps.get(f"{BASE}/api/v1/dags", json={"mine": True})
        for _ in range(2):  # and they stay, as nothing else fits beside them
            assert requests.get(f"{BASE}/api/v1/health").status_code == 503
            assert requests.get(f"{BASE}/api/v1/dags").json() == {"mine": True}
        assert requests.get(f"{BASE}/api/v1/pools", auth=ADMIN).status_code == 200


def test_unknown_hosts_are_as_the_test_has_set_them(airflow):
    with responses.RequestsMock() as rsps:
        airflow.register(rsps, BASE)
        with pytest.raises(requests.ConnectionError, match="refused by Responses"):
            requests.get("https://elsewhere.example/api/v1/health")
        rsps.add_passthru("http://127.0.0.1")
        assert requests.get(f"{airflow.api_url}/health").status_code == 200


def test_nobody_has_to_call_it(airflow):
    with responses.RequestsMock(assert_all_requests_are_fired=True) as rsps:
        airflow.register(rsps, BASE)


def test_entries_of_the_test_have_to_be_called_as_ever(airflow):
    rsps = responses.RequestsMock(assert_all_requests_are_fired=True)
    rsps.start()
    airflow.register(rsps, BASE)
    rsps.get(f"{BASE}/api/v1/health", status=503)
    assert requests.get(f"{BASE}/api/v1/version").status_code == 200
    with pytest.raises(AssertionError, match="health"):
        rsps.stop()


def test_an_entry_that_matches_by_more_than_its_url_comes_first_where_it_matches(airflow):
    with responses.RequestsMock() as rsps:
        airflow.register(rsps, BASE)
        rsps.get(f"{BASE}/api/v1/dags", match=[responses.matchers.query_param_matcher({"limit": "1"})], status=418)
        assert requests.get(f"{BASE}/api/v1/dags?limit=1", auth=ADMIN).status_code == 418
        assert requests.get(f"{BASE}/api/v1/dags?limit=2", auth=ADMIN).status_code == 200
        assert [call.response.status_code for call in rsps.calls] == [418, 200]


@responses.activate
def test_under_the_decorator_too():
    airflow = MockAirflow()
    airflow.register(responses.mock, BASE)
    assert requests.get(f"{BASE}/api/v1/version").json()["version"] == "2.11.2"


@pytest.mark.parametrize(
    ("fault", "error"),
    [({"reset": True}, requests.ConnectionError), ({"truncate": 5}, requests.exceptions.ChunkedEncodingError)],
)
def test_faults_are_what_requests_raises(airflow, fault, error):
    airflow.faults.add("*", times=1, **fault)
    with responses.RequestsMock() as rsps:
        airflow.register(rsps, BASE)
        with pytest.raises(error):
            requests.get(f"{BASE}/api/v1/dags", auth=ADMIN)
        assert requests.get(f"{BASE}/api/v1/dags", auth=ADMIN).status_code == 200


def test_a_mock_with_an_order_is_refused(airflow):
    with responses.RequestsMock(registry=OrderedRegistry) as rsps, pytest.raises(TypeError, match="OrderedRegistry"):
        airflow.register(rsps, BASE)
