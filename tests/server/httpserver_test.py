"""`mock_airflow_httpserver`: scripted expectations first, Airflow for the rest, with and without TLS."""

from __future__ import annotations

import pytest
import requests
from werkzeug import Response

ADMIN = ("admin", "admin")


def test_expectations_come_first_and_airflow_answers_the_rest(mock_airflow_httpserver, mock_airflow):
    server = mock_airflow_httpserver
    server.expect_oneshot_request("/api/v1/health").respond_with_data("down", status=503)
    server.expect_request("/elsewhere").respond_with_json({"mine": True})

    assert requests.get(server.url_for("/api/v1/health")).status_code == 503
    assert requests.get(server.url_for("/api/v1/health")).json()["metadatabase"] == {"status": "healthy"}
    assert requests.get(server.url_for("/elsewhere")).json() == {"mine": True}
    assert [call.path for call in mock_airflow.calls] == ["/api/v1/health"]
    assert [(request.path, answer.status_code) for request, answer in server.log] == [
        ("/api/v1/health", 503),
        ("/api/v1/health", 200),
        ("/elsewhere", 200),
    ]
    server.check()


def test_bodies_arrive_whole(mock_airflow_httpserver):
    pools = mock_airflow_httpserver.url_for("/api/v1/pools")
    made = requests.post(pools, json={"name": "p", "slots": 3}, auth=ADMIN)
    assert (made.status_code, made.json()["slots"]) == (200, 3)
    pieces = (piece for piece in (b'{"name": "q", ', b'"slots": 4}'))
    streamed = requests.post(pools, data=pieces, auth=ADMIN, headers={"Content-Type": "application/json"})
    assert streamed.json()["slots"] == 4


def test_what_airflow_answers_fails_no_order(mock_airflow_httpserver):
    server = mock_airflow_httpserver
    server.expect_ordered_request("/first").respond_with_data("1")
    server.expect_ordered_request("/second").respond_with_data("2")

    assert requests.get(server.url_for("/first")).text == "1"
    assert requests.get(server.url_for("/api/v1/version")).json()["version"] == "2.11.2"
    assert requests.get(server.url_for("/second")).text == "2"
    server.check_assertions()


def test_its_own_ways_to_look_back_see_what_airflow_answered(mock_airflow_httpserver):
    server = mock_airflow_httpserver
    server.expect_oneshot_request("/api/v1/health", method="GET").respond_with_data("scripted")
    with server.wait(timeout=20) as waiting:  # for all of its expectations, which Airflow's answer is none of
        assert requests.get(server.url_for("/api/v1/version")).status_code == 200
        assert requests.get(server.url_for("/api/v1/health")).text == "scripted"
    assert waiting.result
    server.assert_request_made(server.create_matcher("/api/v1/version"), count=1)
    server.assert_request_made(server.create_matcher("/api/v1/dags"), count=0)
    with pytest.raises(AssertionError):
        server.assert_request_made(server.create_matcher("/api/v1/dags"))
    server.check()


def test_an_expectation_that_fits_the_body_leaves_the_others_whole(mock_airflow_httpserver, mock_airflow):
    server, pools = mock_airflow_httpserver, mock_airflow_httpserver.url_for("/api/v1/pools")
    server.expect_request("/api/v1/pools", json={"name": "full", "slots": 1}).respond_with_data("", status=507)

    assert requests.post(pools, json={"name": "full", "slots": 1}, auth=ADMIN).status_code == 507
    assert requests.post(pools, json={"name": "free", "slots": 1}, auth=ADMIN).json()["name"] == "free"
    assert [call.status for call in mock_airflow.calls] == [200]


def test_an_order_that_is_broken_is_told(mock_airflow_httpserver):
    server = mock_airflow_httpserver
    server.expect_ordered_request("/first").respond_with_data("1")
    server.expect_request("/other").respond_with_data("3")

    assert requests.get(server.url_for("/other")).status_code == 500
    with pytest.raises(AssertionError):
        server.check_assertions()


def test_a_handlers_own_error_is_told(mock_airflow_httpserver):
    def handler(request):
        assert request.headers["X-Wanted"] == "yes"
        return Response("")

    mock_airflow_httpserver.expect_request("/mine").respond_with_handler(handler)
    assert requests.get(mock_airflow_httpserver.url_for("/mine")).status_code == 500
    with pytest.raises(KeyError):
        mock_airflow_httpserver.check()


def test_connections_are_kept_and_faults_are_real(mock_airflow_httpserver, mock_airflow):
    mock_airflow.faults.add("GET /api/v1/dags", times=1, reset=True)
    session = requests.Session()
    with pytest.raises(requests.ConnectionError):
        session.get(mock_airflow_httpserver.url_for("/api/v1/dags"), auth=ADMIN)
    assert session.get(mock_airflow_httpserver.url_for("/api/v1/dags"), auth=ADMIN).status_code == 200


def test_over_tls_a_client_trusts_the_throwaway_authority(mock_airflow_httpserver_tls):
    server = mock_airflow_httpserver_tls
    url = server.url_for("/api/v1/health")

    assert url.startswith("https://127.0.0.1:")
    assert requests.get(url, verify=str(server.ca_file)).status_code == 200
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(url)
