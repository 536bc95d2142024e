"""Datacoves' gate: every form of header, every condition of a key, and whose permissions it has."""

from __future__ import annotations

import pytest
import requests

from mock_airflow import MockAirflow

CLOCK = "2025-01-01T06:00:00Z"
NOT_PROVIDED = "Authentication credentials were not provided."


@pytest.fixture
def datacoves():
    with MockAirflow(profile="datacoves", clock=CLOCK, frozen=True) as mock:
        yield mock


def ask(mock, header=None, path="/api/v1/dags", method="GET", **more):
    headers = {} if header is None else {"Authorization": header}
    return requests.request(method, mock.url + path, headers=headers, **more)


def test_a_key_is_64_digits_that_are_shown_once_and_named_by_eight(datacoves):
    issued = datacoves.keys.create(name="My Script")

    assert len(issued.secret) == 64
    assert set(issued.secret) <= set("0123456789abcdef")
    assert issued.key.prefix == issued.secret[:8]
    assert issued.key.value is None
    assert issued.secret not in repr(datacoves.keys.list()) + repr(issued) + ask(datacoves, path="/__mock__/keys").text


@pytest.mark.parametrize("scheme", ["Token", "token", "TOKEN"])
def test_the_schemes_case_does_not_matter(datacoves, scheme):
    assert ask(datacoves, f"{scheme} {datacoves.credentials['api_key']}").status_code == 200


@pytest.mark.parametrize(
    ("header", "detail", "rule"),
    [
        (None, NOT_PROVIDED, "no credential"),
        ("{key}", NOT_PROVIDED, "scheme"),
        ("Bearer {key}", NOT_PROVIDED, "scheme"),
        ("Basic YWRtaW46YWRtaW4=", NOT_PROVIDED, "scheme"),
        ("Token", "Invalid token header. No credentials provided.", "malformed header"),
        ("Token {key} {key}", "Invalid token header. Token string should not contain spaces.", "malformed header"),
        ("Token {prefix}", "Invalid token.", "unknown key"),
        ("Token {key}0", "Invalid token.", "unknown key"),
        ("Token {upper}", "Invalid token.", "unknown key"),
        ("Token x" + "y" * 10_000, "Invalid token.", "unknown key"),
        ("Token kéy".encode(), "Invalid token.", "unknown key"),
    ],
)
def test_any_other_header_is_refused_with_its_reason(datacoves, header, detail, rule):
    key = datacoves.credentials["api_key"]
    if isinstance(header, str):
        header = header.format(key=key, prefix=key[:8], upper=key.upper())
    answer = ask(datacoves, header)

    assert (answer.status_code, answer.json()) == (401, {"detail": detail})
    assert answer.headers["WWW-Authenticate"] == "Token"
    call = datacoves.calls[-1]
    assert (call.rule, call.read_from, call.decision) == (rule, "the Authorization header", "refused")
    assert key not in str(call.told())


def test_two_headers_are_none_that_fits(datacoves):
    import http.client
    from urllib.parse import urlsplit

    key = datacoves.credentials["api_key"]
    connection = http.client.HTTPConnection(urlsplit(datacoves.url).netloc)
    connection.putrequest("GET", "/api/v1/dags")
    connection.putheader("Authorization", f"Token {key}")
    connection.putheader("Authorization", "Token another-key-0001")
    connection.endheaders()
    answer = connection.getresponse()
    connection.close()

    assert answer.status == 401
    assert datacoves.calls[-1].rule == "malformed header"
    assert key not in str(datacoves.calls[-1].told())


@pytest.mark.parametrize(
    ("end", "rule"),
    [("revoke", "revoked key"), ("expire", "expired key"), ("delete", "unknown key"), ("rotate", "unknown key")],
)
def test_a_key_that_ended_is_refused_on_the_next_request(datacoves, end, rule):
    issued = datacoves.keys.create(name="ci")
    header = f"Token {issued.secret}"
    assert ask(datacoves, header).status_code == 200
    getattr(datacoves.keys, end)(issued)
    answer = ask(datacoves, header)

    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid token."})
    assert datacoves.calls[-1].rule == rule
    assert (datacoves.calls[-1].since == datacoves.clock.now()) is (end in ("revoke", "expire"))


def test_a_key_expires_between_two_pages(datacoves):
    issued = datacoves.keys.create(expires_in=60)
    header = f"Token {issued.secret}"
    assert ask(datacoves, header, "/api/v1/pools?limit=1").status_code == 200
    datacoves.clock.advance(60)
    assert ask(datacoves, header, "/api/v1/pools?limit=1&offset=1").status_code == 401


def test_keys_with_the_same_prefix_are_told_apart(datacoves):
    first = datacoves.keys.create(secret="0123456789-first", scope="read-only", owner="one")
    second = datacoves.keys.create(secret="0123456789-second", owner="two")

    for issued in (first, second):
        assert ask(datacoves, f"Token {issued.secret}").status_code == 200
        assert datacoves.calls[-1].principal == issued.key.owner
    assert ask(datacoves, "Token 0123456789-third").status_code == 401


def test_permissions_are_the_users_and_end_with_him(datacoves):
    viewer = datacoves.principal("Op")
    assert ask(datacoves, viewer.headers["Authorization"], "/api/v1/pools", "POST", json={"name": "p", "slots": 1}).ok
    assert ask(datacoves, viewer.headers["Authorization"], "/auth/fab/v1/users").status_code == 403

    admin = datacoves.headers["Authorization"]
    assert ask(datacoves, admin, f"/auth/fab/v1/users/{viewer.name}", "DELETE").status_code == 204
    refused = ask(datacoves, viewer.headers["Authorization"])
    assert (refused.status_code, datacoves.calls[-1].rule) == (401, "removed owner")


@pytest.mark.parametrize(
    ("scope", "statuses"), [("read-only", (200, 403, 403)), ("read-write", (200, 403, 403)), ("admin", (200, 200, 200))]
)
def test_a_missing_permission_is_airflows_own_403(datacoves, scope, statuses):
    header = f"Token {datacoves.keys.create(scope=scope, owner='nobody').secret}"
    answers = [
        ask(datacoves, header),
        ask(datacoves, header, "/api/v1/pools", "POST", json={"name": "p", "slots": 1}),
        ask(datacoves, header, "/api/v1/connections"),
    ]

    assert tuple(answer.status_code for answer in answers) == statuses
    for answer in answers:
        if answer.status_code == 403:
            assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_is_assumed_can_be_set():
    with MockAirflow(profile="datacoves", datacoves_refusal_status="403", datacoves_bearer=True) as mock:
        refused = ask(mock)
        assert refused.status_code == 403
        assert "WWW-Authenticate" not in refused.headers
        assert ask(mock, f"Bearer {mock.credentials['api_key']}").status_code == 200
    with MockAirflow(profile="datacoves", datacoves_keys_follow_user=False) as mock:
        viewer = mock.principal("Op")
        mock.deployment.airflow.users.delete(viewer.name)
        assert ask(mock, viewer.headers["Authorization"]).status_code == 200
