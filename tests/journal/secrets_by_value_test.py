"""A secret is hidden wherever its value stands: journal, exports, explanations, headers, logs, stories, captures."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from mock_airflow import MockAirflow
from mock_airflow.journal.explanation import explained
from mock_airflow.journal.export import har, recording
from mock_airflow.server.watching import watched
from mock_airflow.settings import PROFILES
from mock_airflow.testing.story import story
from mock_airflow.world.capture.gathering import WantedRows
from tests.support import Deploy
from tests.world.capture.servers import captured, content_of, deployment_of

SECRET = "hunter2-hunter2"
ODD = 'pä"ss w0rd/7'
CONNECTION = {"connection_id": "c", "conn_type": "http"}
JSON = "application/json"


def everything(call: Any) -> str:
    """All that is told of a deployment's calls, by any of the ways."""
    deployment = call.deployment
    entries = list(deployment.journal)
    told = [entry.told() for entry in entries], [explained(entry) for entry in entries], repr(entries)
    exported = har(entries), recording(entries)
    texts = [entry.hide(change) for entry in entries for change in map(str, entry.told()["changes"])]
    return json.dumps([told, exported, texts], default=str, ensure_ascii=False) + story(deployment, 1000)


def spelt(secret: str) -> set[str]:
    """The secret as it would stand there: in JSON, and in JSON within JSON."""
    once = json.dumps(secret, ensure_ascii=False)[1:-1]
    escaped = json.dumps(secret)[1:-1]
    return {secret, once, escaped, json.dumps(once)[1:-1], json.dumps(escaped)[1:-1]}


BODIES: Mapping[str, tuple[str, Any]] = {
    "a list": (SECRET, {**CONNECTION, "password": [SECRET]}),
    "an object": (SECRET, {**CONNECTION, "password": {"inside": {"of": SECRET}}}),
    "a name in an object": (SECRET, {**CONNECTION, "password": {SECRET: 1}}),
    "a whole number": ("8675309", {**CONNECTION, "password": 8675309}),
    "a broken number": ("867.5309", {**CONNECTION, "password": 867.5309}),
    "a PIN": ("4711", {**CONNECTION, "conn_type": 5, "password": 4711}),
    "an odd text": (ODD, {**CONNECTION, "password": ODD, "description": f"it is {ODD} today"}),
    "told twice": (SECRET, {**CONNECTION, "password": SECRET, "description": f"not {SECRET}!", "port": SECRET}),
    "its own name": (SECRET, {**CONNECTION, "jwt": SECRET}),
    "key": (SECRET, {**CONNECTION, "key": SECRET}),
    "code": (SECRET, {**CONNECTION, "code": SECRET}),
    "a name in camel case": (SECRET, {**CONNECTION, "accountKey": SECRET}),
    "JSON in JSON": (SECRET, {**CONNECTION, "extra": json.dumps({"a": json.dumps({"password": SECRET})})}),
    "key in the extra": (SECRET, {**CONNECTION, "extra": json.dumps({"a": [{"key": SECRET}]})}),
    "an address": (SECRET, {**CONNECTION, "host": f"postgres://me:{SECRET}@db.example.com/x"}),
    "an address without a scheme": (SECRET, {**CONNECTION, "description": f"me:{SECRET}@db.example.com"}),
    "a list of settings": (SECRET, {**CONNECTION, "description": f"Server=db;Pwd={SECRET};Encrypt=yes"}),
    "a header": (SECRET, {**CONNECTION, "description": f"Authorization: Bearer {SECRET}"}),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_tells_none(deploy: Deploy, name: str) -> None:
    secret, body = BODIES[name]
    call = deploy(explain_header=True)

    answers = [call.post("/api/v1/connections", json=body)]
    answers += [call.get("/api/v1/connections/c"), call.get("/api/v1/connections")]
    if secret == SECRET:  # what does not look like one is hidden in its own request alone
        answers += [call.get(f"/api/v1/connections/{secret}?x={secret}")]

    told = everything(call) + "".join(answer.headers.get("X-Mock-Airflow-Reason", "") for answer in answers)
    assert "/api/v1/connections" in told
    assert not [each for each in spelt(secret) if each in told]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (f'{{"connection_id": 1, "conn_type": "http", "pass\\u0077ord": ["{SECRET}"]}}', JSON),
        (f'{{"password": "{SECRET}"', JSON),
        (f'{{"password": "{SECRET}"}}', "text/plain"),
        (f"p%61ssword={SECRET}&x=1", "application/x-www-form-urlencoded"),
        (f"code={SECRET}", "application/x-www-form-urlencoded"),
        (f"<a password='{SECRET}'/>", "text/xml"),
        ('{"password": ' + "[" * 20_000 + f'"{SECRET}"' + "]" * 20_000 + "}", JSON),
    ],
    ids="escaped broken plain form code xml deep".split(),
)
def test_a_body_of_another_form_tells_none(deploy: Deploy, data: str, kind: str) -> None:
    call = deploy()
    call.post("/api/v1/connections", data=data, content_type=kind)
    assert SECRET not in everything(call)


