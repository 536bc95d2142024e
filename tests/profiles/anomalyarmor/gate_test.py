"""The gate: which headers it takes, what it says to the others, and that no secret gets out."""

from __future__ import annotations

import io
import logging
import socket

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import AccessKeyError


def raw(mock, *lines):
    """The status and the body that a request with these header lines gets, as they are."""
    host, _, port = mock.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = b"\r\n".join([b"GET /api/v1/sdk/assets HTTP/1.1", b"Host: x", b"Connection: close", *lines, b"", b""])
        connection.sendall(head)
        data = b""
        while part := connection.recv(65536):
            data += part
    return int(data.split(b" ")[1]), data


def test_the_scheme_goes_in_any_case_and_spaces_around_it_count_for_nothing(armor):
    key = armor.credentials["api_key"].encode()
    for line in (b"Bearer ", b"bearer ", b"BEARER ", b"Bearer   "):
        assert raw(armor, b"Authorization: " + line + key)[0] == 200
    assert raw(armor, b"authorization:Bearer " + key + b"   ")[0] == 200


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (b"", "no credential"),
        (b"%s", "scheme"),
        (b"Token %s", "scheme"),
        (b"Basic %s", "scheme"),
        (b"Bearer", "malformed header"),
        (b"Bearer %s x", "malformed header"),
        (b"Bearer %s,%s", "malformed header"),
        (b"Bearer %sx", "unknown key"),
        (b"Bearer \xe9\xe8%s", "unknown key"),
        (b"Bearer \xf0\x9f\x94\x91", "unknown key"),
        (b"Bearer " + b"a" * 10_240, "unknown key"),
        (b"Bearer " + b"a" * 5000 + b"." + b"b" * 5000 + b".c", "token malformed"),
        (b"Bearer a.b.c", "token malformed"),
        (b"Bearer ..", "token malformed"),
    ],
)
def test_other_headers_are_refused_in_the_vendors_words(armor, value, rule):
    key = armor.credentials["api_key"]
    status, data = raw(armor, b"Authorization: " + value.replace(b"%s", key.encode()))
    assert status == 401
    assert b'"code":"UNAUTHORIZED"' in data
    assert b"WWW-Authenticate: Bearer" in data
    assert armor.calls[-1].rule == rule
    assert key not in str(armor.calls[-1].told())
    assert key.encode() not in data


def test_upper_case_is_another_key(armor):
    assert raw(armor, b"Authorization: Bearer " + armor.credentials["api_key"].upper().encode())[0] == 401


def test_two_headers_are_no_credential_even_if_both_are_right(armor):
    line = b"Authorization: Bearer " + armor.credentials["api_key"].encode()
    assert raw(armor, line, line)[0] == 401
    assert raw(armor, b"Authorization: Bearer nonsense", line)[0] == 401
    assert raw(armor, line, b"X_Authorization: Bearer nonsense")[0] == 200


def test_keys_that_begin_alike_are_told_apart_and_limited_apart():
    same = "aa_live_same"
    with MockAirflow(
        profile="anomalyarmor", rate_limit="2/hour", key=[f"{same}{'a' * 28}:read-only", f"{same}{'b' * 28}:admin"]
    ) as mock:

        def ask(letter, method="GET"):
            headers = {"Authorization": f"Bearer {same}{letter * 28}"}
            return requests.request(method, f"{mock.api_url}/api-keys", headers=headers, json={"name": "x"}).status_code

        assert [ask("a"), ask("a", "POST"), ask("a")] == [200, 403, 429]
        assert [ask("b"), ask("b", "POST"), ask("b")] == [200, 201, 429]
        assert ask("c") == 401
        with pytest.raises(AccessKeyError):
            mock.keys.revoke(same)  # which of the two, nobody said


@pytest.mark.parametrize("path", ["/api/v1/sdk/assets", "/api/v1/dags", "/api/v1/health", "/nowhere", "/api/v1/sdk/no"])
def test_every_path_takes_a_key(ask, path):
    answer = ask("GET", path, None)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "status", "code"), [("GET", 404, "NOT_FOUND"), ("PUT", 405, "METHOD_NOT_ALLOWED")])
def test_what_is_unknown_below_sdk_is_told_in_the_vendors_words(ask, method, status, code):
    answer = ask(method, "/api/v1/sdk/nowhere" if method == "GET" else "/api/v1/sdk/assets")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_an_error_may_be_a_text():
    with MockAirflow(profile="anomalyarmor", anomalyarmor_error_as_text="yes", anomalyarmor_challenge="no") as mock:
        answer = requests.get(f"{mock.api_url}/sdk/assets")
    assert answer.json() == {"success": False, "error": "UNAUTHORIZED", "message": "Missing API key"}
    assert "WWW-Authenticate" not in answer.headers


def test_no_secret_gets_out(armor, ask, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    secrets = [armor.credentials["api_key"]]
    secrets.append(ask("POST", "/api/v1/api-keys", json={"name": "ci"}).json()["data"]["key"])
    secrets.append(ask("POST", "/api/v1/demo/session", None).json()["data"]["api_key"])
    config = {"url": "https://example.com", "headers": {"x": "hush-hush-hush"}}
    secrets.append("hush-hush-hush")
    body = {"name": "w", "destination_type": "webhook", "config": config}
    assert ask("POST", "/api/v1/sdk/alerts/destinations", json=body).status_code == 201
    connection = {"host": "h", "password": "open-sesame-open"}
    secrets.append("open-sesame-open")
    made = {"name": "Other", "source_type": "postgresql", "connection_config": connection}
    assert ask("POST", "/api/v1/sdk/assets", json=made).status_code == 201
    ask("GET", "/api/v1/sdk/assets", f"{secrets[1]}x")

    told = io.StringIO()
    for call in armor.calls:
        print(call, call.told(), file=told)
    print(armor, armor.settings, armor.keys.list(), armor.deployment.vendor.estate.items("destination"), file=told)
    print(
        requests.get(f"{armor.url}/__mock__/keys").text, requests.get(f"{armor.url}/__mock__/journal").text, file=told
    )
    out = told.getvalue() + caplog.text + "".join(capsys.readouterr())
    assert [secret for secret in secrets if secret in out] == []


def test_snapshots_hold_keys_and_estate_alike(armor, ask):
    before = armor.snapshot()
    key = ask("POST", "/api/v1/api-keys", json={"name": "ci"}).json()["data"]["key"]
    ask("POST", "/api/v1/sdk/tags", json={"asset_id": "snowflake.prod", "name": "t", "object_path": "warehouse.orders"})
    armor.restore(before)
    assert ask("GET", "/api/v1/assets", key).status_code == 401
    assert ask("GET", "/api/v1/sdk/tags?asset_id=snowflake.prod").json()["data"]["total"] == 1


def test_a_refused_request_changes_nothing(ask):
    body = {"destinations": [{"name": "a", "destination_type": "email", "config": {}}, {"name": "b"}]}
    assert ask("POST", "/api/v1/sdk/alerts/destinations/bulk", json=body).status_code == 400
    assert ask("GET", "/api/v1/sdk/alerts/destinations").json()["data"]["total"] == 1
