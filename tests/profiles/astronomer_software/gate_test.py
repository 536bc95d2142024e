"""The ingress: which header opens, where others are sent, and what stands in the place of Airflow's answers."""

import json
import logging

import pytest
import requests
from werkzeug.test import Client

from mock_airflow import MockAirflow

from .asking import AIRFLOW, answered, get, graphql, new_key

POOLS = [{"description": "Default pool", "id": 1, "pool": "default_pool", "slots": 128}]


def test_the_pages_request(software):
    token, base_url = software.credentials["api_key"], software.url + "/"
    answer = requests.get(
        url=base_url + software.credentials["release"] + "/airflow/api/experimental/pools",
        headers={"Authorization": token},
        data={},
    )
    assert answer.json() == POOLS


def test_newer_airflows_pool_has_a_field_more():
    with MockAirflow(profile="astronomer-software", astronomer_software_include_deferred=True) as mock:
        assert get(mock, f"{AIRFLOW}/api/experimental/pools").json == [{**POOLS[0], "include_deferred": False}]


@pytest.mark.parametrize("form", ["{}", "Bearer {}", "  {}  ", "Bearer {} "])
def test_raw_key_or_bearer_opens(software, form):
    key = software.credentials["api_key"]
    assert (
        requests.get(f"{software.api_url}/dags", headers={"Authorization": form.format(key).strip()}).status_code == 200
    )


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        (None, "no credential"),
        ("f" * 32, "unknown key"),
        ("bearer {}", "malformed credential"),
        ("Token {}", "malformed credential"),
        ("Basic YWRtaW46YWRtaW4=", "malformed credential"),
        ("{},{}", "malformed credential"),
        ("x" * 10_000, "malformed credential"),
        ("{}\xe9", "malformed credential"),
        ("a.b.c", "malformed credential"),
    ],
)
def test_anything_else_is_sent_to_the_login_page(software, header, rule):
    key = software.credentials["api_key"]
    headers = {} if header is None else {"Authorization": header.format(key, key)}
    answer = get(software, f"{AIRFLOW}/api/v1/dags?limit=5", headers)

    assert answer.status_code == 302
    assert answer.headers["Location"] == (
        "http://localhost/login?rd=http://localhost%2Fquasar-1234%2Fairflow%2Fapi%2Fv1%2Fdags%3Flimit%3D5"
    )
    call = software.calls[-1]
    assert (call.decision, call.rule) == ("refused", rule)
    assert call.reason
    assert call.would_pass
    assert key not in json.dumps(call.told(), default=str)


def test_keys_that_begin_alike_are_told_apart(software):
    own = software.deployment
    for tail, role in (("1" * 24, "DEPLOYMENT_VIEWER"), ("2" * 24, "DEPLOYMENT_ADMIN")):
        details = {"role": role, "entity_id": "ckd0000000001"}
        own.keys.issue(name=role, secret="deadbeef" + tail, details=details)
    for tail, status in (("1" * 24, 403), ("2" * 24, 200), ("3" * 24, 302), ("1" * 23, 302), ("", 302)):
        assert get(software, f"{AIRFLOW}/api/v1/users", {"Authorization": "deadbeef" + tail}).status_code == status


def test_an_intercepted_base_url_may_have_the_mount_in_it(software):
    base = "https://deployments.example.com"
    with software.intercept(base):
        pools = requests.get(f"{base}{AIRFLOW}/api/experimental/pools", headers=software.headers)
        lost = requests.get(f"{base}{AIRFLOW}/api/v1/dags", allow_redirects=False)
    with software.intercept(base + AIRFLOW):
        assert requests.get(f"{base}{AIRFLOW}/api/v1/dags", headers=software.headers).status_code == 200
        below = requests.get(f"{base}{AIRFLOW}/api/v1/dags", allow_redirects=False)
    assert pools.json() == POOLS
    assert lost.headers["Location"] == below.headers["Location"]
    assert lost.headers["Location"].startswith(f"{base}/login?rd={base}%2Fquasar-1234%2Fairflow%2Fapi")