@pytest.mark.parametrize("name", "key code jwt pwd session sig k%65y apiKey client_assertion x.otp".split())
def test_a_query_tells_none(deploy: Deploy, name: str) -> None:
    call = deploy(explain_header=True)
    answer = call.get(f"/api/v1/pools/{SECRET}?{name}={SECRET}")
    assert SECRET not in everything(call) + answer.headers.get("X-Mock-Airflow-Reason", "")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("pair", [(SECRET, ""), (SECRET, "x"), ("sk_live_51H", "api_token"), ("admin", SECRET)])
def test_a_key_as_the_user_of_a_basic_header_is_told_nowhere(profile: str, pair: tuple[str, str]) -> None:
    secret = next(each for each in pair if any(letter.isdigit() for letter in each))
    basic = "Basic " + base64.b64encode(":".join(pair).encode()).decode()
    with MockAirflow(profile=profile, frozen=True, explain_header=True) as mock:
        client = Client(mock.deployment.wsgi)
        paths = (f"{mock.deployment.mount}/api/v1/dags/{secret}", "/api/experimental/test", f"/{secret}")
        answers = [client.get(path, headers={"Authorization": basic}) for path in paths]
        told = everything(mock)
    told += "".join(answer.headers.get("X-Mock-Airflow-Reason", "") for answer in answers)
    assert secret not in told
    assert basic.split()[1] not in told


SIGNED = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmVkLWJ5LW5vYm9keQ"


@pytest.mark.parametrize("path", ["dags/{}", "variables/{}", "dags/a/dagRuns/{}", "nothing/{}"])
@pytest.mark.parametrize("secret", [SIGNED, f"https:%2F%2Fsomebody:{SECRET}@host"])
def test_a_path_tells_none_and_nothing_that_quotes_it(deploy: Deploy, path: str, secret: str) -> None:
    call = deploy(explain_header=True)
    answer = call.get(f"/api/v1/{path.format(secret)}")
    told = everything(call) + answer.headers.get("X-Mock-Airflow-Reason", "")
    assert SIGNED not in told
    assert SECRET not in told


def test_a_token_that_is_some_value_is_told_nowhere(deploy: Deploy) -> None:
    call = deploy(explain_header=True)
    call.post("/api/v1/variables", json={"key": "plain", "value": SIGNED})
    call.post("/api/v1/variables", json={"key": [SIGNED], "value": "x"})
    assert SIGNED not in everything(call)


def test_a_name_that_nobody_has_is_still_told(deploy: Deploy) -> None:
    call = deploy()
    header = base64.b64encode(b"nobody:wrong").decode()
    call.get("/api/v1/dags", by=None, headers={"Authorization": f"Basic {header}"})
    (entry,) = call.deployment.journal
    assert entry.credential == "Basic nobody:***"
    assert "'nobody'" in entry.reason


def test_what_a_deployment_keeps_is_told_in_no_later_call(deploy: Deploy) -> None:
    call = deploy(
        {
            "connections": [{**CONNECTION, "extra": json.dumps({"sas": {"key": "in-an-extra-1"}})}],
            "connection_secrets": {"c": {"password": "in-a-world-1"}},
            "variables": [
                {"key": "db_password", "value": "in-a-variable-1"},
                {"key": "a", "value": "say in-a-variable-1"},
            ],
        }
    )
    call.deployment.keys.issue(secret="a-key-of-its-own-1")
    call.post("/api/v1/variables", json={"key": "b", "value": json.dumps({"token": "in-a-request-1"})})
    secrets = "in-a-world-1 in-an-extra-1 in-a-variable-1 a-key-of-its-own-1 in-a-request-1".split()
    call.deployment.journal.clear()

    call.get("/api/v1/variables")
    for secret in secrets:
        call.get(f"/api/v1/variables/{secret}")
        call.post("/api/v1/variables", json={"key": f"of {secret}", "value": secret})
        call.get("/api/v1/dags", headers={"User-Agent": secret})

    told = everything(call)
    assert not [secret for secret in secrets if secret in told]


