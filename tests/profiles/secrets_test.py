"""With every profile: no secret is told where none belongs, and headers that are odd open nothing and break nothing."""

from __future__ import annotations

import http.client
import json
import logging
from urllib.parse import urlsplit

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.settings import PROFILES

CLOCK = "2025-01-01T06:00:00Z"
NAMES = {
    "username",
    "release",
    "key_id",
    "client_id",
    "client_email",
    "aws_access_key_id",
    "environment",
    "region",
}  # what of a credential is no secret


@pytest.fixture(params=PROFILES)
def airflow(request):
    with MockAirflow(profile=request.param, clock=CLOCK, frozen=True, explain_header=True) as mock:
        yield mock


def carried(headers):
    """The name of the one header that carries the credential, and its value."""
    ((name, value),) = headers.items()
    return name, value


def bare(value):
    """The secret in a header's value: what is behind the scheme, or behind the cookie's name."""
    return value.split(" ")[-1].split("session=")[-1]


def secrets_of(airflow, headers):
    found = {value for name, value in airflow.credentials.items() if name not in NAMES}
    found.add(bare(carried(headers)[1]))
    return {secret for secret in found if len(secret) > 8}


def ask(airflow, *authorization):
    """The status and the text of a GET that carries these Authorization headers as they are."""
    connection = http.client.HTTPConnection(urlsplit(airflow.url).netloc)
    try:
        connection.putrequest("GET", f"{urlsplit(airflow.api_url).path}/dags")
        for name, value in authorization:
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace"), str(answer.headers)
    finally:
        connection.close()


def test_no_secret_is_in_the_journal_a_repr_a_log_or_an_error(airflow, caplog):
    caplog.set_level(logging.DEBUG, "mock_airflow")
    headers = airflow.headers
    secrets = secrets_of(airflow, headers)
    header, value = carried(headers)
    exchange = airflow.deployment.profile.exchange(airflow.credentials, airflow.settings)
    requests.get(f"{airflow.api_url}/dags", headers=headers)
    requests.get(f"{airflow.api_url}/nowhere?api_key={bare(value)}&token={bare(value)}", headers=headers)
    requests.get(f"{airflow.api_url}/dags", headers={"Authorization": f"Strange {value}"}, allow_redirects=False)
    requests.get(f"{airflow.api_url}/dags", headers={header: value[:-1]}, allow_redirects=False)
    if exchange is not None:
        requests.post(f"{airflow.url}{exchange.path}", json=exchange.json)
        requests.post(f"{airflow.url}{exchange.path}", data={**(exchange.json or {}), "grant_type": "strange"})
    told = [json.dumps(call.told(), default=str) for call in airflow.calls]
    told += [
        repr(airflow),
        repr(airflow.calls),
        repr(airflow.deployment.keys.list()),
        repr([*airflow.deployment.tokens]),
    ]
    told.append(repr(airflow.snapshot()))
    told += [record.getMessage() for record in caplog.records if record.name.startswith("mock_airflow")]
    told += [requests.get(f"{airflow.url}/__mock__/{page}").text for page in ("journal", "keys", "tokens", "health")]

    for secret in secrets:
        assert not [text for text in told if secret in text]


def test_a_key_is_told_by_the_control_api_when_it_is_made_and_never_again(airflow):
    control = f"{airflow.url}/__mock__/keys"
    if not airflow.deployment.profile.reads_keys:
        assert requests.post(control, json={"name": "once"}).status_code == 400
        return
    made = requests.post(control, json={"name": "once"}).json()
    assert made["secret"]
    assert made["secret"] not in requests.get(control).text
    assert made["secret"] not in requests.get(f"{airflow.url}/__mock__/journal").text


@pytest.mark.parametrize(
    "odd",
    [
        lambda value: [("Authorization", value), ("Authorization", value)],
        lambda value: [("Authorization", "Basic Og=="), ("Authorization", value)],
        lambda value: [("Authorization", "x" * 10_000)],
        lambda value: [("Authorization", f"{value.split(' ')[0]} {'y' * 10_000}")],
        lambda value: [("Authorization", "Tokén kéy".encode())],
        lambda value: [("Authorization", b"\xff\xfe\xfd")],
        lambda value: [("Authorization", "")],
        lambda value: [("Authorization", "   ")],
        lambda value: [("Authorization", f"{value}\tmore")],
        lambda value: [("X-Authorization", value)],
        lambda value: [("Authorization_", value)],
    ],
    ids="twice two-kinds long long-value accents bytes empty blank tab another-name underscore".split(),
)
def test_an_odd_header_opens_nothing_and_breaks_nothing(airflow, odd):
    header, value = carried(airflow.headers)
    status, text, headers = ask(airflow, *odd(value))

    assert status in (302, 400, 401, 403, 431)
    assert bare(value) not in text + headers
    assert bare(value) not in json.dumps([call.told() for call in airflow.calls], default=str)
    assert ask(airflow, (header, value))[0] == 200  # and the right one still does


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_a_headers_name_has_no_case_and_blanks_around_its_value_do_not_count(airflow, case):
    header, value = carried(airflow.headers)
    name = case(header)
    assert ask(airflow, (name, value))[0] == 200
    assert ask(airflow, (name, f"  {value}  "))[0] == 200


def test_a_key_that_is_revoked_is_refused_on_the_very_next_request(airflow):
    session = requests.Session()
    session.headers.update(airflow.headers)
    assert session.get(f"{airflow.api_url}/dags").status_code == 200
    airflow.failures.provoke("revoked")
    assert session.get(f"{airflow.api_url}/dags", allow_redirects=False).status_code in (302, 401, 403)