@pytest.mark.parametrize("depth", [40, 3000])
def test_a_query_without_bottom_is_refused(software, depth):
    query = "{ deployments { workspace " + "{ deployments { workspace " * depth + "{ id }" + " } }" * depth + " } }"
    answer = answered(software, {"query": query})
    assert (answer.status_code, answer.json["errors"][0]["extensions"]["code"][:7]) == (400, "GRAPHQL")


def test_two_headers_open_nothing(software):
    key = software.credentials["api_key"]
    headers = [("Authorization", key), ("Authorization", key)]
    assert Client(software.deployment.wsgi).get(f"{AIRFLOW}/api/v1/dags", headers=headers).status_code == 302


def test_who_follows_gets_a_page_with_200(software):
    answer = requests.get(f"{software.api_url}/dags", headers={"Authorization": "f" * 32})

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert [each.status_code for each in answer.history] == [302]
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_redirect_names_the_base_domain():
    with MockAirflow(profile="astronomer-software", astronomer_software_base_domain="example.com") as mock:
        assert get(mock, f"{AIRFLOW}/", {}).headers["Location"].startswith("https://app.example.com/login?rd=")


def test_bare_paths_are_not_there(software):
    for path in ("/api/v1/dags", "/api/experimental/pools", "/health", "/quasar-12345/airflow/health"):
        answer = get(software, path)
        assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    assert get(software, f"{AIRFLOW}/health").status_code == 200
    assert get(software, f"{AIRFLOW}/v1").status_code == 404  # Houston's endpoints are beside Airflow, not in it


@pytest.mark.parametrize(("path", "status"), [("dags/none", 404), ("roles", 403)])
def test_platforms_page_takes_the_place_of_airflows_answer(software, path, status):
    opens = {"Authorization": new_key(software, "DEPLOYMENT_VIEWER")["apiKey"]}
    answer = get(software, f"{AIRFLOW}/api/v1/{path}", opens)
    assert (answer.status_code, answer.content_type) == (status, "text/html; charset=utf-8")
    assert f"<h1>{status}</h1>" in answer.text
    assert get(software, f"{AIRFLOW}/api/v1/dags?limit=x", opens).content_type == "application/problem+json"


def test_airflows_own_words_where_the_pages_are_off():
    with MockAirflow(profile="astronomer-software", astronomer_software_error_pages=False) as mock:
        assert get(mock, f"{AIRFLOW}/api/v1/dags/none").json["title"] == "DAG not found"


def test_limit_is_a_page():
    with MockAirflow(profile="astronomer-software", rate_limit="1/minute") as mock:
        assert get(mock, f"{AIRFLOW}/api/v1/dags").status_code == 200
        answer = get(mock, f"{AIRFLOW}/api/v1/dags")
    assert (answer.status_code, answer.content_type) == (429, "text/html; charset=utf-8")
    assert int(answer.headers["Retry-After"]) > 0


def test_secrets_stay_out_of_sight(software, caplog):
    caplog.set_level(logging.DEBUG)
    made = new_key(software)
    key = made["apiKey"]
    graphql(software, '{ deploymentServiceAccounts(deploymentUuid: "ckd0000000001") { harmless: apiKey } }')
    login = 'mutation { createToken(identity: "vera", password: "vera-s3cret") { token { v: value } } }'
    graphql(software, login)
    good = graphql(software, 'mutation { createToken(identity: "vera", password: "vera") { token { v: value } } }')
    token = good["data"]["createToken"]["token"]["v"]
    page = get(software, "/token", {"Authorization": token}).text
    shown = page.split('<pre id="token">')[1].split("</pre>")[0]
    answered(software, {"query": "{ broken", "variables": {"k": key}})
    told = json.dumps([call.told() for call in software.calls], default=str)
    told += repr(software.deployment.keys.list()) + repr([*software.deployment.tokens]) + caplog.text + repr(software)

    for secret in (key, software.credentials["api_key"], "vera-s3cret", token, shown):
        assert secret not in told