def test_names_are_no_secrets_though_they_are_passwords_too(deploy: Deploy) -> None:
    call = deploy({"dags": [{"dag_id": "production"}]})
    call.get("/api/v1/dags/production/details")
    call.post("/api/v1/connections", json={**CONNECTION, "password": "production"})
    call.get("/api/v1/dags/production")
    assert [entry.path for entry in call.deployment.journal][-1] == "/api/v1/dags/production"
    assert list(call.deployment.journal)[-1].principal == "admin"


def test_variables_keys_and_long_texts_stay_readable(deploy: Deploy) -> None:
    call = deploy()
    body = {"key": "table_2024", "value": "mail joe@example.com at 12:30, see https://example.com/a?b=1"}
    call.post("/api/v1/variables", json=body)
    (entry,) = call.deployment.journal
    assert entry.request_json == body


@pytest.mark.parametrize("place", range(3980, 4002, 3))
def test_a_body_that_is_cut_does_not_end_within_one(deploy: Deploy, place: int) -> None:
    call = deploy()
    call.post("/api/v1/connections", json={**CONNECTION, "password": SECRET})
    call.deployment.journal.clear()
    call.post("/api/v1/variables", json={"key": "x", "value": "-" * place + SECRET + "-" * 200})
    assert "hunter" not in everything(call)


def test_a_request_full_of_them_tells_nothing(deploy: Deploy) -> None:
    call = deploy()
    many = {"password": [f"secret-number-{number}" for number in range(500)]}
    call.post("/api/v1/connections", json={**CONNECTION, **many, "description": "secret-number-7"})
    assert "secret-number" not in everything(call)


def test_assertions_still_know_a_call_by_what_it_sent(deploy: Deploy) -> None:
    with MockAirflow(frozen=True) as mock:
        client = Client(mock.deployment.wsgi)
        body = {**CONNECTION, "password": SECRET, "description": f"not {SECRET}", "extra": '{"key": "abcdefg1"}'}
        client.post("/api/v1/connections", json=body, headers=mock.headers)
        mock.calls.assert_called("POST /api/v1/connections", json=body)
        with pytest.raises(AssertionError, match="its body differs at"):
            mock.calls.assert_called("POST /api/v1/connections", json={**body, "conn_type": "ftp"})


def test_what_a_line_of_the_log_is_made_of_tells_none() -> None:
    told: list[tuple[str, str]] = []
    with MockAirflow(frozen=True) as mock:
        client = Client(watched(mock.deployment.wsgi, [lambda seen: told.append((seen.path, seen.reason))]))
        client.post("/api/v1/connections", json={**CONNECTION, "password": [SECRET]}, headers=mock.headers)
        client.get(f"/api/v1/pools/{SECRET}", auth=("admin", SECRET))
    assert "is not of type" in str(told)
    assert SECRET not in str(told)


def test_a_fault_of_ours_is_logged_without_them(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"It was {SECRET}.")

    monkeypatch.setattr("mock_airflow.domain.connections.create", fails)
    with MockAirflow(frozen=True) as mock:
        body = {**CONNECTION, "password": SECRET}
        answer = Client(mock.deployment.wsgi).post("/api/v1/connections", json=body, headers=mock.headers)
    assert answer.status_code == 500
    assert "RuntimeError: It was ***." in caplog.text
    assert SECRET not in caplog.text


def test_a_captured_world_has_none_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    extra = {"a": json.dumps({"b": json.dumps({"password": SECRET})}), "key": "key-in-extra-1", "n": {"pwd": 8675309}}
    deployment = deployment_of(
        {
            "connections": [{**CONNECTION, "extra": json.dumps(extra), "description": "not key-in-extra-1"}],
            "dags": [{"dag_id": "etl", "tasks": ["load"], "description": f"with me:{SECRET}@db"}],
            "dag_runs": [
                {"dag_id": "etl", "dag_run_id": "r", "conf": {"jwt": "conf-jwt-1"}, "note": "conf-jwt-1 again"}
            ],
        }
    )

    captured(deployment.wsgi, file, WantedRows())

    text = file.read_text("utf-8")
    assert not [each for each in (SECRET, "key-in-extra-1", "8675309", "conf-jwt-1") if each in text]
    assert json.loads(content_of(file)["connections"][0]["extra"])["key"] == "***"
    assert file.stat().st_mode & 0o777 == 0o600
