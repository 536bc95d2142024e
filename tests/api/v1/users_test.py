"""Users over the API: what a login counts as, whom a body may make, and how soon access ends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Caller, Deploy

USERS = "/api/v1/users"
BODY = {"username": "vera", "email": "vera@example.com", "first_name": "Vera", "last_name": "V", "password": "vera"}


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy()


def detail(answer: Any) -> tuple[int, Any]:
    return answer.status_code, answer.get_json()["detail"]


def test_new_user_has_no_counts_and_times_without_a_zone(call: Caller) -> None:
    made = call.post(USERS, json=BODY)

    assert made.status_code == 200
    assert made.get_json() == {
        "active": True,
        "changed_on": "2025-06-01T12:00:00",
        "created_on": "2025-06-01T12:00:00",
        "email": "vera@example.com",
        "fail_login_count": None,
        "first_name": "Vera",
        "last_login": None,
        "last_name": "V",
        "login_count": None,
        "roles": [{"name": "Public"}],
        "username": "vera",
    }
    assert call.get(f"{USERS}/vera").get_json() == made.get_json()


def counts(call: Caller) -> tuple[Any, Any, Any]:
    told = call.get(f"{USERS}/vera").get_json()
    return told["login_count"], told["fail_login_count"], told["last_login"]


def test_every_request_with_basic_auth_counts_as_a_login(call: Caller) -> None:
    call.post(USERS, json=BODY)

    call._client.get("/api/v1/pools", auth=("vera", "wrong"))
    assert counts(call) == (0, 1, None)
    assert call.get("/api/v1/pools", by="vera").status_code == 403
    assert counts(call) == (1, 0, "2025-06-01T12:00:00")
    call.get("/api/v1/version", by="vera")  # open to everybody
    call.get("/api/v1/pools?bogus=1", by="vera")  # refused before anybody looks who is calling
    call.get("/api/v1/nope", by="vera")
    assert counts(call) == (1, 0, "2025-06-01T12:00:00")


@pytest.mark.parametrize(("login", "status"), [("VERA", 200), ("vera@example.com", 200), ("VERA@example.com", 403)])
def test_one_logs_in_with_the_name_in_any_case_or_with_the_email(call: Caller, login: str, status: int) -> None:
    call.post(USERS, json={**BODY, "roles": [{"name": "Viewer"}]})

    assert call._client.get("/api/v1/pools", auth=(login, "vera")).status_code == status


def test_inactive_user_is_nobody_and_is_not_counted(deploy: Deploy) -> None:
    idle = {"username": "vera", "password": "vera", "active": False, "roles": [{"name": "Admin"}]}
    call = deploy({"users": [idle, {"username": "admin", "password": "admin", "roles": [{"name": "Admin"}]}]})

    assert call.get("/api/v1/pools", by="vera").status_code == 403
    assert counts(call) == (None, None, None)


def test_names_in_a_path_are_taken_in_any_case(call: Caller) -> None:
    assert call.get(f"{USERS}/ADMIN").get_json()["username"] == "admin"
    assert detail(call.get(f"{USERS}/none")) == (404, "The User with username `none` was not found")


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"username": ""}, 400, "'' should be non-empty - 'username'"),
        ({"first_name": None}, 400, "None is not of type 'string' - 'first_name'"),
        ({"active": False}, 400, "Property is read-only - 'active'"),
        ({"login_count": "x"}, 400, "'x' is not of type 'integer' - 'login_count'"),
        ({"created_on": "x"}, 400, "Property is read-only - 'created_on'"),
        ({"failed_login_count": 1}, 400, "Property is read-only - 'failed_login_count'"),
        ({"fail_login_count": "x"}, 400, "{'fail_login_count': ['Unknown field.']}"),
        ({"first_name": "x" * 257}, 400, "{'first_name': ['Longer than maximum length 256.']}"),
        ({"roles": ["Viewer"]}, 400, "'Viewer' is not of type 'object' - 'roles.0'"),
        ({"roles": [None]}, 400, "{'roles': {0: ['Field may not be null.']}}"),
        (
            {"roles": [{"name": "Op"}, {}]},
            400,
            "{'roles': {1: {'name': ['Missing data for required field.']}}}",
        ),
        ({"roles": [{"name": "Nope"}, {"name": "Op"}, {"name": "op"}]}, 400, "Unknown roles: 'Nope', 'op'"),
        ({"username": "ADMIN"}, 409, "Username `ADMIN` already exists. Use PATCH to update."),
        ({"email": "op@example.com"}, 409, "The email `op@example.com` is already taken."),
        ({"roles": [{"name": "Op"}, {"name": "Op"}]}, 500, "Failed to add user `vera`."),
    ],
)
def test_bad_body_makes_nobody(call: Caller, change: dict[str, Any], status: int, told: str) -> None:
    assert detail(call.post(USERS, json={**BODY, **change})) == (status, told)
    assert call.get(f"{USERS}/vera").status_code == 404


def test_what_is_missing_is_told_in_the_documents_order(call: Caller) -> None:
    missing = ["Missing data for required field."]
    told = {"first_name": missing, "last_name": missing, "username": missing, "email": missing}

    assert detail(call.post(USERS, json={})) == (400, str(told))
    assert detail(call.patch(f"{USERS}/none", json={"first_name": "x", "last_name": "y"})) == (
        400,
        str({"username": missing, "email": missing}),
    )


def test_bug_with_doubled_roles_can_be_switched_off(deploy: Deploy) -> None:
    doubled = {**BODY, "roles": [{"name": "Op"}, {"name": "Op"}]}

    assert deploy(airflow_bugs=False).post(USERS, json=doubled).status_code == 400


def test_without_a_public_role_there_is_none_for_a_user_without_roles(deploy: Deploy) -> None:
    call = deploy(auth_role_public="")

    assert detail(call.post(USERS, json=BODY)) == (500, "Failed to add user `vera`.")
    assert call.post(USERS, json={**BODY, "roles": [{"name": "Op"}]}).status_code == 200


def test_patch_takes_over_the_body_or_what_the_mask_names(call: Caller) -> None:
    call.post(USERS, json={**BODY, "roles": [{"name": "Viewer"}]})

    call.patch(f"{USERS}/vera?update_mask= first_name", json={**BODY, "first_name": "A", "last_name": "B"})
    told = call.get(f"{USERS}/vera").get_json()
    assert (told["first_name"], told["last_name"], told["roles"]) == ("A", "V", [{"name": "Viewer"}])
    call.patch(f"{USERS}/vera", json={**BODY, "last_name": "B", "roles": []})
    told = call.get(f"{USERS}/vera").get_json()
    assert (told["first_name"], told["last_name"], told["roles"]) == ("Vera", "B", [])
    assert told["changed_on"] == told["created_on"]


@pytest.mark.parametrize(
    ("query", "change", "status", "told"),
    [
        ("", {"username": "admin"}, 409, "The username `admin` already exists"),
        ("", {"username": "VERA"}, 409, "The username `VERA` already exists"),
        ("?update_mask=nope", {"email": "op@example.com"}, 409, "The email `op@example.com` already exists"),
        ("?update_mask=first_name,nope,roles", {}, 400, "Unknown update masks: 'nope', 'roles'"),
        ("?update_mask=", {}, 400, "Unknown update masks: ''"),
        ("", {"roles": [{"name": "Nope"}]}, 400, "Unknown roles: 'Nope'"),
    ],
)
def test_refused_patch_changes_nothing(
    call: Caller, query: str, change: dict[str, Any], status: int, told: str
) -> None:
    before = call.post(USERS, json=BODY).get_json()

    assert detail(call.patch(f"{USERS}/vera{query}", json={**BODY, "last_name": "Z", **change})) == (status, told)
    assert call.get(f"{USERS}/vera").get_json() == before


def test_patch_that_the_database_refuses_is_passed_over(call: Caller) -> None:
    before = call.post(USERS, json=BODY).get_json()

    answer = call.patch(f"{USERS}/vera", json={**BODY, "last_name": "Z", "roles": [{"name": "Op"}, {"name": "Op"}]})
    assert (answer.status_code, answer.get_json()) == (200, before)


def test_renamed_user_logs_in_under_the_new_name_at_once(call: Caller) -> None:
    call.post(USERS, json={**BODY, "roles": [{"name": "Viewer"}]})

    assert call.patch(f"{USERS}/vera", json={**BODY, "username": "wera"}).get_json()["username"] == "wera"
    assert call._client.get("/api/v1/pools", auth=("vera", "vera")).status_code == 403
    assert call._client.get("/api/v1/pools", auth=("wera", "vera")).status_code == 200
    assert [user["username"] for user in call.get(USERS).get_json()["users"]][-1] == "wera"


def test_new_password_counts_from_the_next_request(call: Caller) -> None:
    call.post(USERS, json={**BODY, "roles": [{"name": "Viewer"}]})
    call.patch(f"{USERS}/vera", json={**BODY, "password": "new"})

    assert call.get("/api/v1/pools", by="vera").status_code == 403
    assert call._client.get("/api/v1/pools", auth=("vera", "new")).status_code == 200


def test_deleted_user_is_out_at_once(call: Caller) -> None:
    call.post(USERS, json={**BODY, "roles": [{"name": "Viewer"}]})
    assert call.get("/api/v1/pools", by="vera").status_code == 200

    deleted = call.delete(f"{USERS}/VERA")
    assert (deleted.status_code, deleted.headers["Content-Type"], deleted.get_data()) == (204, "application/json", b"")
    assert call.get("/api/v1/pools", by="vera").status_code == 403
    assert call.delete(f"{USERS}/vera").status_code == 404


@pytest.mark.parametrize(
    ("order", "expected"),
    [("id", "admin op user viewer public"), ("email", "admin op public user viewer"), ("first_name", None)],
)
def test_users_come_in_the_order_asked_for(call: Caller, order: str, expected: str | None) -> None:
    names = [user["username"] for user in call.get(f"{USERS}?order_by={order}").get_json()["users"]]

    assert names == (expected.split() if expected else sorted(names))
    assert call.get(f"{USERS}?order_by={order}&limit=2&offset=4").get_json()["total_entries"] == 5


@pytest.mark.parametrize("order", ["-id", "username", "created_on", ""])
def test_other_orders_are_refused_minus_and_all(call: Caller, order: str) -> None:
    expected = f"Ordering with '{order}' is disallowed or the attribute does not exist on the model"

    assert detail(call.get(USERS, query_string={"order_by": order})) == (400, expected)


@pytest.mark.parametrize("order", ["user_name", "is_active", "role"])
def test_orders_that_break_airflow_do_so_while_its_bugs_are_on(deploy: Deploy, order: str) -> None:
    broken = deploy().get(f"{USERS}?order_by={order}")

    assert (broken.status_code, broken.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert deploy(airflow_bugs=False).get(f"{USERS}?order_by={order}").status_code == 400


def test_only_admins_manage_users_and_nobody_is_logged_doing_so(call: Caller) -> None:
    for by in ("op", "viewer", None):
        assert call.get(USERS, by=by).status_code == 403
        assert call.post(USERS, by=by, json=BODY).status_code == 403
    call.post(USERS, json=BODY)
    call.delete(f"{USERS}/vera")

    assert len(call.deployment.airflow.event_logs) == 0


# the address of the user management itself

FAB = "/auth/fab/v1"


@pytest.mark.parametrize(
    "path", ["/users", "/users/admin", "/users?order_by=-id", "/roles/Op", "/permissions", "/roles"]
)
def test_user_management_answers_the_same_under_its_own_address(call: Caller, path: str) -> None:
    stable, own = call.get(f"/api/v1{path}"), call.get(f"{FAB}{path}")
    ignored = '"login_count": 1', '"login_count": 2'  # asking counts as a login

    assert own.status_code == stable.status_code
    assert own.get_data(as_text=True).replace(ignored[1], ignored[0]) == stable.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "by", "status", "session"),
    [
        ("/users", "admin", 200, True),
        ("/users", "op", 403, True),
        ("/users/none", "admin", 404, True),
        ("/users?limit=-1", "admin", 400, True),
        ("/users?order_by=role", "admin", 500, True),
        ("/users?limit=x", "admin", 400, False),
        ("/users", None, 403, False),
        ("/users", "nobody", 403, False),
        ("/nope", "admin", 404, False),
    ],
)
def test_whoever_logged_in_gets_a_session_there(
    call: Caller, path: str, by: str | None, status: int, session: bool
) -> None:
    answer = call.get(f"{FAB}{path}", by=by)

    assert (answer.status_code, answer.headers["Vary"]) == (status, "Cookie")
    assert answer.headers.get("Set-Cookie", "").startswith("session=") is session
    assert "Set-Cookie" not in call.get(f"/api/v1{path}", by=by).headers


def test_session_opens_the_api_until_the_user_is_gone(call: Caller) -> None:
    call.post(USERS, json={**BODY, "roles": [{"name": "Viewer"}]})
    call.get(f"{FAB}/users", by="vera")  # the client keeps the cookie

    assert call.get("/api/v1/pools", by=None).status_code == 200
    assert call.get("/api/v1/pools", by="nobody").status_code == 200  # a good session beats wrong credentials
    assert counts(call)[0] == 1
    call.delete(f"{USERS}/vera")
    assert call.get("/api/v1/pools", by=None).status_code == 403


def test_user_management_knows_no_cross_origin(deploy: Deploy) -> None:
    call = deploy(access_control_allow_origins="http://ui.example.org", access_control_allow_headers="accept")

    assert "Access-Control-Allow-Origin" in call.get(USERS).headers
    assert "Access-Control-Allow-Origin" not in call.get(f"{FAB}/users").headers
