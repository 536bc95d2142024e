"""The FAB auth manager of an Airflow 3: tokens, users, roles, permissions."""

from __future__ import annotations

from typing import Any, Protocol

import jwt
import pytest
from msgspec.structs import replace
from werkzeug.test import Client, TestResponse

from tests.support import Caller3, Deploy3

SECRET = "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789"
NEW = {"username": "new", "email": "n@x.org", "first_name": "N", "last_name": "W", "password": "new"}


@pytest.fixture
def call(deploy3: Deploy3) -> Caller3:
    public = {"username": "public", "password": "public", "roles": [{"name": "Public"}]}
    return deploy3({"fab": {"users": [public]}}, auth_manager="fab", jwt_secret=SECRET)


class Auth(Protocol):
    """Calls the auth manager's own API, below ``/auth``."""

    def __call__(self, method: str, path: str, by: str | None = "admin", **more: Any) -> TestResponse: ...


@pytest.fixture
def auth(call: Caller3) -> Auth:
    client = Client(call.deployment.wsgi, use_cookies=False)

    def send(method: str, path: str, by: str | None = "admin", **more: Any) -> TestResponse:
        headers = {}
        if by is not None:
            told = client.post("/auth/token", json={"username": by, "password": by}).json
            headers["Authorization"] = f"Bearer {told['access_token']}"
        return client.open(f"/auth{path}", method=method, headers=headers, **more)

    return send


def test_token_names_the_user_by_number(call: Caller3, auth: Auth) -> None:
    told = auth("POST", "/token", None, json={"username": "op", "password": "op", "more": 1})
    assert told.status_code == 201
    claims = jwt.decode(told.json["access_token"], SECRET, ["HS512"], {"verify_exp": False}, audience="apache-airflow")

    assert list(claims) == ["sub", "jti", "aud", "nbf", "exp", "iat"]
    user = call.deployment.airflow.users.get("op")
    assert (claims["sub"], claims["exp"] - claims["iat"]) == (str(user.id), 86400)


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"username": "op", "password": "x"}, 401, "Invalid credentials"),
        ({"username": 1, "password": "x"}, 401, "Invalid credentials"),
        ({"username": "op"}, 400, "Username and password must be provided"),
        ({}, 400, "Username and password must be provided"),
    ],
)
def test_sign_in_refused(auth: Auth, body: Any, status: int, detail: str) -> None:
    for path in ("/token", "/token/cli"):
        told = auth("POST", path, None, json=body)
        assert (told.status_code, told.json) == (status, {"detail": detail})


def test_sign_in_wants_an_object(auth: Auth) -> None:
    assert auth("POST", "/token", None, json=[1]).json["detail"][0]["type"] == "dict_type"
    assert auth("POST", "/token", None).json["detail"][0]["type"] == "missing"
    assert auth("GET", "/token", None).status_code == 404


def test_what_roles_may_do(call: Caller3) -> None:
    def status(who: str, method: str, path: str, **more: Any) -> int:
        return int(call(method, path, by=who, **more).status_code)

    assert [status(who, "GET", "/pools") for who in ("public", "viewer", "admin")] == [403, 200, 200]
    assert [status(who, "GET", "/providers") for who in ("viewer", "user", "op")] == [403, 403, 200]
    assert [status(who, "GET", "/eventLogs") for who in ("op", "admin")] == [403, 200]
    assert [status(who, "POST", "/assets/events", json={"asset_id": 9}) for who in ("viewer", "user")] == [403, 404]
    assert [status(who, "DELETE", "/assets/9/queuedEvents") for who in ("user", "op")] == [403, 404]


def test_users(call: Caller3, auth: Auth) -> None:
    made = auth("POST", "/fab/v1/users", json={**NEW, "roles": [{"name": "Viewer"}]})
    assert made.status_code == 200
    assert made.json == {
        "username": "new",
        "email": "n@x.org",
        "first_name": "N",
        "last_name": "W",
        "roles": [{"name": "Viewer"}],
        "active": True,
        "last_login": None,
        "login_count": None,
        "fail_login_count": None,
        "created_on": "2025-06-01T12:00:00",
        "changed_on": "2025-06-01T12:00:00",
    }
    assert auth("GET", "/fab/v1/users/new").json == made.json
    assert call("GET", "/dags", by="new").status_code == 200
    assert auth("POST", "/fab/v1/users", json={**NEW, "email": "o@x.org"}).status_code == 409
    other = {**NEW, "username": "other", "email": "o@x.org"}
    assert auth("POST", "/fab/v1/users", json=other).status_code == 500
    unknown = auth("POST", "/fab/v1/users", json={**other, "roles": [{"name": "Nope"}]})
    assert (unknown.status_code, unknown.json) == (400, {"detail": "Unknown roles: 'Nope'"})
    changed = auth("PATCH", "/fab/v1/users/new?update_mask=last_name", json={"last_name": "Z", "first_name": "Q"})
    assert (changed.json["first_name"], changed.json["last_name"]) == ("N", "Z")
    assert auth("PATCH", "/fab/v1/users/new?update_mask=x", json={}).json == {"detail": "Unknown update masks: 'x'"}
    names = [user["username"] for user in auth("GET", "/fab/v1/users?order_by=-username&limit=2").json["users"]]
    assert names == ["viewer", "user"]
    assert auth("GET", "/fab/v1/users", by="op").status_code == 403
    assert auth("DELETE", "/fab/v1/users/new").status_code == 204
    gone = auth("GET", "/fab/v1/users/new")
    assert (gone.status_code, gone.json) == (404, {"detail": "The User with username `new` was not found"})


