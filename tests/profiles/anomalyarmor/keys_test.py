"""API keys: made, listed, looked at, revoked; scopes by method; how many a plan allows; demo sessions."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
import requests

from mock_airflow import MockAirflow

FIELDS = [
    "id",
    "name",
    "key_prefix",
    "key_suffix",
    "display_key",
    "scope",
    "rate_limit_per_min",
    "burst_limit",
    "created_at",
    "last_used_at",
    "revoked_at",
    "expires_at",
    "is_active",
]


def test_the_pages_call_makes_a_key_whose_value_is_told_once(armor, ask):
    curl = f"""curl -s -X POST "{armor.api_url}/api-keys" \
      -H "Authorization: Bearer {armor.credentials["api_key"]}" \
      -H "Content-Type: application/json" \
      -d '{{"name": "automation-key", "scope": "read-only"}}'"""
    done = subprocess.run(shlex.split(curl), capture_output=True, text=True, timeout=30)
    told = requests.models.complexjson.loads(done.stdout)

    assert told["success"] is True
    key = told["data"].pop("key")
    assert list(told["data"]) == FIELDS
    assert re.fullmatch(r"aa_live_[a-z0-9]{32}", key)
    assert told["data"]["display_key"] == f"{key[:12]}...{key[-4:]}"
    assert (told["data"]["scope"], told["data"]["created_at"]) == ("read-only", "2026-01-02T03:04:05Z")
    assert (told["data"]["rate_limit_per_min"], told["data"]["burst_limit"]) == (500, 25)
    listed = ask("GET", "/api/v1/api-keys")
    assert [row["name"] for row in listed.json()["data"]["keys"]] == ["first key", "automation-key"]
    assert key not in listed.text
    assert key not in ask("GET", f"/api/v1/api-keys/{told['data']['id']}").text
    assert ask("GET", "/api/v1/assets", key).status_code == 200


def test_a_new_key_is_201_and_never_stored_by_a_cache(ask):
    made = ask("POST", "/api/v1/api-keys", json={"name": "ci"})
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert made.json()["data"]["scope"] == "read-only"


def test_the_status_of_a_new_key_is_a_setting():
    with MockAirflow(profile="anomalyarmor", anomalyarmor_create_status="200") as mock:
        made = requests.post(f"{mock.api_url}/api-keys", headers=mock.headers, json={"name": "ci"})
    assert made.status_code == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "name is required"),
        ({"name": ""}, "name must not be empty"),
        ({"name": 7}, "name must be a text"),
        ({"name": "x", "scope": "root"}, "scope must be one of read-only, read-write, admin"),
        ([], "The request body must be a JSON object"),
    ],
)
def test_a_key_that_cannot_be_is_not_made(ask, armor, body, said):
    answer = ask("POST", "/api/v1/api-keys", json=body)
    assert answer.status_code == 400
    assert (answer.json()["error"]["code"], answer.json()["error"]["message"]) == ("VALIDATION_ERROR", said)
    assert len(armor.keys.list()) == 1


def test_a_revoked_key_opens_nothing_from_the_next_request_on(ask):
    made = ask("POST", "/api/v1/api-keys", json={"name": "ci", "scope": "admin"}).json()["data"]
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {made['key']}"
    url = ask("GET", "/api/v1/api-keys").request.url.replace("/api-keys", "")
    assert session.get(f"{url}/sdk/assets").status_code == 200

    gone = session.delete(f"{url}/api-keys/{made['id']}")
    assert (gone.status_code, gone.json()["data"]["is_active"]) == (200, False)
    assert gone.json()["data"]["revoked_at"] == "2026-01-02T03:04:05Z"
    for path in ("sdk/assets", "dags", "api-keys/usage"):
        refused = session.get(f"{url}/{path}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "UNAUTHORIZED")
    named = [row["name"] for row in ask("GET", "/api/v1/api-keys").json()["data"]["keys"]]
    all_named = [row["name"] for row in ask("GET", "/api/v1/api-keys?include_revoked=true").json()["data"]["keys"]]
    assert (named, all_named) == (["first key"], ["first key", "ci"])


def test_refusals_tell_since_when_and_by_which_rule(armor, ask):
    made = armor.keys.create(name="gone")
    armor.keys.revoke(made)
    ask("GET", "/api/v1/assets", made.secret)
    ask("GET", "/api/v1/assets", None)
    ask("GET", "/api/v1/assets", "aa_live_unknownunknownunknownunknown")
    revoked, missing, unknown = armor.calls
    assert [call.rule for call in armor.calls] == ["revoked key", "no credential", "unknown key"]
    assert revoked.since == armor.clock.now()
    assert (revoked.read_from, missing.read_from) == ("the Authorization header", "nowhere: none was sent")
    assert "aa_live_<" not in unknown.reason
    assert made.secret not in str([call.told() for call in armor.calls])
    assert all(call.would_pass for call in armor.calls)


# -------------------------------------------------------------------------------------------------------------- scopes

READ, WRITE, ADMIN = "read-only", "read-write", "admin"


@pytest.mark.parametrize(
    ("method", "path", "least"),
    [
        ("GET", "/api/v1/sdk/assets", READ),
        ("GET", "/api/v1/api-keys/usage", READ),
        ("GET", "/api/v1/api-keys", READ),
        ("POST", "/api/v1/sdk/freshness/snowflake.prod.warehouse.orders/refresh", WRITE),
        ("POST", "/api/v1/sdk/schema/snowflake.prod.warehouse.orders/refresh", WRITE),
        ("DELETE", "/api/v1/sdk/schema/snowflake.prod.warehouse.orders/monitoring", ADMIN),
        ("POST", "/api/v1/api-keys", ADMIN),
        ("GET", "/api/v1/dags", READ),
        ("POST", "/api/v1/dags/bad_variable_usage/dagRuns", WRITE),
        ("PATCH", "/api/v1/dags/bad_variable_usage", ADMIN),
    ],
)
def test_a_scope_is_a_set_of_methods_here_and_behind_the_gate(armor, ask, method, path, least):
    ranks = (READ, WRITE, ADMIN)
    for scope in ranks:
        key = armor.keys.create(name=scope, scope=scope).secret
        armor.clock.advance(1)  # two runs cannot have one logical date
        more = {"json": {"name": "x"}} if path.endswith("/api-keys") and method == "POST" else {}
        if method == "PATCH":
            more = {"json": {"is_paused": False}}
        elif "dagRuns" in path:
            more = {"json": {}}
        answer = ask(method, path, key, **more)
        if ranks.index(scope) >= ranks.index(least):
            assert answer.status_code in (200, 201), answer.text
            continue
        assert answer.status_code == 403
        assert answer.json() == {
            "error": {
                "code": "FORBIDDEN",
                "message": f"This operation requires {least} scope",
                "details": {"required_scope": least, "current_scope": scope},
            }
        }
        assert (armor.calls[-1].rule, armor.calls[-1].would_pass) == ("scope", f"a key with the scope {least}")


def test_who_may_look_at_keys_and_change_things_are_settings():
    with MockAirflow(
        profile="anomalyarmor", anomalyarmor_key_reads="admin", anomalyarmor_read_write_changes="yes"
    ) as mock:
        key = mock.keys.create(scope="read-write").secret
        headers = {"Authorization": f"Bearer {key}"}
        assert requests.get(f"{mock.api_url}/api-keys", headers=headers).status_code == 403
        assert requests.get(f"{mock.api_url}/api-keys/usage", headers=headers).status_code == 200
        path = f"{mock.api_url}/sdk/schema/snowflake.prod/monitoring"
        assert requests.delete(path, headers=headers).status_code == 200


def test_roles_behind_the_gate_follow_the_scope(armor):
    told = {role: armor.principal(role).roles for role in ("Viewer", "User", "Admin", "Op")}
    assert told == {"Viewer": ("Viewer",), "User": ("User",), "Admin": ("Admin",), "Op": ("Op",)}


# ------------------------------------------------------------------------------------------------------- demo sessions


def test_anybody_gets_a_key_that_reads_for_an_hour(armor, ask):
    told = ask("POST", "/api/v1/demo/session", None)
    assert told.status_code == 200
    key = told.json()["data"]["api_key"]
    assert re.fullmatch(r"aa_demo_[A-Za-z0-9]{32,}", key)
    assert told.json()["data"]["expires_at"] == "2026-01-02T04:04:05Z"
    assert ask("GET", "/api/v1/sdk/assets", key).status_code == 200
    assert ask("POST", "/api/v1/sdk/freshness/snowflake.prod/refresh", key).status_code == 403
    assert [row["name"] for row in ask("GET", "/api/v1/api-keys").json()["data"]["keys"]] == ["first key"]

    armor.clock.advance(hours=1)
    expired = ask("GET", "/api/v1/sdk/assets", key)
    assert (expired.status_code, expired.json()["error"]["message"]) == (401, "API key has expired")
    assert armor.calls[-1].rule == "expired key"


def test_a_demo_sessions_life_is_a_setting():
    with MockAirflow(
        profile="anomalyarmor", clock="2026-01-02T03:04:05Z", frozen=True, anomalyarmor_demo_lifetime=60
    ) as mock:
        told = requests.post(f"{mock.api_url}/demo/session").json()["data"]
    assert told["expires_at"] == "2026-01-02T03:05:05Z"
