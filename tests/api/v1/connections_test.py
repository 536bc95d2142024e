"""Connections: ids, masks, secrets, and what the database of a real Airflow refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import Deploy

CONNECTIONS = "/api/v1/connections"
MAIN = {
    "connection_id": "main",
    "conn_type": "postgres",
    "description": "Main",
    "host": "db.example.org",
    "login": "reader",
    "schema": "shop",
    "port": 5432,
    "extra": '{"sslmode": "require", "api_token": "tok-1"}',
}
WORLD = {"connections": [{**MAIN, "password": "s3cret-pw"}, {"connection_id": "echo", "conn_type": "http"}]}


def test_list_has_neither_extra_nor_password(deploy: Deploy) -> None:
    told = deploy(WORLD).get(CONNECTIONS).get_json()

    assert told["total_entries"] == 2
    assert told["connections"][0] == {name: value for name, value in MAIN.items() if name != "extra"}


def test_one_has_its_extra_masked_and_no_password(deploy: Deploy) -> None:
    told = deploy(WORLD).get(f"{CONNECTIONS}/main").get_json()

    assert told == {**MAIN, "extra": '{"sslmode": "require", "api_token": "***"}'}


def test_secrets_are_in_no_repr(deploy: Deploy) -> None:
    shown = repr(list(deploy(WORLD).deployment.airflow.connections))

    assert "main" in shown
    assert "s3cret-pw" not in shown
    assert "tok-1" not in shown


@pytest.mark.parametrize(
    ("extra", "shown"),
    [
        (None, None),
        ("", ""),
        ("{}", "{}"),
        ("plain password=x", "plain password=x"),
        ('{"z":1,"a":{"api_key":"k"}}', '{"z": 1, "a": {"api_key": "***"}}'),
        (
            '{"password": "", "token": [1, "s"], "secret": null}',
            '{"password": "***", "token": [1, "***"], "secret": null}',
        ),
        ('{"pass": "p", "api-key": "k"}', '{"pass": "p", "api-key": "k"}'),
        # five levels down Airflow stops looking: it shows what was harmless so far, and hides all of what was secret
        (
            '{"a":{"a":{"a":{"a":{"a":{"a":{"token": "t"}}}}}}, "token":{"a":{"a":{"a":{"a":{"a": 1}}}}}}',
            '{"a": {"a": {"a": {"a": {"a": {"a": {"token": "t"}}}}}}, '
            '"token": {"a": {"a": {"a": {"a": {"a": "***"}}}}}}',
        ),
    ],
)
def test_extra_as_it_is_shown(deploy: Deploy, extra: str | None, shown: str | None) -> None:
    body = {"connection_id": "c", "conn_type": "http", "extra": extra}

    assert deploy().post(CONNECTIONS, json=body).get_json()["extra"] == shown


@pytest.mark.parametrize("extra", ["[]", "[1]", "5", '"s"', "null"])
def test_extra_of_other_json_fails_before_anything_is_written(deploy: Deploy, extra: str) -> None:
    call = deploy()
    events = len(call.deployment.airflow.event_logs)
    answer = call.post(CONNECTIONS, json={"connection_id": "c", "conn_type": "http", "extra": extra})

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html")
    assert call.get(f"{CONNECTIONS}/c").status_code == 404
    assert len(call.deployment.airflow.event_logs) == events


def test_extra_of_other_json_is_taken_where_the_body_is_not_logged(deploy: Deploy) -> None:
    body = {"connection_id": "c", "conn_type": "http", "extra": '[{"password": "p"}, 5]'}
    answer = deploy().post(CONNECTIONS, data=json.dumps(body), content_type="application/vnd.api+json")

    assert answer.get_json()["extra"] == '[{"password": "***"}, 5]'


MALFORMED = "has to be made of alphanumeric characters, dashes, dots and underscores exclusively"


@pytest.mark.parametrize(
    ("connection_id", "detail"),
    [
        ("", f"The key '' {MALFORMED}"),
        ("with space", f"The key 'with space' {MALFORMED}"),
        ("sl/ash", f"The key 'sl/ash' {MALFORMED}"),
        ("two\n\n", f"The key 'two\\n\\n' {MALFORMED}"),
        ("c" * 201, "The key has to be less than 200 characters"),
        ("c" * 251, "{'connection_id': ['Longer than maximum length 250.']}"),
    ],
)
def test_ids_that_are_refused(deploy: Deploy, connection_id: str, detail: str) -> None:
    answer = deploy().post(CONNECTIONS, json={"connection_id": connection_id, "conn_type": "http"})

    assert (answer.status_code, answer.get_json()["detail"]) == (400, detail)


@pytest.mark.parametrize("connection_id", ["do.t-s_x", "c" * 200])
def test_ids_that_are_taken(deploy: Deploy, connection_id: str) -> None:
    call = deploy()

    assert call.post(CONNECTIONS, json={"connection_id": connection_id, "conn_type": ""}).status_code == 200
    again = call.post(CONNECTIONS, json={"connection_id": connection_id, "conn_type": "x"})
    assert (again.status_code, again.get_json()["detail"]) == (409, f"Connection already exist. ID: {connection_id}")


@pytest.mark.parametrize(
    "body",
    [
        {"connection_id": "üml", "conn_type": "http"},
        {"connection_id": "newline\n", "conn_type": "http"},
        {"connection_id": "c", "conn_type": "http", "port": 1 << 63},
    ],
)
def test_what_only_the_database_refuses(deploy: Deploy, body: dict[str, Any]) -> None:
    page = deploy().post(CONNECTIONS, json=body)
    clean = deploy(airflow_bugs=False).post(CONNECTIONS, json=body)

    assert (page.status_code, page.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert clean.status_code == 400


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            {},
            "{'connection_id': ['Missing data for required field.'], "
            "'conn_type': ['Missing data for required field.']}",
        ),
        ({"connection_id": "c", "conn_type": "t", "conn_id": "c"}, "{'conn_id': ['Unknown field.']}"),
        ({"connection_id": "c", "conn_type": "t" * 501}, "{'conn_type': ['Longer than maximum length 500.']}"),
        ({"connection_id": "c", "conn_type": "t", "host": "h" * 501}, "{'host': ['Longer than maximum length 500.']}"),
        ({"connection_id": "c", "conn_type": None}, "None is not of type 'string' - 'conn_type'"),
        ({"connection_id": "c", "conn_type": "t", "password": None}, "None is not of type 'string' - 'password'"),
        ({"connection_id": "c", "conn_type": "t", "port": "80"}, "'80' is not of type 'integer' - 'port'"),
        ({"connection_id": "c", "conn_type": "t", "port": True}, "True is not of type 'integer' - 'port'"),
    ],
)
def test_bodies_that_are_refused(deploy: Deploy, body: dict[str, Any], detail: str) -> None:
    answer = deploy().post(CONNECTIONS, json=body)

    assert (answer.status_code, answer.get_json()["detail"]) == (400, detail)


def test_patch_changes_what_is_sent(deploy: Deploy) -> None:
    call = deploy(WORLD)
    changed = call.patch(f"{CONNECTIONS}/main", json={"host": None, "port": 1, "connection_id": "main"}).get_json()

    assert (changed["host"], changed["port"], changed["login"]) == (None, 1, "reader")
    assert call.patch(f"{CONNECTIONS}/main", json={}).get_json() == changed


def test_patch_cannot_rename_but_can_empty_the_id(deploy: Deploy) -> None:
    call = deploy(WORLD)
    refused = call.patch(f"{CONNECTIONS}/main", json={"connection_id": "other"})
    assert (refused.status_code, refused.get_json()["detail"]) == (400, "The connection_id cannot be updated.")

    assert call.patch(f"{CONNECTIONS}/main", json={"connection_id": ""}).get_json()["connection_id"] == ""
    assert call.get(f"{CONNECTIONS}/main").status_code == 404
    listed = call.get(f"{CONNECTIONS}?order_by=description").get_json()["connections"]
    assert [row["connection_id"] for row in listed] == ["echo", ""]
    assert call.patch(f"{CONNECTIONS}/echo", json={"connection_id": ""}).status_code == 500


def test_equal_ones_keep_the_order_in_which_they_were_made(deploy: Deploy) -> None:
    call = deploy({"connections": [{"connection_id": name, "conn_type": "http"} for name in "ab"]})
    call.patch(f"{CONNECTIONS}/a", json={"connection_id": ""})

    listed = call.get(f"{CONNECTIONS}?order_by=port").get_json()["connections"]
    assert [row["connection_id"] for row in listed] == ["", "b"]


@pytest.mark.parametrize(
    ("mask", "changed"),
    [("host", {"host"}), (" host , port", {"host", "port"}), ("host&update_mask=port", {"port"}), ("extra", {"extra"})],
)
def test_update_mask(deploy: Deploy, mask: str, changed: set[str]) -> None:
    body = {"connection_id": "main", "conn_type": "t", "host": "h", "port": 1, "extra": "{}", "password": "p"}
    call = deploy(WORLD)
    before = call.get(f"{CONNECTIONS}/main").get_json()
    after = call.patch(f"{CONNECTIONS}/main?update_mask={mask}", json=body).get_json()

    assert {name for name, value in after.items() if value != before[name]} == changed


@pytest.mark.parametrize("wrong", ["connection_id", "conn_id", "nope", "", "HOST", "port"])
def test_update_mask_with_a_wrong_name(deploy: Deploy, wrong: str) -> None:
    body = {"connection_id": "main", "host": "h"}
    answer = deploy(WORLD).patch(f"{CONNECTIONS}/main?update_mask={wrong}", json=body)

    assert (answer.status_code, answer.get_json()["detail"]) == (400, f"'{wrong}' is unknown or cannot be updated.")


@pytest.mark.parametrize(
    ("path", "body", "detail"),
    [
        ("none", {"bogus": 1}, "{'bogus': ['Unknown field.']}"),
        ("none", {"connection_id": "x"}, "The Connection with connection_id: `none` was not found"),
        ("main?update_mask=nope", {"connection_id": "x"}, "The connection_id cannot be updated."),
    ],
)
def test_order_of_checks_of_patch(deploy: Deploy, path: str, body: dict[str, Any], detail: str) -> None:
    assert deploy(WORLD).patch(f"{CONNECTIONS}/{path}", json=body).get_json()["detail"] == detail


def test_delete(deploy: Deploy) -> None:
    call = deploy(WORLD)
    gone = call.delete(f"{CONNECTIONS}/main")

    assert (gone.status_code, gone.headers["Content-Type"]) == (204, "application/json")
    assert call.delete(f"{CONNECTIONS}/main").status_code == 404


@pytest.mark.parametrize(
    ("by", "status"), [("admin", 200), ("op", 200), ("user", 403), ("viewer", 403), ("public", 403), (None, 403)]
)
@pytest.mark.parametrize("path", [CONNECTIONS, "/api/v1/variables", "/api/v1/plugins", "/api/v1/providers"])
def test_who_may_read_what_operators_keep(deploy: Deploy, path: str, by: str | None, status: int) -> None:
    assert deploy().get(path, by=by).status_code == status


def test_world_gives_secrets_apart(deploy: Deploy) -> None:
    answered = {**MAIN, "extra": '{"api_token": "***"}'}
    secrets = {"main": {"password": "pw", "extra": '{"api_token": "real"}'}}
    airflow = deploy({"connections": [answered], "connection_secrets": secrets}).deployment.airflow

    connection = airflow.connections.get("main")
    assert (connection.password, connection.extra) == ("pw", '{"api_token": "real"}')
