"""A credential in a header of a company's own: told like any other, kept secret like any other, and sent again."""

from __future__ import annotations

import json
import shlex
from string import Template
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.journal.export import har
from mock_airflow.settings.address import SERVED_AT

SECRET = "made-up-key-4711-0815-abcdef"
HEADERS = ("X-Acme-Key", "X-Api-Key", "x-acme-auth", "Authorization")
each_header = pytest.mark.parametrize("header", HEADERS)


def mock_of(header: str, **settings: Any) -> MockAirflow:
    return MockAirflow(
        profile="gateway",
        gateway_header=header,
        clock="2025-01-01T06:00:00Z",
        frozen=True,
        key=(f"{SECRET}:read-only",),
        **{"gateway_scheme": "", **settings},
    )


def ask(mock: MockAirflow, headers: Any) -> int:
    return requests.get(f"{mock.api_url}/dags", headers=headers).status_code


def curl_of(mock: MockAirflow) -> str:
    """The story's line for its only call, against the mock instead of the server to be started."""
    (line,) = [line.strip() for line in mock.story().splitlines() if line.strip().startswith("curl ")]
    return line.replace(SERVED_AT, mock.url)


@each_header
def test_the_journal_tells_the_header_without_its_secret(header: str) -> None:
    with mock_of(header) as mock:
        assert [ask(mock, {header: SECRET}), ask(mock, {header: SECRET[::-1]})] == [200, 401]
        passed, refused = mock.calls
        assert (passed.credential, refused.credential) == ("made-up-***", "fedcba-5***")
        for call in mock.calls:
            told = {name.lower(): value for name, value in call.request_headers}
            assert told[header.lower()] == call.credential
        explained = requests.get(f"{mock.url}/__mock__/explain/{passed.number}").json()
        assert explained["read_from"].lower() == f"the {header} header".lower()


@each_header
def test_no_page_story_archive_or_review_tells_the_secret(header: str) -> None:
    with mock_of(header) as mock:
        for secret in (SECRET, SECRET[::-1]):
            ask(mock, {header: secret})
        told = [mock.story(), repr(mock.review()), json.dumps(har(mock.calls))]
        pages = [f"page/calls/{call.number}" for call in mock.calls]
        for page in ("journal", "journal?format=har", "page/review", *pages):
            answer = requests.get(f"{mock.url}/__mock__/{page}")
            assert answer.status_code == 200, page
            told.append(answer.text)
        assert not [text for text in told if SECRET in text or SECRET[::-1] in text]
        assert header.lower() in told[2].lower()


@pytest.mark.parametrize("scheme", ["", "Token"])
@each_header
def test_the_storys_line_of_curl_can_be_repeated(header: str, scheme: str) -> None:
    with mock_of(header, gateway_scheme=scheme) as mock:
        assert ask(mock, mock.headers) == 200
        assert "no credential" not in mock.story()
        line = curl_of(mock)
        assert mock.credentials["api_key"] not in line
        words = shlex.split(Template(line).substitute(mock.env))
        sent = dict(word.split(": ", 1) for word in words if ": " in word)
        assert {name.lower() for name in sent} == {header.lower()}
        assert requests.get(words[-1], headers=sent).status_code == 200


def test_a_refused_call_of_nobody_is_repeated_as_it_was_told() -> None:
    with mock_of("X-Acme-Key") as mock:
        assert ask(mock, {"X-Acme-Key": SECRET[::-1]}) == 401
        assert "--header 'X-Acme-Key: fedcba-5***'" in curl_of(mock)


def test_a_name_and_a_password_go_in_the_header_that_is_read() -> None:
    with MockAirflow(profile="gateway", gateway_header="X-Acme-Auth", gateway_credential="basic") as mock:
        assert ask(mock, mock.headers) == 200
        assert mock.calls[-1].credential == "Basic admin:***"
        line = curl_of(mock)
        assert "X-Acme-Auth: " in line
        assert "--user" not in line


def test_what_is_not_permitted_says_where_the_credential_was_read() -> None:
    with mock_of("X-Acme-Key") as mock:
        pool = {"name": "p", "slots": 1}
        viewer = mock.principal("Viewer").headers
        assert requests.post(f"{mock.api_url}/pools", json=pool, headers=viewer).status_code == 403
        assert mock.calls[-1].read_from == "the X-Acme-Key header"