def test_roles_and_permissions(call: Caller3, auth: Auth) -> None:
    pools = [{"action": {"name": "can_read"}, "resource": {"name": "Pools"}}]
    made = auth("POST", "/fab/v1/roles", json={"name": "Pooler", "actions": pools})
    assert (made.status_code, made.json) == (200, {"name": "Pooler", "actions": pools})
    assert auth("POST", "/fab/v1/roles", json={"name": "Pooler"}).status_code == 409
    odd = [{"action": {"name": "can_fly"}, "resource": {"name": "Pools"}}]
    refused = auth("POST", "/fab/v1/roles", json={"name": "Odd", "actions": odd})
    assert refused.json == {"detail": "The specified action: 'can_fly' was not found"}
    auth("POST", "/fab/v1/users", json={**NEW, "roles": [{"name": "Pooler"}]})
    assert [call("GET", path, by="new").status_code for path in ("/pools", "/dags")] == [200, 403]

    auth("PATCH", "/fab/v1/roles/Pooler", json={"name": "Seer", "actions": []})
    assert call("GET", "/pools", by="new").status_code == 403
    assert auth("GET", "/fab/v1/users/new").json["roles"] == [{"name": "Seer"}]
    assert auth("GET", "/fab/v1/roles").json["total_entries"] == 6
    deleted = auth("DELETE", "/fab/v1/roles/Seer")
    assert (deleted.status_code, deleted.json) == (200, None)
    assert auth("GET", "/fab/v1/roles/Seer").json == {"detail": "Role with name 'Seer' does not exist."}
    assert auth("GET", "/fab/v1/permissions?limit=1").json["actions"][0]["action"] == {"name": "can_edit"}
    assert auth("GET", "/fab/v1/permissions?order_by=-name").status_code == 400


def test_simple_auth_manager_has_no_users_api(deploy3: Deploy3) -> None:
    client = Client(deploy3().deployment.wsgi)

    assert client.get("/auth/fab/v1/users").content_type == "text/html; charset=utf-8"


def test_login_form_gives_the_cookie(call: Caller3) -> None:
    client = Client(call.deployment.wsgi)
    token = client.get("/auth/login/").text.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]
    form = {"csrf_token": token, "username": "OP@Example.com", "password": "op"}

    assert "CSRF session token is missing" in Client(call.deployment.wsgi).post("/auth/login/", data=form).text
    refused = client.post("/auth/login/", data=form)  # an email address counts as it is written
    assert (refused.status_code, refused.location) == (302, "http://localhost/auth/login/?next=%2Fauth%2F")
    assert client.get("/api/v2/pools").status_code == 401

    took = client.post("/auth/login/?next=/dags", data={**form, "username": "OP"})
    assert (took.status_code, took.location) == (302, "http://localhost/dags")
    assert client.get("/api/v2/pools").status_code == 200
    assert client.get("/auth/login/?next=http://evil.example/").location == "/auth/"
    assert call.deployment.airflow.users.get("op").login_count == 1

    left = client.get("/auth/logout")
    assert [cookie.partition("=")[0] for cookie in left.headers.getlist("Set-Cookie")] == ["session", "_token"]
    assert client.get("/api/v2/pools").status_code == 401
    assert client.get("/auth/login/").status_code == 200


def test_inactive_user_is_nobody(call: Caller3, auth: Auth) -> None:
    token = auth("POST", "/token", None, json={"username": "op", "password": "op"}).json["access_token"]
    users = call.deployment.airflow.users
    users.put(replace(users.get("op"), active=False))

    told = Client(call.deployment.wsgi).get("/api/v2/pools", headers={"Authorization": f"Bearer {token}"})
    assert (told.status_code, told.json) == (403, {"detail": "Invalid JWT token"})
    assert auth("POST", "/token", None, json={"username": "op", "password": "op"}).status_code == 401


def test_results_of_a_run_are_for_who_may_read_xcoms(deploy3: Deploy3) -> None:
    reading = [{"action": {"name": "can_read"}, "resource": {"name": resource}} for resource in ("DAGs", "DAG Runs")]
    people = {
        "roles": [{"name": "Runner", "actions": reading}],
        "users": [{"username": "runner", "roles": [{"name": "Runner"}]}],
    }
    run = {"dag_id": "etl", "dag_run_id": "r1", "state": "success"}
    world = {"fab": people, "dags": [{"dag_id": "etl"}], "dag_runs": [run]}
    call = deploy3(world, auth_manager="fab", jwt_secret=SECRET)
    wait = "/dags/etl/dagRuns/{}/wait?interval=1"
    refused = (403, "User is not authorized to read XCom data for this Dag")

    assert call("GET", wait.format("r1"), by="runner").text == '{"state": "success"}\n'
    for run_id in ("r1", "ghost"):
        assert call.detail("GET", wait.format(run_id) + "&result=", by="runner") == refused
    assert call("GET", wait.format("ghost"), by="runner").status_code == 404
    assert call("GET", wait.format("r1") + "&result=t", by="viewer").status_code == 200
